"""The error tree.

::

    LfsError
    ├── PointerError            a pointer in history is not one
    ├── BlobError
    │   ├── BlobMissing         no store at hand has the blob
    │   ├── BlobCorrupt         a blob at rest is not what its name says
    │   ├── BlobTooLarge        a server takes no blob of that size
    │   └── StoreFailed         the disk said no
    ├── Stopped                 somebody else ended the transfer
    └── RemoteError
        ├── BlobRefused         the server's own word about one object
        │   └── BlobGone        it does not have the object
        ├── BlobMangled         what arrived is not what was asked for
        │   └── SizeMangled     it has not as many bytes as were asked for
        ├── ReplyBroken         what was said of an object makes no sense
        ├── LockRefused         the server's own word about one lock
        ├── ConnectionFailed    nobody there, or the line broke
        ├── HttpFailed          an HTTP status of 400 and above
        ├── BatchTooLarge       one request is about more objects than are taken
        └── EndpointUnusable    no remote is configured, or not one of ours

Every error says in ``message`` and ``hint`` (bytes, for the user) what failed and
what to do, and in ``transient`` whether trying again can help. ``hg.abort``
turns them into Mercurial's.
"""

from __future__ import annotations

from . import words

#: HTTP's words for what may be better in a while.
PASSING = (408, 425, 429, 500, 502, 503, 504)


class LfsError(Exception):
    """Says what failed; the root of everything that the pure code raises."""

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
        #: how many seconds the server wants us to wait, where it says so
        self.after: float | None = None
        #: the file that it is about, where that is known and the message lacks it
        self.path: bytes | None = None

    @property
    def message(self) -> bytes:
        """What failed, in one line, as ``words.shown`` returns it."""
        return self._message

    @message.setter
    def message(self, message: bytes) -> None:
        self._message = words.shown(message)

    @property
    def hint(self) -> bytes | None:
        """What to do, likewise."""
        return self._hint

    @hint.setter
    def hint(self, hint: bytes | None) -> None:
        self._hint = None if hint is None else words.shown(hint)

    def __str__(self) -> str:
        return self.message.decode(words.local(), 'replace')


class PointerError(LfsError):
    """A text that should be a pointer is not one."""


class BlobError(LfsError):
    """Something is wrong with a blob at rest."""


class BlobMissing(BlobError):
    """No store at hand has the blob."""


class BlobCorrupt(BlobError):
    """A blob at rest does not hash to its name."""


class StoreFailed(BlobError):
    """The file system refused to read or write a blob."""


class BlobTooLarge(BlobError):
    """A blob has more bytes than a server takes."""

    def __init__(self, oid: bytes, size: int, most: int) -> None:
        message = b'lfs object %s has %d bytes; objects of over %d bytes are not taken'
        hint = b'the limit is lfs.maxsize in the configuration of the repository there'
        super().__init__(message % (oid, size, most), hint=hint)


class Stopped(LfsError):
    """Somebody else ended the transfer, for a reason of their own."""


class RemoteError(LfsError):
    """A remote did not do what it was asked."""


class BlobRefused(RemoteError):
    """The server answered for one object with an error of its own."""


class BlobGone(BlobRefused):
    """The server does not have the object, or has it no more."""


class BlobMangled(RemoteError):
    """The bytes that arrived are not the blob that was asked for."""


class SizeMangled(BlobMangled):
    """A blob has another size than its pointer says."""


class ReplyBroken(RemoteError):
    """What a remote said or sent makes no sense, or is not all there is."""


class LockRefused(RemoteError):
    """The server does not lock or unlock a file."""


class ConnectionFailed(RemoteError):
    """There was no connection, or it broke."""


class HttpFailed(RemoteError):
    """The server answered with an HTTP status of 400 or above."""

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
    """The server may answer a batch request about fewer objects."""


class EndpointUnusable(RemoteError):
    """No remote is configured, or its URL is of no kind that is known."""
