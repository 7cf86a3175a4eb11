"""The quarantine: a directory for damaged blobs, kept for inspection."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..oid import isoid
from . import files
from .api import Watch
from .disk import DiskStore
from .hashing import digest


class Quarantine:
    """Keep damaged blobs of a store in a directory, by their oids."""

    def __init__(self, folder: bytes, store: DiskStore) -> None:
        self.folder = folder
        self._store = store

    def path(self, oid: bytes) -> bytes:
        """Return the path of a damaged blob, whether it exists or not."""
        return os.path.join(self.folder, oid)

    def has(self, oid: bytes) -> bool:
        """Return whether a damaged blob is in quarantine."""
        return os.path.exists(self.path(oid))

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of the damaged blobs, sorted."""
        yield from (name for name in sorted(_names(self.folder)) if isoid(name))

    def size(self, oid: bytes) -> int:
        """Return the size of a damaged blob in bytes, 0 if it is not in quarantine."""
        try:
            return os.stat(self.path(oid)).st_size
        except OSError:
            return 0

    def statuses(self) -> Iterator[os.stat_result]:
        """Yield the status of each file in quarantine."""
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.is_file():
                        yield entry.stat()
        except OSError:
            return

    def prepare(self) -> None:
        """Prepare the store for ``take``; raise OSError, StoreFailed."""
        self._store.prepare_removal()

    def take(self, oid: bytes, status: os.stat_result) -> bool:
        """Move a blob out of its store, unless another file has replaced it.

        ``status`` identifies the file to move. Returns whether it was moved. The caller
        MUST have called ``prepare``. If the process is killed, the store still has the
        blob. Raises StoreFailed.
        """
        files.makefolders(self.folder, self._store.modes)
        return self._store.quarantine(oid, status, self.path(oid))

    def take_now(self, oid: bytes) -> bool:
        """Call ``prepare``, then move a blob's current file out of its store.

        Returns whether it was moved. Raises StoreFailed, also if the blob is missing.
        """
        try:
            self.prepare()
            return self.take(oid, os.stat(self._store.path(oid)))
        except OSError as exc:
            raise self._store.failed(b'move', oid, exc) from exc

    def keep(self, oid: bytes, path: bytes) -> None:
        """Copy a damaged file of another store, such as the cache, into the quarantine.

        The file itself stays where it is. If the quarantine has a copy of the blob
        already, no other copy is made. Raises OSError.
        """
        files.linkorcopy(path, self.path(oid), self.folder, self._store.modes)

    def discard(self, oid: bytes) -> None:
        """Remove the damaged copy of a blob."""
        files.discard(self.path(oid))

    def restore(self, oid: bytes, watch: Watch = iter) -> bool:
        """Move a blob back to the store; return False if it is damaged and stays.

        If the store has the blob already, the file in quarantine is only removed.
        ``watch`` observes the chunks of the blob.
        """
        with open(self.path(oid), 'rb') as handle:
            if digest(watch(files.readchunks(handle)))[0] != oid:
                return False
        if not self._store.has(oid):
            self._store.adopt(oid, self.path(oid))
        self.discard(oid)
        return True


def _names(folder: bytes) -> list[bytes]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
