"""Partial files: keep what was received of a blob, and resume from there.

A partial file is next to the directories of the blobs; its name has the oid. It is
locked while it is written. A second transfer of the same blob cannot lock it, and uses
a temporary file instead.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from ..errors import BlobMangled, ReplyBroken
from . import files
from .hashing import Hasher, feeding

#: The name prefix of partial files.
PARTIAL = b'partial-'
#: Called with an offset in bytes, returns the offset at which it starts (the same, or
#: 0), and the chunks from there on.
Source = Callable[[int], tuple[int, Iterable[bytes]]]


@contextlib.contextmanager
def opened(root: bytes, oid: bytes, modes: files.Modes) -> Iterator[io.FileIO | None]:
    """Open and lock the partial file of a blob; None if another transfer holds it.

    The file is kept when the context ends. Raises OSError.
    """
    files.makefolders(root, modes)
    path = pathof(root, oid)
    handle = files.openkept(path, modes)
    with handle:
        mine = files.trylock(handle) and files.isthere(handle, path)
        yield handle if mine else None


def pathof(root: bytes, oid: bytes) -> bytes:
    """Return the path of a blob's partial file, whether it exists or not."""
    return os.path.join(root, PARTIAL + oid)


def size(root: bytes, oid: bytes) -> int:
    """Return the size of a blob's partial file in bytes, or 0."""
    try:
        return os.stat(pathof(root, oid)).st_size
    except OSError:
        return 0


def fill(
    sink: io.FileIO,
    source: Source,
    whole: int,
    watch: Callable[[Iterator[bytes]], Iterator[bytes]] = iter,
) -> tuple[bytes, int]:
    """Complete a partial file; return the oid and the size of the result.

    ``whole`` is the expected size of the blob in bytes. If the file is shorter,
    ``source`` is called with the size of the file, and returns the remaining chunks.
    The bytes that the file already has are read for the checksum, and ``watch``
    observes their chunks. If the source starts at 0, the file is overwritten instead.
    Raises BlobMangled for a source that starts elsewhere; exceptions of the source pass
    through.
    """
    there = os.fstat(sink.fileno()).st_size
    if there > whole:
        there = 0
    start, chunks = source(there) if there < whole else (there, ())
    if start not in (0, there):
        raise BlobMangled(b'a transfer went on at %d instead of %d' % (start, there))
    hasher = Hasher('sha256')
    sink.truncate(start)
    sink.seek(0)
    moved = 0
    for chunk in feeding(_both(sink, start, chunks, watch), hasher):
        if moved >= start:
            files.writeall(sink, chunk)
        moved += len(chunk)
    return hasher.digest().hex().encode('ascii'), moved


def _both(
    sink: io.FileIO | BinaryIO,
    start: int,
    chunks: Iterable[bytes],
    watch: Callable[[Iterator[bytes]], Iterator[bytes]],
) -> Iterator[bytes]:
    if start:
        yield from watch(files.readchunks(sink))
    yield from chunks


def ended(oid: bytes, found: int, size: int) -> ReplyBroken:
    """Return the error for a blob whose content ended early."""
    return ReplyBroken(
        b'lfs object %s ended after %d of %d bytes' % (oid, found, size),
        transient=True,
    )


def fromstart(chunks: Iterable[bytes]) -> Source:
    """Return a Source for chunks that can only be read from their start.

    The Source ignores the requested offset: it always returns the offset 0 and all
    chunks.
    """
    return lambda offset: (0, chunks)


def skipped(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield chunks without their first ``size`` bytes."""
    for chunk in chunks:
        if len(chunk) > size:
            yield chunk[size:]
        size = max(0, size - len(chunk))
