"""Receive blobs from clients into a repository's store, over any protocol.

All limits of a server are enforced here. Some routes check them as well, to refuse a
blob before its content is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from .. import words
from ..errors import BlobTooLarge, SizeMangled, StoreFailed
from .api import BlobSink, BlobStore, LocalStore, Watch
from .partial import Source


class Intake:
    """Store blobs within a server's size limits; see BlobSink for the contract.

    ``own`` is the repository's store without the cache: blobs in the cache do not count
    as present for a sender. ``into`` is the same store with the cache, if there is one.
    ``most`` is the maximum size of a blob in bytes, 0 for no limit. Blobs that a
    repository commits, downloads or creates itself are not limited.
    """

    def __init__(
        self, own: LocalStore, most: int = 0, into: BlobStore | None = None
    ) -> None:
        self._own = own
        self._into = into or own
        self.most = most

    def check(self, oid: bytes, size: int) -> None:
        """Check a blob's size and the free space; raise BlobTooLarge, StoreFailed."""
        self.checksize(oid, size)
        if size - self._own.partial(oid) > self._own.room():
            raise StoreFailed(
                b'there is no room for lfs object %s of %s'
                % (oid, words.bytecount(size))
            )

    def checksize(self, oid: bytes, size: int) -> None:
        """Check the size of a blob; raise BlobTooLarge."""
        if self.most and size > self.most:
            raise BlobTooLarge(oid, size, self.most)

    def size(self, oid: bytes) -> int | None:
        """Return the size in bytes of a blob that the store has, or None."""
        return self._own.size(oid)

    def touch(self, oid: bytes) -> bool:
        """Reset the blob's age; return whether the store has it."""
        return self._own.touch(oid)

    def partial(self, oid: bytes) -> int:
        """Return the offset in bytes at which ``receive`` would resume, or 0."""
        return self._own.partial(oid)

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes,
        size: int,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Store a blob from its chunks; return its oid and size in bytes."""
        self.check(oid, size)
        return self._into.ingest(_upto(chunks, oid, size), oid, size, durable)

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Store a blob, resuming an earlier attempt if there is one."""
        self.check(oid, size)

        def bounded(offset: int) -> tuple[int, Iterable[bytes]]:
            start, chunks = source(offset)
            return start, _upto(chunks, oid, size - start)

        self._into.receive(oid, size, bounded, durable)

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Store the file of another store, as a hard link where possible."""
        self.checksize(oid, size)  # not the free space: a link needs none
        self._into.share(source, oid, size, watch)

    def flush(self) -> None:
        """Sync to the disk what was stored since the last ``flush``."""
        self._into.flush()


def _upto(chunks: Iterable[bytes], oid: bytes, size: int) -> Iterator[bytes]:
    """Yield chunks; raise SizeMangled instead of exceeding ``size`` bytes."""
    left = size
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise SizeMangled(
                b'lfs object %s has more bytes than the %d announced' % (oid, size)
            )
        yield chunk


if TYPE_CHECKING:
    _satisfies: type[BlobSink] = Intake
