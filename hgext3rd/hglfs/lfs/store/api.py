"""The contract of a blob store, in three protocols.

One way in: ``ingest`` and its kin hash a content as it streams, check it against what
is expected of it, and only then make it visible. One way out: ``open``.

``BlobSink`` is where blobs are sent to, ``BlobStore`` what a transfer needs of a store
at either end of it, ``LocalStore`` adds what only a store on this machine can do. MUST
and MAY are those of RFC 2119.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

from ..log import Log
from .partial import Source
from .segments import Segments

#: Passes a content's chunks on, and sees them.
Watch = Callable[[Iterator[bytes]], Iterator[bytes]]


class BlobSink(Protocol):
    """Takes blobs in: a BlobStore, or the limits in front of one.

    MUST be safe between threads and between processes. A reader MUST NOT see a part of
    a blob: it is there whole or not at all. Where there are limits, ``ingest``,
    ``receive`` and ``share`` MUST raise BlobTooLarge for a blob that exceeds them,
    before any of it is read.
    """

    def size(self, oid: bytes) -> int | None:
        """Return the blob's size in bytes, or None where it is not there."""
        ...

    def touch(self, oid: bytes) -> bool:
        """Make the blob new; return whether it is there.

        MUST be called before a sender is asked to leave out a blob that no history may
        name yet. One that is there MUST NOT be removed for its age from then on, until
        it is old again.
        """
        ...

    def partial(self, oid: bytes) -> int:
        """Return the offset in bytes at which ``receive`` would resume; 0 at first."""
        ...

    def ingest(
        self, chunks: Iterable[bytes], oid: bytes, size: int, durable: bool = False
    ) -> tuple[bytes, int]:
        """Take in a blob given in chunks; return its oid and size in bytes.

        MUST raise BlobMangled where the content is not the ``oid`` or has not the
        ``size``, StoreFailed where the disk is full or refuses; then, and where
        ``chunks`` itself raises, the store MUST be as it was. With ``durable`` the blob
        MUST have reached the disk when this returns; without, it reaches it with the
        next ``flush``.
        """
        ...

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Take in a blob, from where an earlier attempt ended if there was one.

        ``source`` is asked to start at an offset in bytes, and returns where it really
        starts, there or at 0, and the chunks from there on. What has come of a large
        blob when it raises MUST be kept for the next attempt, also where the process is
        killed; a small one MAY be received at once, without a trace of one that failed.
        Callers need not distinguish them. Raises what ``source`` raises, which MUST NOT
        be an OSError: that is taken for the disk's. Raises as ``ingest`` does, and
        ReplyBroken for a large blob that ends early, and may be resumed; a BlobMangled
        MUST be transient where an earlier attempt's part may be to blame, which then
        MUST be gone.
        """
        ...

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Take in another store's file, by a link to it where that is possible.

        It MUST be read and checked before; ``watch`` is given its chunks and passes
        them on. Raises as ``ingest`` does.
        """
        ...

    def flush(self) -> None:
        """Bring to the disk what was taken in since the last time."""
        ...


class BlobStore(BlobSink, Protocol):
    """Keeps blobs by oid.

    MUST be safe between threads and between processes. Whatever comes in MUST be hashed
    before it can be opened. A blob that was damaged after it came in MAY be returned as
    it is: see ``damaged``.
    """

    def open(self, oid: bytes) -> BinaryIO:
        """Open the blob for reading; raise BlobMissing where the store lacks it."""
        ...

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Take in a content given in chunks; return its oid and size in bytes.

        As BlobSink has it; besides, an ``oid`` or a ``size`` of None MUST match any.
        """
        ...

    def segments(
        self, oid: bytes, size: int
    ) -> contextlib.AbstractContextManager[Segments | None]:
        """Take in a blob in parts, which arrive in any order.

        At the end of the ``with`` all of it MUST have come, and is verified. None where
        that is impossible, or another transfer has the parts. What has come when its
        body raises MUST be kept for the next attempt.
        """
        ...

    def link_local(self, oid: bytes) -> None:
        """Make the blob the store's own, where it shares those of a cache.

        Raises BlobMissing where it is in neither.
        """
        ...

    def damaged(self, oid: bytes) -> bool:
        """Read the blob and return whether it is not what its name states.

        Raises BlobMissing where the store lacks it.
        """
        ...

    def with_log(self, log: Log) -> BlobStore:
        """Return the same store with another log: for a thread."""
        ...


class LocalStore(BlobStore, Protocol):
    """A BlobStore on this machine, which can be listed, cleaned up and served from."""

    def has(self, oid: bytes) -> bool:
        """Return whether the store has the blob."""
        ...

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        """Return the blob's size in bytes and whether it is doubtful, or None.

        It is where its file may have changed since it came in; it MUST NOT be read for
        that. Damage that leaves a file's time as it was need not be noticed.
        """
        ...

    def room(self) -> int:
        """Return how many bytes may still be stored; raise StoreFailed."""
        ...

    def remove(self, oid: bytes) -> None:
        """Remove the blob; one that isn't there is no error."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of the store's own blobs, in no order."""
        ...
