"""Copy blobs to and from a directory: ``file://``, and repositories on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from ..blob import DOWNLOAD, BlobRef
from ..errors import BlobTooLarge
from ..log import Log
from ..store.api import BlobSink, BlobStore
from ..store.api import Watch as Seen
from ..store.files import readchunks
from ..store.intake import Intake
from .api import Connection, Held, Plan, Transfer, Watch
from .replies import refused
from .streams import NullConnection, checkthere, counted, verified


class FolderRemote:
    """Copy blobs to and from a local store; see Remote for the contract.

    With ``links`` both stores may share files by hard links. Uploads go to ``sink``,
    which enforces size limits; if it is None, they go to the store.
    """

    quiet = True
    parallel = 1

    def __init__(
        self,
        name: bytes,
        store: BlobStore,
        links: bool = False,
        sink: Intake | None = None,
    ) -> None:
        self.name = name
        self._store = store
        self._links = links
        self._sink = sink

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield one plan: transfers, and errors for blobs that cannot be transferred.

        Downloads of missing blobs, and uploads of blobs that exceed the limits, are
        errors. Blobs that the folder already has are not uploaded.
        """
        sizes = {ref: self._store.size(ref.oid) for ref in refs}
        if operation == DOWNLOAD:
            # a blob with a wrong size is found to be damaged when it is copied
            yield Plan(
                len(refs),
                [
                    self._transfer(operation, ref)
                    for ref in refs
                    if sizes[ref] is not None
                ],
                [
                    (ref, refused(ref, HTTPStatus.NOT_FOUND))
                    for ref in refs
                    if sizes[ref] is None
                ],
            )
        else:
            wanted = [
                ref
                for ref in refs
                if sizes[ref] != ref.size or not self._store.touch(ref.oid)
            ]
            unfit = [(ref, why) for ref in wanted if (why := self._whynot(ref))]
            names = {ref.oid for ref, _why in unfit}
            wanted = [ref for ref in wanted if ref.oid not in names]
            transfers = [self._transfer(operation, ref) for ref in wanted]
            yield Plan(len(refs), transfers, unfit)

    def held(self, refs: Sequence[BlobRef]) -> Iterator[Held]:
        """Yield which blobs the store has in the right size; do not read them."""
        found = (ref for ref in refs if self._store.size(ref.oid) == ref.size)
        yield Held(len(refs), frozenset(ref.oid for ref in found))

    def connect(self, log: Log | None = None) -> Connection:
        """Return a connection; local transfers do not use it."""
        return NullConnection()

    def _whynot(self, ref: BlobRef) -> BlobTooLarge | None:
        try:
            if self._sink is not None:
                self._sink.checksize(ref.oid, ref.size)
        except BlobTooLarge as exc:
            exc.path = ref.path
            return exc
        return None

    def _transfer(self, operation: str, ref: BlobRef) -> Transfer:
        if operation == DOWNLOAD:
            return _LocalDownload(self._store, ref, self._links)
        return _LocalUpload(self._sink or self._store, ref, self._links)


@dataclass(frozen=True)
class _LocalDownload:
    there: BlobStore
    ref: BlobRef
    links: bool

    @property
    def refs(self) -> Sequence[BlobRef]:
        return [self.ref]

    def run(self, connection: Connection, store: BlobStore, watch: Watch) -> None:
        watch.started(self.ref)
        # the receiving store verifies the blob
        _copy(
            self.ref,
            self.there,
            store,
            self.links,
            lambda some: counted(some, watch.moved),
        )
        watch.arrived(self.ref)


@dataclass(frozen=True)
class _LocalUpload:
    there: BlobSink
    ref: BlobRef
    links: bool

    @property
    def refs(self) -> Sequence[BlobRef]:
        return [self.ref]

    def run(self, connection: Connection, store: BlobStore, watch: Watch) -> None:
        watch.started(self.ref)
        checkthere(store, self.ref)
        store.link_local(self.ref.oid)

        def seen(chunks: Iterator[bytes]) -> Iterator[bytes]:
            return counted(verified(chunks, self.ref), watch.moved)

        _copy(self.ref, store, self.there, self.links, seen)
        watch.arrived(self.ref)


def _copy(
    ref: BlobRef, source: BlobStore, target: BlobSink, links: bool, seen: Seen
) -> None:
    with source.open(ref.oid) as handle:
        if links:
            target.share(handle, ref.oid, ref.size, seen)
        else:
            target.ingest(seen(readchunks(handle)), ref.oid, ref.size)
