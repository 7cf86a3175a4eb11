"""How a remote speaks HTTP, without knowing who does it.

The extension puts Mercurial's own connection layer behind this, with its
passwords, certificates and proxies; see ``hg.transport``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Body(Protocol):
    """A file to be sent."""

    def read(self, size: int = -1) -> bytes:
        """Returns up to so many bytes more."""
        ...

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes back to the start, when the request has to be sent again."""
        ...


@dataclass(frozen=True)
class Request:
    """One request. ``body`` is bytes, or a file of ``length`` bytes."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Body | None = None
    length: int | None = None


class Response(Protocol):
    """A reply whose body is still to be read. Close it, or use it in ``with``."""

    @property
    def status(self) -> int:
        """The HTTP status, below 400."""
        ...

    @property
    def headerlines(self) -> Sequence[bytes]:
        """The headers as ``Name: value`` lines."""
        ...

    def header(self, name: str) -> str | None:
        """Returns a header's value."""
        ...

    def read(self, size: int) -> bytes:
        """Returns up to so many bytes more; none at the end.

        Raises ReplyBroken where it breaks off.
        """
        ...

    def __enter__(self) -> Response: ...

    def __exit__(self, *exc: object) -> None: ...


class Transport(Protocol):
    """Sends requests, one at a time. Not thread safe."""

    def fork(self) -> Transport:
        """Returns another for a thread, which asks nobody for anything.

        It knows the passwords that this one has come to know.
        """
        ...

    def send(self, request: Request) -> Response:
        """Returns the reply to a request.

        Raises HttpFailed for a status of 400 and above, ConnectionFailed where
        there is no reply at all.
        """
        ...
