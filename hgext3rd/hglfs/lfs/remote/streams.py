"""What every transfer does to the bytes that pass: check them, count them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from ..blob import BlobRef
from ..errors import BlobCorrupt, BlobMissing, LfsError
from ..log import Log, NullLog
from ..store.api import BlobStore
from ..store.files import readchunks
from ..store.hashing import Hasher, feeding
from ..store.partial import skipped
from .api import Progress


def nothing() -> None:
    """Nothing runs that would have to be ended."""


@dataclass(frozen=True)
class Mute:
    """The connection of a remote that is no more than a folder away."""

    log: Log = field(default_factory=NullLog)
    close: Callable[[], None] = nothing


@contextlib.contextmanager
def about(ref: BlobRef) -> Iterator[None]:
    """Says in the errors of the tree which of several files they are about."""
    try:
        yield
    except LfsError as exc:
        exc.path = exc.path or ref.path
        raise


def checkthere(store: BlobStore, ref: BlobRef) -> None:
    """Raise BlobMissing where there is no blob to send.

    Raises BlobCorrupt where it has another size than its pointer states.
    """
    size = store.size(ref.oid)
    if size is None:
        with about(ref):
            raise BlobMissing(
                b'lfs object %s is neither here nor on the server' % ref.oid,
                hint=b'find a repository that has it, and push it from there',
            )
    if size != ref.size:
        raise corrupt(ref)


def corrupt(ref: BlobRef) -> BlobCorrupt:
    """Returns the error for a blob that is not what its name says."""
    return BlobCorrupt(
        b'detected corrupt lfs object: %s' % ref.oid, hint=b'run hg verify'
    )


def proven(chunks: Iterable[bytes], ref: BlobRef) -> Iterator[bytes]:
    """Yields a blob's content; raises BlobCorrupt rather than let all of it leave.

    The last chunk is held back until it is known that it is the blob.
    """
    hasher, last = Hasher('sha256'), b''
    for chunk in feeding(chunks, hasher):
        if last:
            yield last
        last = chunk
    if hasher.digest().hex().encode('ascii') != ref.oid:
        raise corrupt(ref)
    if last:
        yield last


def counted(chunks: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    """Yields the chunks and tells how much has gone by."""
    for chunk in chunks:
        yield chunk
        progress(len(chunk))


#: Makes the bytes of a request, and tells as it goes how many of them count.
Maker = Callable[[Progress], Iterator[bytes]]


class SentBody:
    """A request's body that is made as it is sent, and anew where it is sent again."""

    def __init__(self, make: Maker, progress: Progress) -> None:
        self._make = make
        self._progress = progress
        self._begin()

    def _begin(self) -> None:
        self._counted = 0
        self._rest = memoryview(b'')
        self._chunks = self._make(self._count)

    def _count(self, size: int) -> None:
        self._counted += size
        self._progress(size)

    def prime(self) -> None:
        """Makes the first bytes; raises what is wrong with them."""
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b''))

    def read(self, size: int = -1) -> bytes:
        """Returns up to so many bytes more."""
        self.prime()
        size = len(self._rest) if size < 0 else size
        data, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes back to the start, as when a request is sent again with a password."""
        if (offset, whence) != (0, 0):
            raise OSError('what is made as it is sent can but start again')
        self._progress(-self._counted)
        self._begin()
        return 0


def sentblob(
    handle: BinaryIO, ref: BlobRef, progress: Progress, offset: int = 0
) -> SentBody:
    """Returns an open blob as a body, from an offset on, proven as it goes.

    What comes before the offset is read for the proof alone.
    """

    def make(count: Progress) -> Iterator[bytes]:
        handle.seek(0)
        return counted(skipped(proven(readchunks(handle), ref), offset), count)

    body = SentBody(make, progress)
    if not offset:
        # what is short is proven before the request, and not begun in vain
        body.prime()
    return body
