"""The HTTP interface that remotes use.

The extension implements it with Mercurial's connection layer, including passwords,
certificates and proxies; see ``hg.transport``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Body(Protocol):
    """A request's body, as a file-like object."""

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` more bytes."""
        ...

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the start, when the request has to be resent."""
        ...


@dataclass(frozen=True)
class Request:
    """An HTTP request. ``body`` is bytes, or a file of ``length`` bytes."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Body | None = None
    length: int | None = None


class Response(Protocol):
    """A reply whose body can be read. MUST be closed, or used in ``with``."""

    @property
    def status(self) -> int:
        """The HTTP status, below 400."""
        ...

    @property
    def headerlines(self) -> Sequence[bytes]:
        """The headers as ``Name: value`` lines."""
        ...

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        ...

    def read(self, size: int) -> bytes:
        """Return up to ``size`` more bytes, or b'' at the end.

        Raises ReplyBroken if the connection breaks.
        """
        ...

    def __enter__(self) -> Response: ...

    def __exit__(self, *exc: object) -> None: ...


class Transport(Protocol):
    """Send requests, one at a time. Not thread safe."""

    def fork(self) -> Transport:
        """Return another transport for a thread, which MUST NOT prompt the user.

        The new transport has the passwords that this one has received.
        """
        ...

    def send(self, request: Request) -> Response:
        """Send a request and return the reply.

        Raises HttpFailed for a status of 400 and above, ConnectionFailed if there is no
        reply.
        """
        ...
