"""The contract of a blob store.

One way in: ``ingest`` hashes a content as it streams, checks it against what is
expected of it, and only then lets anybody see it. One way out: ``open``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

from ..journal import Journal
from .partial import Source
from .segments import Segments

#: Passes a content's chunks on, and sees them.
Watch = Callable[[Iterator[bytes]], Iterator[bytes]]


class BlobSink(Protocol):
    """Where blobs are sent to: what a BlobStore has for that, or what limits it."""

    def size(self, oid: bytes) -> int | None:
        """Return the size in bytes of a blob that is there, or None."""
        ...

    def touch(self, oid: bytes) -> bool:
        """Make a blob count as new; return whether it is there."""
        ...

    def partial(self, oid: bytes) -> int:
        """Return how many bytes ``receive`` would go on after."""
        ...

    def ingest(
        self, chunks: Iterable[bytes], oid: bytes, size: int, durable: bool = False
    ) -> tuple[bytes, int]:
        """Take in a blob; see BlobStore. Raises BlobTooLarge as well."""
        ...

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Take in the rest of a blob; see BlobStore. Raises BlobTooLarge as well."""
        ...

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Take in another store's file; see BlobStore. Raises BlobTooLarge as well."""
        ...

    def flush(self) -> None:
        """Bring to the disk what was taken in since the last time."""
        ...


class BlobStore(Protocol):
    """Keeps blobs by oid. Safe between threads and between processes.

    A reader never sees a part of a blob: it is there whole or not at all. Nothing
    is said of a blob that was damaged after it was taken in; ``damaged`` reads it.
    """

    def has(self, oid: bytes) -> bool:
        """Tells whether the store holds the blob."""
        ...

    def size(self, oid: bytes) -> int | None:
        """Returns the blob's size in bytes, or None where the store lacks it."""
        ...

    def touch(self, oid: bytes) -> bool:
        """Makes the blob count as new, so that it isn't removed for its age.

        To be asked instead of ``has`` before somebody is told not to send a blob
        that nothing may refer to yet. Tells whether the store holds it.
        """
        ...

    def link_local(self, oid: bytes) -> None:
        """Makes the blob the store's own, where it shares others' blobs.

        Raises BlobMissing where the store lacks it.
        """
        ...

    def open(self, oid: bytes) -> BinaryIO:
        """Opens the blob for reading; raises BlobMissing where the store lacks it."""
        ...

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Takes in a content given in chunks; returns its oid and size.

        Raises BlobMangled where the content is not the ``oid`` or has not the
        ``size`` that was expected, StoreFailed where the disk is full or refuses;
        then, and where ``chunks`` itself raises, the store is as it was. With
        ``durable`` the blob has reached the disk when this returns; without, it
        reaches it with the next ``flush``.
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

    def partial(self, oid: bytes) -> int:
        """Returns how many bytes ``receive`` would go on after."""
        ...

    def segments(
        self, oid: bytes, size: int
    ) -> contextlib.AbstractContextManager[Segments | None]:
        """Takes in a blob in parts, which arrive in any order.

        At the end of the ``with`` all has to have come, and is verified. None where
        that can't be done, or not now. What has come when its body raises is kept.
        """
        ...

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Takes in another store's file, by a link to it where that can be.

        It is read and checked before; ``watch`` is given its chunks and hands them
        on. Raises as ``ingest`` does.
        """
        ...

    def flush(self) -> None:
        """Brings to the disk what was taken in since the last time."""
        ...

    def told(self, journal: Journal) -> BlobStore:
        """Returns the same store, which talks to another journal: for a thread."""
        ...

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        """Returns the blob's size in bytes and whether it is doubtful, or None."""
        ...

    def room(self) -> int:
        """Returns how many bytes may still be stored."""
        ...

    def damaged(self, oid: bytes) -> bool:
        """Reads the blob and tells whether it is not what its name says.

        Raises BlobMissing where the store lacks it.
        """
        ...

    def remove(self, oid: bytes) -> None:
        """Forgets the blob; one that isn't there is no error."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Yields the oids of the blobs that the store holds, in no order."""
        ...
