"""How blobs that others send come into a repository's store, over any protocol.

A server's limits are kept here and nowhere else: a route that checks them as well
does so in order to answer before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from ..errors import BlobTooLarge, SizeMangled, StoreFailed
from .api import BlobSink, BlobStore, LocalStore, Watch
from .partial import Source


class Intake:
    """Takes blobs into a store within a server's limits; see BlobSink.

    ``own`` has what is there, and what comes in; ``into`` is the same store with a
    cache behind it, if it has one. For a sender no blob of the cache's is there.
    ``most`` is how many bytes a blob may have, 0 any number. What a repository commits,
    downloads or makes itself has no such limits.
    """

    def __init__(
        self, own: LocalStore, most: int = 0, into: BlobStore | None = None
    ) -> None:
        self._own = own
        self._into = into or own
        self.most = most

    def check(self, oid: bytes, size: int) -> None:
        """Verify that a blob may come in; raise BlobTooLarge, StoreFailed."""
        self.checksize(oid, size)
        if size - self._own.partial(oid) > self._own.room():
            raise StoreFailed(
                b'there is no room for lfs object %s of %d bytes' % (oid, size)
            )

    def checksize(self, oid: bytes, size: int) -> None:
        """Verify that a blob is not too large; raise BlobTooLarge."""
        if self.most and size > self.most:
            raise BlobTooLarge(oid, size, self.most)

    def size(self, oid: bytes) -> int | None:
        """Return the size in bytes of a blob that the store has, or None."""
        return self._own.size(oid)

    def touch(self, oid: bytes) -> bool:
        """Make a blob count as new; return whether the store has it."""
        return self._own.touch(oid)

    def partial(self, oid: bytes) -> int:
        """Return how many bytes ``receive`` would go on after."""
        return self._own.partial(oid)

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes,
        size: int,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Take in a blob given in chunks; return its oid and size."""
        self.check(oid, size)
        return self._into.ingest(_upto(chunks, oid, size), oid, size, durable)

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Take in a blob, from where an earlier attempt ended if there was one."""
        self.check(oid, size)

        def bounded(offset: int) -> tuple[int, Iterable[bytes]]:
            start, chunks = source(offset)
            return start, _upto(chunks, oid, size - start)

        self._into.receive(oid, size, bounded, durable)

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Take in another store's file, by a link to it if possible."""
        self.checksize(oid, size)  # a link needs no room
        self._into.share(source, oid, size, watch)

    def flush(self) -> None:
        """Bring to the disk what was taken in since the last time."""
        self._into.flush()


def _upto(chunks: Iterable[bytes], oid: bytes, size: int) -> Iterator[bytes]:
    """Yield chunks; raise SizeMangled before there are more than so many bytes."""
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
