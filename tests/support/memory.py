"""A BlobStore in memory."""

from __future__ import annotations

import contextlib
import io
import tempfile
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from hgext3rd.hglfs.lfs.errors import BlobMangled, BlobMissing
from hgext3rd.hglfs.lfs.log import Log
from hgext3rd.hglfs.lfs.store import small
from hgext3rd.hglfs.lfs.store.api import LocalStore, Watch
from hgext3rd.hglfs.lfs.store.files import readchunks
from hgext3rd.hglfs.lfs.store.hashing import verify
from hgext3rd.hglfs.lfs.store.partial import Source, ended
from hgext3rd.hglfs.lfs.store.segments import Segments

from .blobs import oidof


class MemoryStore:
    """Keep blobs in ``blobs``, by oid; see LocalStore for the contract.

    Blobs that are still arriving are in ``kept`` and ``parts``.
    """

    def __init__(self, *contents: bytes) -> None:
        self.blobs: dict[bytes, bytes] = {}
        self.kept: dict[bytes, bytearray] = {}
        self.parts: dict[bytes, tuple[io.FileIO, io.FileIO]] = {}
        self._busy: set[bytes] = set()
        self._lock = threading.Lock()
        for content in contents:
            self.ingest([content])

    def has(self, oid: bytes) -> bool:
        return oid in self.blobs

    def size(self, oid: bytes) -> int | None:
        content = self.blobs.get(oid)
        return None if content is None else len(content)

    def touch(self, oid: bytes) -> bool:
        return oid in self.blobs

    def link_local(self, oid: bytes) -> None:
        self._content(oid)

    def open(self, oid: bytes) -> BinaryIO:
        return io.BytesIO(self._content(oid))

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        content = b''.join(chunks)
        found = oidof(content), len(content)
        verify(found, oid, size)
        with self._lock:
            self.blobs[found[0]] = content
        return found

    def receive(
        self, oid: bytes, size: int, source: Source, durable: bool = False
    ) -> None:
        if small.receive(self, oid, size, source, durable):
            return
        with self._alone(oid) as mine:
            if mine:
                self._goon(oid, size, source)
                return
        self.ingest(source(0)[1], oid, size)

    def _goon(self, oid: bytes, size: int, source: Source) -> None:
        kept = self.kept.setdefault(oid, bytearray())
        began = len(kept)
        try:
            there = began if began <= size else 0
            start, chunks = source(there) if there < size else (there, ())
            if start not in (0, there):
                raise BlobMangled(b'a transfer went on somewhere else')
            del kept[start:]
            for chunk in chunks:
                kept += chunk
            if len(kept) < size:
                raise ended(oid, len(kept), size)
            self.ingest([bytes(kept)], oid, size)
        except BlobMangled as exc:
            del self.kept[oid]
            exc.transient = began > 0
            raise
        del self.kept[oid]

    def partial(self, oid: bytes) -> int:
        return len(self.kept.get(oid, b''))

    @contextlib.contextmanager
    def segments(self, oid: bytes, size: int) -> Iterator[Segments | None]:
        with self._alone(oid) as mine:
            if not mine:
                yield None
                return
            if oid not in self.parts:
                self.parts[oid] = _unnamed(), _unnamed()
            sink, state = self.parts[oid]
            state.seek(0)
            parts = Segments(sink, state, size)
            resumed = parts.there > 0
            try:
                yield parts
            finally:
                parts.close()
            del self.parts[oid]
            try:
                verify((parts.digest(), size), oid, size)
            except BlobMangled as exc:
                exc.transient = resumed
                raise
            sink.seek(0)
            self.ingest(readchunks(sink), oid, size)

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        self.ingest(watch(readchunks(source)), oid, size)

    def with_log(self, log: Log) -> MemoryStore:
        return self

    def flush(self) -> None:
        pass

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        size = self.size(oid)
        return None if size is None else (size, self.damaged(oid))

    def room(self) -> int:
        return 1 << 40

    def damaged(self, oid: bytes) -> bool:
        return oidof(self._content(oid)) != oid

    def remove(self, oid: bytes) -> None:
        with self._lock:
            self.blobs.pop(oid, None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(list(self.blobs))

    @contextlib.contextmanager
    def _alone(self, oid: bytes) -> Iterator[bool]:
        """Keep others off a blob; yield whether it was free."""
        with self._lock:
            mine = oid not in self._busy
            self._busy.add(oid)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._busy.discard(oid)

    def _content(self, oid: bytes) -> bytes:
        try:
            return self.blobs[oid]
        except KeyError as exc:
            raise BlobMissing(b'lfs object %s is not here' % oid) from exc


def _unnamed() -> io.FileIO:
    return tempfile.TemporaryFile(buffering=0)  # noqa: SIM115


if TYPE_CHECKING:
    _satisfies: type[LocalStore] = MemoryStore
