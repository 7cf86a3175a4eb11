"""What was moved for whom, as a line for a log.

Format: fields with a space between them: user, ``download`` or ``upload``, oid, bytes
that moved, seconds, HTTP status, address of the client. What others may choose is
quoted as in URLs, so that it can neither end a line nor begin a field; ``-`` is for
what isn't known.
"""

from __future__ import annotations

import time
import urllib.parse
from dataclasses import dataclass
from typing import Protocol

_HARMLESS = "!$&'()*+,-./:;=?@[]_~"


@dataclass(frozen=True)
class Moved:
    """One object that was moved, or was not: then the status tells why."""

    operation: str
    oid: bytes
    size: int
    seconds: float
    status: int


@dataclass(frozen=True)
class Client:
    """Who is served: the name by which others know the user, and an address."""

    user: bytes | None
    address: bytes | None


class AccessLog(Protocol):
    """Is told about each object that was moved."""

    def moved(self, operation: str, oid: bytes, size: int, status: int) -> None:
        """So many bytes of an object have moved."""
        ...


class NoAccessLog:
    """A log that nobody reads."""

    def moved(self, operation: str, oid: bytes, size: int, status: int) -> None:
        """Forgets it."""


def line(client: Client, moved: Moved) -> bytes:
    """Returns the line without its end."""
    return b'%s %s %s %d %.3f %d %s' % (
        _quoted(client.user),
        moved.operation.encode('ascii'),
        moved.oid,
        moved.size,
        moved.seconds,
        moved.status,
        _quoted(client.address),
    )


def stamped(text: bytes, now: float) -> bytes:
    """Returns a line of a file: a time in UTC, what is to be said, and an end."""
    when = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))
    return b'%s %s\n' % (when.encode('ascii'), text)


def _quoted(text: bytes | None) -> bytes:
    if not text:
        return b'-'
    return urllib.parse.quote(text, safe=_HARMLESS).encode('ascii')
