"""The lines of the access log, one for each transferred object.

Format: fields separated by spaces: user, ``download`` or ``upload``, oid, number of
transferred bytes, seconds, HTTP status, address of the client. Values that clients can
choose are percent-encoded, so that they have no spaces and line ends. ``-`` stands for
an unknown value.
"""

from __future__ import annotations

import time
import urllib.parse
from dataclasses import dataclass
from typing import Protocol

_HARMLESS = "!$&'()*+,-./:;=?@[]_~"


@dataclass(frozen=True)
class Moved:
    """The transfer of an object, successful or not, with its HTTP status."""

    operation: str
    oid: bytes
    size: int
    seconds: float
    status: int


@dataclass(frozen=True)
class Client:
    """The client of a transfer: the name of the user, and an IP address."""

    user: bytes | None
    address: bytes | None


class AccessLog(Protocol):
    """Log the transfers of objects."""

    def moved(self, operation: str, oid: bytes, size: int, status: int) -> None:
        """Log the transfer of ``size`` bytes of an object, with its HTTP status."""
        ...


class NoAccessLog:
    """An access log that ignores everything."""

    def moved(self, operation: str, oid: bytes, size: int, status: int) -> None:
        """Do nothing."""


def line(client: Client, moved: Moved) -> bytes:
    """Return the line of a transfer, without a line end."""
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
    """Return a line for the log file: the time ``now`` in UTC, ``text``, a line end.

    ``now`` is in seconds since the epoch.
    """
    when = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))
    return b'%s %s\n' % (when.encode('ascii'), text)


def _quoted(text: bytes | None) -> bytes:
    if not text:
        return b'-'
    return urllib.parse.quote(text, safe=_HARMLESS).encode('ascii')
