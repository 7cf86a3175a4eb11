"""Verify and count the bytes of transfers; common helpers of all remotes."""

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
    """Do nothing: there is nothing to close."""


@dataclass(frozen=True)
class NullConnection:
    """The connection of a remote that needs none."""

    log: Log = field(default_factory=NullLog)
    close: Callable[[], None] = nothing


@contextlib.contextmanager
def addpath(ref: BlobRef) -> Iterator[None]:
    """Add the blob's path to errors that have none."""
    try:
        yield
    except LfsError as exc:
        exc.path = exc.path or ref.path
        raise


def checkthere(store: BlobStore, ref: BlobRef) -> None:
    """Check that a blob to upload is present; raise BlobMissing.

    Raises BlobCorrupt if its size differs from the size in its pointer.
    """
    size = store.size(ref.oid)
    if size is None:
        with addpath(ref):
            raise BlobMissing(
                b'lfs object %s is neither here nor on the server' % ref.oid,
                hint=b'find a repository that has it, and push it from there',
            )
    if size != ref.size:
        raise corrupt(ref)


def corrupt(ref: BlobRef) -> BlobCorrupt:
    """Return the error for a stored blob whose checksum or size is wrong."""
    return BlobCorrupt(
        b'detected corrupt lfs object: %s' % ref.oid, hint=b'run hg verify'
    )


def verified(chunks: Iterable[bytes], ref: BlobRef) -> Iterator[bytes]:
    """Yield a blob's content; raise BlobCorrupt if the checksum is wrong.

    The last chunk is yielded after verification, so that no receiver gets a complete
    but corrupt blob.
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
    """Yield the chunks, and report the size of each after it was consumed."""
    for chunk in chunks:
        yield chunk
        progress(len(chunk))


#: Returns the bytes of a request's body; calls the argument with each number of bytes
#: that counts as progress.
Maker = Callable[[Progress], Iterator[bytes]]


class SentBody:
    """A request's body that is generated while it is sent.

    It is generated again if the request has to be resent.
    """

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
        """Generate the first bytes, so that errors are raised before the request."""
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b''))

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` more bytes."""
        self.prime()
        size = len(self._rest) if size < 0 else size
        data, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the start, as when a request is resent with a password."""
        if (offset, whence) != (0, 0):
            raise OSError('what is made as it is sent can but start again')
        self._progress(-self._counted)
        self._begin()
        return 0


def sentblob(
    handle: BinaryIO, ref: BlobRef, progress: Progress, offset: int = 0
) -> SentBody:
    """Return a request's body: an open blob from ``offset`` on, verified as it is read.

    The bytes before the offset are only read for the checksum.
    """

    def make(count: Progress) -> Iterator[bytes]:
        handle.seek(0)
        return counted(skipped(verified(readchunks(handle), ref), offset), count)

    body = SentBody(make, progress)
    if not offset:
        # a small blob is verified before the request is sent
        body.prime()
    return body
