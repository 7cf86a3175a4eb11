"""The contract of a blob store, in three protocols.

Blobs come in through ``ingest``, ``receive``, ``share`` and ``segments``, which hash
the content and compare oid and size before they make the blob visible. Blobs go out
through ``open``.

``BlobSink`` is the destination of an upload, ``BlobStore`` is what a transfer needs of
a store, ``LocalStore`` adds what only a store on this machine can do. MUST and MAY are
those of RFC 2119.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

from ..log import Log
from .partial import Source
from .segments import Segments

#: Returns an iterator of the same chunks, which observes them: ``iter`` does nothing.
Watch = Callable[[Iterator[bytes]], Iterator[bytes]]
#: What a store does with a blob, for ``Show``.
VERIFYING, COPYING = b'lfs verifying', b'lfs copying'
#: Returns what observes the reading of a blob by the store itself, for VERIFYING or
#: COPYING, the blob's oid and its size in bytes. MUST be thread safe.
Show = Callable[[bytes, bytes, int], Watch]


def shownothing(what: bytes, oid: bytes, size: int) -> Watch:
    """Return a Watch that ignores progress: the Show to pass for no progress bars."""
    return iter


class BlobSink(Protocol):
    """Receive blobs: a BlobStore, or size limits in front of one.

    MUST be thread safe, and safe to use from several processes. A reader MUST NOT see
    an incomplete blob. ``ingest``, ``receive`` and ``share`` MUST raise BlobTooLarge
    for a blob that exceeds the limits, if there are any, before they read its content.
    """

    def size(self, oid: bytes) -> int | None:
        """Return the blob's size in bytes, or None if the store does not have it."""
        ...

    def touch(self, oid: bytes) -> bool:
        """Reset the blob's age; return whether the store has it.

        The caller MUST call this before it lets a sender skip the blob, because history
        may not refer to the blob yet. After the call, the store MUST NOT remove the
        blob because of its age until it has expired again.
        """
        ...

    def partial(self, oid: bytes) -> int:
        """Return the offset in bytes at which ``receive`` would resume, or 0."""
        ...

    def ingest(
        self, chunks: Iterable[bytes], oid: bytes, size: int, durable: bool = False
    ) -> tuple[bytes, int]:
        """Store a blob from its chunks; return its oid and size in bytes.

        MUST raise BlobMangled if the content does not match ``oid`` or ``size``, and
        StoreFailed if the disk is full or writing fails. After these errors, and after
        an exception from ``chunks``, the store MUST be unchanged. With ``durable`` the
        blob MUST be synced to the disk on return; without it, by the next ``flush``.
        """
        ...

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Store a blob, resuming an earlier attempt if there is one.

        ``source`` is called with an offset in bytes. It returns the offset at which it
        starts, which is the same or 0, and the chunks from there on. It MUST NOT raise
        OSError, which would count as an error of the disk; other exceptions of
        ``source`` pass through.

        When a large blob fails, the store MUST keep the bytes received so far for the
        next attempt, even if the process is killed. A small blob MAY be received as a
        whole or not at all.

        Raises as ``ingest`` does, and ReplyBroken, which is transient, for a large blob
        that ends early. If bytes of an earlier attempt may be the cause of a
        BlobMangled, the store MUST have removed these bytes, and the error MUST be
        transient.
        """
        ...

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Store the file of another store, as a hard link where possible.

        ``source`` is that file, open for reading; ``oid`` and ``size`` are its expected
        oid and size in bytes. This method MUST read and verify the content before it
        stores the file. ``watch`` is called with an iterator of the content's chunks,
        and returns an iterator of the same chunks, for example to show progress. Raises
        as ``ingest`` does.
        """
        ...

    def flush(self) -> None:
        """Sync to the disk what was stored since the last ``flush``."""
        ...


class BlobStore(BlobSink, Protocol):
    """Store blobs by oid.

    MUST be thread safe, and safe to use from several processes. Content MUST be hashed
    before it can be opened. A blob that was damaged later MAY be returned as it is; see
    ``damaged``.
    """

    def open(self, oid: bytes) -> BinaryIO:
        """Open the blob for reading; raise BlobMissing if it is not in the store."""
        ...

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Store a blob from its chunks; return its oid and size in bytes.

        As in BlobSink; an ``oid`` or ``size`` of None MUST match any.
        """
        ...

    def segments(
        self, oid: bytes, size: int
    ) -> contextlib.AbstractContextManager[Segments | None]:
        """Store a blob from segments, which arrive in any order.

        The context yields None if the store does not support segments, or if another
        transfer uses the segments of this blob. The caller MUST complete all segments
        before it leaves the context without an exception; then the store verifies the
        blob. If the context raises, the store MUST keep the received bytes for the next
        attempt.
        """
        ...

    def link_local(self, oid: bytes) -> None:
        """Add the blob to the repository's own store if only the cache has it.

        Raises BlobMissing if it is in neither.
        """
        ...

    def damaged(self, oid: bytes) -> bool:
        """Verify the blob's checksum; return whether it differs from the oid.

        Raises BlobMissing if the store does not have the blob.
        """
        ...

    def with_log(self, log: Log) -> BlobStore:
        """Return the same store with another log, for use in a thread."""
        ...


class LocalStore(BlobStore, Protocol):
    """A BlobStore on this machine, which can be listed, cleaned up and served from."""

    def has(self, oid: bytes) -> bool:
        """Return whether the store has the blob."""
        ...

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        """Return the blob's size in bytes and whether it is doubtful, or None.

        A blob is doubtful if its file may have changed since it was stored. This MUST
        NOT read the content. Damage that keeps the file's time MAY go unnoticed.
        """
        ...

    def room(self) -> int:
        """Return the free space in bytes; raise StoreFailed."""
        ...

    def remove(self, oid: bytes) -> None:
        """Remove the blob, if the store has it."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of the store's own blobs, in any order."""
        ...
