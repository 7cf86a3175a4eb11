"""The errors of ``lfs/``, which does not depend on Mercurial.

::

    LfsError
    ├── PointerError            a text in history is not a valid pointer
    ├── BlobError
    │   ├── BlobMissing         no local store has the blob
    │   ├── BlobCorrupt         the checksum of a stored blob is not its oid
    │   ├── BlobTooLarge        the blob exceeds the size limit of a server
    │   └── StoreFailed         the file system failed to read or write a blob
    ├── Stopped                 the transfer was cancelled because of another error
    └── RemoteError
        ├── BlobRefused         the server replied with an error for one object
        │   └── BlobGone        the server does not have the object
        ├── BlobMangled         the received bytes are not the requested blob
        │   └── SizeMangled     the size of the received blob is wrong
        ├── ReplyBroken         a reply is malformed or incomplete
        ├── LockRefused         the server refused to lock or unlock a file
        ├── ConnectionFailed    there is no connection, or it broke
        ├── HttpFailed          the HTTP status is 400 or above
        ├── BatchTooLarge       a batch request has too many objects for the server
        └── EndpointUnusable    no remote is configured, or its URL is not supported

Each error has a ``message`` and a ``hint`` (bytes, for the user) with what failed and
what to do, and ``transient``, which is true where a retry can help. ``hg.abort``
translates them into Mercurial's errors.
"""

from __future__ import annotations

from . import words

#: HTTP statuses of errors that may be temporary.
PASSING = (408, 425, 429, 500, 502, 503, 504)


class LfsError(Exception):
    """The base class of all errors that ``lfs/`` raises."""

    transient = False

    def __init__(
        self,
        message: bytes,
        hint: bytes | None = None,
        transient: bool = False,
    ) -> None:
        self.message = message
        self.hint = hint
        super().__init__(self.message)
        self.transient = transient
        #: delay in seconds that the server asked for before a retry, or None
        self.after: float | None = None
        #: the file concerned, where it is known and not in the message
        self.path: bytes | None = None

    @property
    def message(self) -> bytes:
        """What failed, in one line, sanitized by ``words.shown``."""
        return self._message

    @message.setter
    def message(self, message: bytes) -> None:
        self._message = words.shown(message)

    @property
    def hint(self) -> bytes | None:
        """What the user can do, in one line, sanitized like ``message``."""
        return self._hint

    @hint.setter
    def hint(self, hint: bytes | None) -> None:
        self._hint = None if hint is None else words.shown(hint)

    def __str__(self) -> str:
        return self.message.decode(words.local(), 'replace')


class PointerError(LfsError):
    """A text that should be a pointer is not a valid one."""


class BlobError(LfsError):
    """A stored blob is missing or damaged, or the store failed."""


class BlobMissing(BlobError):
    """No local store has the blob."""


class BlobCorrupt(BlobError):
    """The checksum of a stored blob is not its oid."""


class StoreFailed(BlobError):
    """The file system failed to read or write a blob."""


class BlobTooLarge(BlobError):
    """A blob exceeds the size limit of a server."""

    def __init__(self, oid: bytes, size: int, most: int) -> None:
        found, allowed = words.bytecount(size), words.bytecount(most)
        message = b'lfs object %s has %s; objects of over %s are not taken'
        hint = b'the limit is lfs.maxsize in the configuration of the repository there'
        super().__init__(message % (oid, found, allowed), hint=hint)


class Stopped(LfsError):
    """The transfer was cancelled after another error, which is the one to report."""


class RemoteError(LfsError):
    """A request to a remote failed."""


class BlobRefused(RemoteError):
    """The server replied with an error for one object."""


class BlobGone(BlobRefused):
    """The server does not have the object."""


class BlobMangled(RemoteError):
    """The received bytes are not the requested blob."""


class SizeMangled(BlobMangled):
    """A blob's size differs from the size in its pointer."""


class ReplyBroken(RemoteError):
    """A reply or stream of a remote is malformed or incomplete."""


class LockRefused(RemoteError):
    """The server refused to lock or unlock a file."""


class ConnectionFailed(RemoteError):
    """There is no connection, or it broke."""


class HttpFailed(RemoteError):
    """The server replied with an HTTP status of 400 or above."""

    def __init__(
        self,
        status: int,
        reason: bytes,
        body: bytes = b'',
        after: float | None = None,
        hint: bytes | None = None,
    ) -> None:
        message = b'HTTP Error %d: %s' % (status, reason)
        super().__init__(message, hint, transient=status in PASSING)
        self.status = status
        self.body = body
        self.after = after


class BatchTooLarge(RemoteError):
    """A batch request has too many objects; the server may accept fewer."""


class EndpointUnusable(RemoteError):
    """No remote is configured, or its URL is not supported."""
