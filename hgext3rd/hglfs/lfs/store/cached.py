"""A repository's store, combined with the user's cache.

The cache is that of Mercurial's own ``lfs``: a second store, which all repositories of
the user share. Its blobs are hard links to the same files where possible.
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

#: The number of attempts to link a blob that other processes evict and store again.
_ATTEMPTS = 10


class CachedStore:
    """Keep blobs in a store and share them through a cache.

    See LocalStore for the contract. A blob that only the cache has is verified before
    it counts as present: all repositories of the user write to the cache, and hard
    links would spread a damaged blob.

    With ``proving``, blobs that only the cache has never count as present, because
    knowing an oid gives no right to read the blob. Once a client has uploaded such a
    blob, the store and the cache still share one file.
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
        """Return whether the store has the blob, or the cache has it undamaged."""
        return self.own.has(oid) or self._cached(oid) is not None

    def place(self, oid: bytes, size: int) -> bytes | None:
        """Return ``store`` or ``cache``, where the blob is, or None if in neither.

        Unlike ``has``, this does not read a blob in the cache to verify it. A file
        whose size is not ``size`` does not count.
        """
        cache = None if self._proving else self.cache
        for name, holder in ((b'store', self.own), (b'cache', cache)):
            with contextlib.suppress(OSError):  # a folder of another user
                if holder is not None and holder.size(oid) == size:
                    return name
        return None

    def size(self, oid: bytes) -> int | None:
        """Return the blob's size in bytes, or None."""
        size = self.own.size(oid)
        if size is not None:
            return size
        cache = self._cached(oid)
        return cache.size(oid) if cache else None

    def open(self, oid: bytes) -> BinaryIO:
        """Open the blob for reading, from the store or the cache."""
        return self._holder(oid).open(oid)

    def touch(self, oid: bytes) -> bool:
        """Reset the age of the store's own blob; return whether the store has it."""
        return self.own.touch(oid)

    def link_local(self, oid: bytes) -> None:
        """Add the blob to the repository's own store if only the cache has it.

        Logs where the blob was found. Raises BlobMissing if it is in neither.
        """
        if self.own.has(oid):
            self._log.note(b'lfs: found %s in the local lfs store\n' % oid)
            return
        cache = self._holder(oid)
        self._log.note(b'lfs: found %s in the usercache\n' % oid)
        for attempt in range(_ATTEMPTS):
            try:
                self.own.adopt(oid, cache.path(oid))
                return
            except StoreFailed as exc:
                vanished = isinstance(exc.__cause__, FileNotFoundError)
                if not vanished or attempt + 1 == _ATTEMPTS:
                    raise
                # another process has evicted it, and may have stored it again
                self._vetted.discard(oid)
                cache = self._holder(oid)

    def distrust(self, oid: bytes) -> None:
        """Treat the cached blob as unverified, so that its next use verifies it."""
        self._vetted.discard(oid)

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Store a blob from its chunks; return its oid and size in bytes."""
        found = self.own.ingest(chunks, oid, size, durable)
        self._share(*found)
        return found

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        """Store a blob, resuming an earlier attempt if there is one."""
        # a small blob comes back through ``ingest``, which shares it
        if not small.receive(self, oid, size, source, durable):
            self.own.receive(oid, size, source, durable)
            self._share(oid, size)

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Store the file of another store, as a hard link where possible."""
        self.own.share(source, oid, size, watch)
        self._share(oid, size)

    def partial(self, oid: bytes) -> int:
        """Return the offset in bytes at which ``receive`` would resume, or 0."""
        return self.own.partial(oid)

    @contextlib.contextmanager
    def segments(self, oid: bytes, size: int) -> Iterator[Segments | None]:
        """Store a blob from segments, which arrive in any order."""
        with self.own.segments(oid, size) as parts:
            yield parts
        if parts is not None:
            self._share(oid, size)

    def with_log(self, log: Log) -> CachedStore:
        """Return the same store with another log, for use in a thread."""
        store = CachedStore(self.own, self.cache, log, self._proving)
        store._vetted = self._vetted
        return store

    def absorb(self, source: BinaryIO, watch: Watch) -> tuple[bytes, int]:
        """Store a file's content; see ``DiskStore.absorb``."""
        found = self.own.absorb(source, watch)
        self._share(*found)
        return found

    def flush(self, seen: files.Seen = files.nothingseen) -> None:
        """Sync to the disk what was stored since the last ``flush``."""
        self.own.flush(seen)

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        """Return the blob's size in bytes and whether it is doubtful, or None."""
        found = self.own.stat(oid)
        if found is not None:
            return found
        cache = self._cached(oid)
        return cache.stat(oid) if cache else None

    def room(self) -> int:
        """Return the free space in bytes; raise StoreFailed."""
        return self.own.room()

    def damaged(self, oid: bytes) -> bool:
        """Verify the blob's checksum; return whether it differs from the oid."""
        return self._holder(oid).damaged(oid)

    def remove(self, oid: bytes) -> None:
        """Remove the blob from the store and from the cache."""
        self.own.remove(oid)
        if self.cache:
            self.cache.remove(oid)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of the store's own blobs, sorted."""
        return iter(self.own)

    def _holder(self, oid: bytes) -> DiskStore:
        holder = self.own if self.own.has(oid) else self._cached(oid)
        if holder is None:
            raise missing(oid)
        return holder

    def _share(self, oid: bytes, size: int) -> None:
        """Add the blob's file to the cache, as a hard link where possible."""
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
            # the cache is best effort: another process may write it, or it is read-only
            self._log.note(b'lfs: not in the usercache: %s\n' % _text(exc))

    def _cached(self, oid: bytes) -> DiskStore | None:
        """Return the cache if its blob is usable, else None; remove a damaged blob."""
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
                # possibly a file of another user: treat the blob as missing
                self._log.note(b'lfs: not in the usercache: %s\n' % _text(exc))
                return None
            self._vetted.add(oid)
        return self.cache


def _text(exc: Exception) -> bytes:
    return str(exc).encode('utf-8', 'replace')


if TYPE_CHECKING:
    _satisfies: type[LocalStore] = CachedStore
