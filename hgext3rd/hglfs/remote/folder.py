"""Blobs that are a folder away: ``file://``, and other repositories on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model.blob import DOWNLOAD, BlobRef
from ..model.journal import Journal
from ..store.api import BlobStore
from ..store.files import readchunks
from .api import Line, Plan, Transfer, Watch
from .replies import refused
from .streams import Mute, checkthere, counted, proven


class FolderRemote:
    """Moves blobs to and from a store at hand; see Remote for the contract.

    With ``links`` both stores may hold the same file.
    """

    quiet = True
    parallel = 1

    def __init__(self, name: bytes, store: BlobStore, links: bool = False) -> None:
        self.name = name
        self._store = store
        self._links = links

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yields one plan with all there is to do."""
        there = {ref.oid for ref in refs if self._store.size(ref.oid) == ref.size}
        if operation == DOWNLOAD:
            yield Plan(
                len(refs),
                [self._transfer(operation, ref) for ref in refs if ref.oid in there],
                [(ref, refused(ref, 404)) for ref in refs if ref.oid not in there],
            )
        else:
            there = {oid for oid in there if self._store.touch(oid)}
            wanted = [ref for ref in refs if ref.oid not in there]
            yield Plan(len(refs), [self._transfer(operation, ref) for ref in wanted])

    def line(self, journal: Journal | None = None) -> Line:
        """Returns a line; there is nothing to it."""
        return Mute()

    def _transfer(self, operation: str, ref: BlobRef) -> Transfer:
        return _Copy(self._store, ref, operation == DOWNLOAD, self._links)


@dataclass(frozen=True)
class _Copy:
    there: BlobStore
    ref: BlobRef
    download: bool
    links: bool

    @property
    def refs(self) -> Sequence[BlobRef]:
        return [self.ref]

    def run(self, line: Line, store: BlobStore, watch: Watch) -> None:
        watch.started(self.ref)
        source, target = self.there, store
        if not self.download:
            checkthere(store, self.ref)
            store.claim(self.ref.oid)
            source, target = store, self.there
        oid, size = self.ref.oid, self.ref.size
        with source.open(oid) as handle:
            if self.links:
                target.share(handle, oid, size, lambda some: self._seen(some, watch))
            else:
                target.ingest(self._seen(readchunks(handle), watch), oid, size)
        watch.arrived(self.ref)

    def _seen(self, chunks: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
        # what arrives is proven by whoever takes it in
        leaving = chunks if self.download else proven(chunks, self.ref)
        return counted(leaving, watch.moved)
