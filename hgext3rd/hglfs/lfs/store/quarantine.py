"""Where damaged blobs are put: out of the way, for people to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..oid import isoid
from . import files
from .disk import DiskStore
from .hashing import digest


class Quarantine:
    """A folder of files that are not what their names say."""

    def __init__(self, folder: bytes, store: DiskStore) -> None:
        self.folder = folder
        self._store = store

    def path(self, oid: bytes) -> bytes:
        """Return where a damaged blob is, or would be."""
        return os.path.join(self.folder, oid)

    def has(self, oid: bytes) -> bool:
        """Return whether a damaged blob is here."""
        return os.path.exists(self.path(oid))

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of what is here, in their order."""
        yield from (name for name in sorted(_names(self.folder)) if isoid(name))

    def sizes(self) -> Iterator[int]:
        """Yield the size in bytes of each file here."""
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.is_file():
                        yield entry.stat().st_size
        except OSError:
            return

    def prepare(self) -> None:
        """Prepare the store for ``take``; raise OSError, StoreFailed where it can't."""
        self._store.prepare_removal()

    def take(self, oid: bytes, status: os.stat_result) -> bool:
        """Move a blob out of its store, if it still is the file with a status.

        Return whether it was. ``prepare`` has to be called before. Where the process
        is killed in between the store still has the blob. Raises StoreFailed.
        """
        files.makefolders(self.folder, self._store.modes)
        return self._store.quarantine(oid, status, self.path(oid))

    def take_now(self, oid: bytes) -> bool:
        """Move a blob out of its store, whatever its file; see ``take``.

        It needs no ``prepare``. Raises StoreFailed, also where the blob is gone.
        """
        try:
            self.prepare()
            return self.take(oid, os.stat(self._store.path(oid)))
        except OSError as exc:
            raise self._store.failed(b'move', oid, exc) from exc

    def discard(self, oid: bytes) -> None:
        """Remove what was kept of a blob, which is sound again."""
        files.discard(self.path(oid))

    def restore(self, oid: bytes) -> bool:
        """Give back to the store what turns out to be sound; return whether it was."""
        with open(self.path(oid), 'rb') as handle:
            if digest(files.readchunks(handle))[0] != oid:
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
