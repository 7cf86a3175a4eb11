"""A repository's store with the user's cache behind it.

The cache is Mercurial's own ``lfs``'s: a second store, shared by all the user's
repositories, whose blobs are the same files by hard links where that is possible.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from ..errors import BlobMissing, StoreFailed
from ..log import Log
from . import files, small
from .api import LocalStore, Watch
from .disk import DiskStore, missing
from .partial import Source
from .segments import Segments


class CachedStore:
    """Keeps blobs in a store of its own and shares them through a cache.

    See LocalStore for the contract. A blob that only the cache has counts as there
    once its content has been checked: all the user's repositories write to the cache,
    and one damaged blob must not spread by links.

    With ``proving`` none of the cache's blobs count: to know a blob's name gives no
    right to it. It still is the same file, once it has come in by itself.
    """

    def __init__(
        self,
        store: DiskStore,
        cache: DiskStore | None,
        log: Log,
        proving: bool = False,
    ) -> None:
        self.own = store
        self.cache = cache
        self._proving = proving
        self._log = log
        self._vetted: set[bytes] = set()

    def has(self, oid: bytes) -> bool:
        """Return whether the blob is in the store, or intact in the cache."""
        return self.own.has(oid) or self._cached(oid) is not None

    def size(self, oid: bytes) -> int | None:
        """Return the blob's size in bytes, or None."""
        size = self.own.size(oid)
        if size is not None:
            return size
        cache = self._cached(oid)
        return cache.size(oid) if cache else None

    def open(self, oid: bytes) -> BinaryIO:
        """Open the blob for reading, wherever it is."""
        return self._holder(oid).open(oid)

    def touch(self, oid: bytes) -> bool:
        """Make the store's own blob new; return whether it is there."""
        return self.own.touch(oid)

    def link_local(self, oid: bytes) -> None:
        """Make the blob the store's own where only the cache has it.

        The log is given where it was found. Raises BlobMissing where it is in
        neither.
        """
        if self.own.has(oid):
            self._log.note(b'lfs: found %s in the local lfs store\n' % oid)
            return
        cache = self._holder(oid)
        self._log.note(b'lfs: found %s in the usercache\n' % oid)
        self.own.adopt(oid, cache.path(oid))

    def distrust(self, oid: bytes) -> None:
        """Have the cache's blob read and checked again before it is used."""
        self._vetted.discard(oid)

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Take in a content given in chunks; return its oid and size in bytes."""
        found = self.own.ingest(chunks, oid, size, durable)
        self._share(*found)
        return found

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Take in a blob, from where an earlier attempt ended if there was one."""
        # a small one is linked in its turn, too
        if not small.receive(self, oid, size, source, durable):
            self.own.receive(oid, size, source, durable)
            self._share(oid, size)

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Take in another store's file, by a link to it if possible."""
        self.own.share(source, oid, size, watch)
        self._share(oid, size)

    def partial(self, oid: bytes) -> int:
        """Return how many bytes of a blob are there from an earlier attempt."""
        return self.own.partial(oid)

    @contextlib.contextmanager
    def segments(self, oid: bytes, size: int) -> Iterator[Segments | None]:
        """Take in a blob in parts, which arrive in any order."""
        with self.own.segments(oid, size) as parts:
            yield parts
        if parts is not None:
            self._share(oid, size)

    def with_log(self, log: Log) -> CachedStore:
        """Return the same store with another log, as a thread needs one."""
        store = CachedStore(self.own, self.cache, log, self._proving)
        store._vetted = self._vetted
        return store

    def absorb(self, source: BinaryIO, watch: Watch) -> tuple[bytes, int]:
        """Take in a file's content, by its blocks where the system can share them."""
        found = self.own.absorb(source, watch)
        self._share(*found)
        return found

    def flush(self) -> None:
        """Bring to the disk what was taken in since the last time."""
        self.own.flush()

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        """Return the blob's size in bytes and whether it is doubtful, or None."""
        found = self.own.stat(oid)
        if found is not None:
            return found
        cache = self._cached(oid)
        return cache.stat(oid) if cache else None

    def room(self) -> int:
        """Return how many bytes may still be stored; raise StoreFailed."""
        return self.own.room()

    def damaged(self, oid: bytes) -> bool:
        """Read the blob and return whether it is not what its name states."""
        return self._holder(oid).damaged(oid)

    def remove(self, oid: bytes) -> None:
        """Remove the blob, here and in the cache."""
        self.own.remove(oid)
        if self.cache:
            self.cache.remove(oid)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of the store's own blobs, in their order."""
        return iter(self.own)

    def _holder(self, oid: bytes) -> DiskStore:
        holder = self.own if self.own.has(oid) else self._cached(oid)
        if holder is None:
            raise missing(oid)
        return holder

    def _share(self, oid: bytes, size: int) -> None:
        """Add the same file to the cache, where it can be the same."""
        if not self.cache:
            return
        own = self.own.path(oid)
        try:
            cached = self.cache.size(oid)
            if cached != size:
                self._log.note(b'lfs: adding %s to the usercache\n' % oid)
            elif not files.couldlink(own, self.cache.path(oid)):
                return
            elif self._proving and files.samecontent(own, self.cache.path(oid)):
                self.own.replace(oid, self.cache.path(oid))
                return
            if cached is not None:
                self.cache.remove(oid)
            self.cache.adopt(oid, own)
        except (StoreFailed, OSError) as exc:
            # another process writes it, or we may not; the store has the blob
            self._log.note(b'lfs: not in the usercache: %s\n' % _text(exc))

    def _cached(self, oid: bytes) -> DiskStore | None:
        """Return the cache where it has the blob; remove a damaged one from it."""
        if not self.cache or self._proving or not self.cache.has(oid):
            return None
        if oid not in self._vetted:
            try:
                if self.cache.damaged(oid):
                    self._log.note(
                        b'lfs: dropping corrupt %s from the usercache\n' % oid
                    )
                    self.cache.remove(oid)
                    return None
            except (BlobMissing, StoreFailed, OSError) as exc:
                # another user's; as good as none
                self._log.note(b'lfs: not in the usercache: %s\n' % _text(exc))
                return None
            self._vetted.add(oid)
        return self.cache


def _text(exc: Exception) -> bytes:
    return str(exc).encode('utf-8', 'replace')


if TYPE_CHECKING:
    _satisfies: type[LocalStore] = CachedStore
