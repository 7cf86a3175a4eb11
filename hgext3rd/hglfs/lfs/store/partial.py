"""Blobs that arrive in several attempts: what came before is kept, and hashed again.

A partial file stands beside the folders of the blobs under its oid's name. It is locked
while it is written; a second process goes without, as where there are no locks.
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

#: How the names of partial files begin.
PARTIAL = b'partial-'
#: Asked to start at an offset, returns where it really starts (there, or at 0), and
#: the bytes from there on.
Source = Callable[[int], tuple[int, Iterable[bytes]]]


@contextlib.contextmanager
def opened(root: bytes, oid: bytes, modes: files.Modes) -> Iterator[io.FileIO | None]:
    """Lend the partial file of a blob, locked; None where another has it.

    It stays when it is closed. Raises OSError.
    """
    files.makefolders(root, modes)
    path = pathof(root, oid)
    handle = files.openkept(path, modes)
    with handle:
        mine = files.trylock(handle) and files.isthere(handle, path)
        yield handle if mine else None


def pathof(root: bytes, oid: bytes) -> bytes:
    """Return where the partial file of a blob is, or would be."""
    return os.path.join(root, PARTIAL + oid)


def size(root: bytes, oid: bytes) -> int:
    """Return how many bytes of a blob are there, in order from its start."""
    try:
        return os.stat(pathof(root, oid)).st_size
    except OSError:
        return 0


def fill(sink: io.FileIO, source: Source, whole: int) -> tuple[bytes, int]:
    """Complete a partial file; return the oid and the size of what it became.

    ``whole`` is the size in bytes that is expected. What was there is hashed once the
    rest has been requested; a source that starts over has it written over. Raises
    BlobMangled for a source that starts elsewhere, and what the source raises.
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
    for chunk in feeding(_both(sink, start, chunks), hasher):
        if moved >= start:
            files.writeall(sink, chunk)
        moved += len(chunk)
    return hasher.digest().hex().encode('ascii'), moved


def _both(
    sink: io.FileIO | BinaryIO, start: int, chunks: Iterable[bytes]
) -> Iterator[bytes]:
    if start:
        yield from files.readchunks(sink)
    yield from chunks


def ended(oid: bytes, found: int, size: int) -> ReplyBroken:
    """Return the error for a blob of which only a part has come."""
    return ReplyBroken(
        b'lfs object %s ended after %d of %d bytes' % (oid, found, size),
        transient=True,
    )


def fromstart(chunks: Iterable[bytes]) -> Source:
    """Return a source that starts at 0, whatever offset it is asked for."""
    return lambda offset: (0, chunks)


def skipped(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield what comes after so many bytes."""
    for chunk in chunks:
        if len(chunk) > size:
            yield chunk[size:]
        size = max(0, size - len(chunk))
