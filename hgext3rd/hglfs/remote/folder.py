"""A folder of blobs as a remote: ``file:///some/folder``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model.blob import DOWNLOAD, BlobRef
from ..model.errors import BlobRefused
from ..store.api import BlobStore
from ..store.disk import DiskStore
from ..store.files import readchunks
from .api import Progress, Transfer
from .streams import checkintact, counted


class FolderRemote:
    """Moves blobs to and from a folder with a store's layout."""

    quiet = True

    def __init__(self, root: bytes) -> None:
        self._store = DiskStore(root)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[list[Transfer]]:
        """Yields one list with all there is to do."""
        if operation == DOWNLOAD:
            yield [_Download(self._store, ref) for ref in refs]
        else:
            yield [
                _Upload(self._store, ref)
                for ref in refs
                if self._store.size(ref.oid) != ref.size
            ]


@dataclass(frozen=True)
class _Download:
    folder: DiskStore
    ref: BlobRef

    def run(self, store: BlobStore, progress: Progress) -> None:
        if not self.folder.has(self.ref.oid):
            raise BlobRefused(
                b'LFS server error for "%s": The object does not exist' % self.ref.path
            )
        with self.folder.open(self.ref.oid) as handle:
            store.ingest(
                counted(readchunks(handle), progress),
                self.ref.oid,
                self.ref.size,
            )


@dataclass(frozen=True)
class _Upload:
    folder: DiskStore
    ref: BlobRef

    def run(self, store: BlobStore, progress: Progress) -> None:
        checkintact(store, self.ref)
        store.claim(self.ref.oid)
        with store.open(self.ref.oid) as handle:
            self.folder.ingest(
                counted(readchunks(handle), progress),
                self.ref.oid,
                self.ref.size,
            )
