"""What every transfer does to the bytes that pass: check them, count them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ..model.blob import BlobRef
from ..model.errors import BlobCorrupt, BlobMissing
from ..store.api import BlobStore
from .api import Progress


def checkintact(store: BlobStore, ref: BlobRef) -> None:
    """Raises BlobCorrupt rather than let a damaged blob leave this end.

    Raises BlobMissing where there is none to leave.
    """
    if not store.has(ref.oid):
        raise BlobMissing(
            b'lfs object %s is neither here nor on the server' % ref.oid,
            hint=b'find a repository that has it, and push it from there',
        )
    if store.size(ref.oid) != ref.size or store.damaged(ref.oid):
        raise BlobCorrupt(
            b'detected corrupt lfs object: %s' % ref.oid, hint=b'run hg verify'
        )


def counted(chunks: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    """Yields the chunks and tells how much has gone by."""
    for chunk in chunks:
        yield chunk
        progress(len(chunk))


class CountedFile:
    """A file to be sent, which tells how much of it has been read."""

    def __init__(self, handle: BinaryIO, progress: Progress) -> None:
        self._handle = handle
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        """Returns up to so many bytes more."""
        data = self._handle.read(size)
        self._progress(len(data))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes elsewhere, as when a request is sent again with a password."""
        before = self._handle.tell()
        now = self._handle.seek(offset, whence)
        self._progress(now - before)
        return now
