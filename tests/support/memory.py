"""A BlobStore in memory."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from hgext3rd.hglfs.model.errors import BlobMissing
from hgext3rd.hglfs.store.disk import expect

from .blobs import oidof


class MemoryStore:
    """Keeps blobs in ``blobs``, by oid; see BlobStore for the contract."""

    def __init__(self, *contents: bytes) -> None:
        self.blobs: dict[bytes, bytes] = {}
        self._lock = threading.Lock()
        for content in contents:
            self.ingest([content])

    def has(self, oid: bytes) -> bool:
        return oid in self.blobs

    def size(self, oid: bytes) -> int | None:
        content = self.blobs.get(oid)
        return None if content is None else len(content)

    def claim(self, oid: bytes) -> None:
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
        expect(found, oid, size)
        with self._lock:
            self.blobs[found[0]] = content
        return found

    def flush(self) -> None:
        pass

    def damaged(self, oid: bytes) -> bool:
        return oidof(self._content(oid)) != oid

    def remove(self, oid: bytes) -> None:
        with self._lock:
            self.blobs.pop(oid, None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(list(self.blobs))

    def _content(self, oid: bytes) -> bytes:
        try:
            return self.blobs[oid]
        except KeyError as exc:
            raise BlobMissing(b'lfs object %s is not here' % oid) from exc
