"""Verify the copies of blobs that stores have."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import BlobMissing, StoreFailed
from . import files
from .api import Watch
from .disk import DiskStore
from .hashing import digest

#: The states of a copy.
MISSING, SOUND, DAMAGED, UNREADABLE = b'missing', b'sound', b'damaged', b'unreadable'


@dataclass(frozen=True)
class Copy:
    """A store's copy of a blob, as it was when it was read.

    ``status`` identifies the file; it is None if the file could not be opened.
    ``reason`` is why an unreadable copy could not be read.
    """

    state: bytes
    status: os.stat_result | None = None
    reason: bytes = b''

    @property
    def size(self) -> int:
        """The size of the file in bytes, 0 if it could not be opened."""
        return self.status.st_size if self.status is not None else 0

    def isfile(self, path: bytes) -> bool:
        """Return whether a path still refers to the file that was read."""
        try:
            return self.status is not None and os.path.samestat(
                self.status, os.stat(path)
            )
        except OSError:
            return False


def inspect(store: DiskStore, oid: bytes, watch: Watch = iter) -> Copy:
    """Verify a store's copy of a blob, and seal its file if the checksum is right.

    For sealing see ``files.seal``. ``watch`` observes the chunks; its exceptions pass
    through. A damaged file is not moved or removed. Thread safe.
    """
    status = None
    try:
        with store.open(oid) as handle:
            status = os.fstat(handle.fileno())
            if digest(watch(files.readchunks(handle)))[0] != oid:
                return Copy(DAMAGED, status)
            store.sealverified(handle, status)
            return Copy(SOUND, status)
    except BlobMissing:
        return Copy(MISSING)
    except StoreFailed as exc:
        return Copy(UNREADABLE, reason=exc.message)
    except OSError as exc:
        return Copy(UNREADABLE, status, files.reason(exc))
