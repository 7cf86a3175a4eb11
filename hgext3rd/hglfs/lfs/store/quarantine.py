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
        """Returns where a damaged blob is, or would be."""
        return os.path.join(self.folder, oid)

    def has(self, oid: bytes) -> bool:
        """Return whether a damaged blob is here."""
        return os.path.exists(self.path(oid))

    def __iter__(self) -> Iterator[bytes]:
        """Yields the oids of what is here, in their order."""
        yield from (name for name in sorted(_names(self.folder)) if isoid(name))

    def take(self, oid: bytes, status: os.stat_result) -> bool:
        """Takes a blob out of its store, if it still is the file with a status.

        Where the process is killed meanwhile the store still has it.
        """
        files.makefolders(self.folder, self._store.modes)
        return self._store.quarantine(oid, status, self.path(oid))

    def discard(self, oid: bytes) -> None:
        """Forgets what was kept of a blob, which is sound again."""
        files.discard(self.path(oid))

    def restore(self, oid: bytes) -> bool:
        """Gives back to the store what turns out to be sound; tells whether it was."""
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
