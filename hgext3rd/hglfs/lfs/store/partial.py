"""Blobs that arrive in several goes: what came before is kept, and proven again.

A partial file stands beside the folders of the blobs under its oid's name. Whoever
works on one holds a lock on it; a second goes without, as where there are no locks.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from ..errors import BlobMangled
from . import files
from .hashing import Hasher, feeding

#: How the names of partial files begin.
PARTIAL = b'partial-'
#: Asked to start at an offset, returns where it really starts (there, or at 0), and
#: the bytes from there on.
Source = Callable[[int], tuple[int, Iterable[bytes]]]


@contextlib.contextmanager
def opened(root: bytes, oid: bytes, modes: files.Modes) -> Iterator[io.FileIO | None]:
    """Lends the partial file of a blob, locked; None where that can't be had.

    It stays when it is closed.
    """
    files.makefolders(root, modes)
    path = pathof(root, oid)
    handle = files.openkept(path, modes)
    with handle:
        mine = files.trylock(handle) and files.isthere(handle, path)
        yield handle if mine else None


def pathof(root: bytes, oid: bytes) -> bytes:
    """Returns where the partial file of a blob is, or would be."""
    return os.path.join(root, PARTIAL + oid)


def size(root: bytes, oid: bytes) -> int:
    """Returns how many bytes of a blob are there, in order from its start."""
    try:
        return os.stat(pathof(root, oid)).st_size
    except OSError:
        return 0


def fill(sink: io.FileIO, source: Source, whole: int) -> tuple[bytes, int]:
    """Completes a partial file; returns the oid and the size of what it became.

    ``whole`` is the size that is expected. What was there is hashed while the rest
    is asked for only; a source that starts over has it written over.
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


def skipped(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yields what comes after so many bytes."""
    for chunk in chunks:
        if len(chunk) > size:
            yield chunk[size:]
        size = max(0, size - len(chunk))
