"""Small blobs from many threads, taken in one at a time.

A file takes ten system calls to make, and each lets go of Python's interpreter: where
threads make small files side by side, they spend more on taking it back from each
other than on the files.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .api import BlobSink
from .partial import Source

#: A blob of fewer bytes is received at once: no part of it is kept after an error.
RESUMED = 1 << 20
_turn = threading.Lock()


def receive(
    store: BlobSink, oid: bytes, size: int, source: Source, durable: bool
) -> bool:
    """Receive a blob at once if it is small; return whether it was.

    One of which an earlier attempt has left a part does not count as small. Raises
    what ``source`` and ``ingest`` raise. Safe between threads: a blob's bytes are
    awaited before its turn, so that no blob waits for another's slow connection.
    """
    if size >= RESUMED or store.partial(oid):
        return False
    _start, chunks = source(0)
    content = _upto(chunks, size)
    with _turn:
        store.ingest(content, oid, size, durable)
    return True


def _upto(chunks: Iterable[bytes], size: int) -> list[bytes]:
    """Return all chunks, or as many as show that they have over ``size`` bytes."""
    content: list[bytes] = []
    for chunk in chunks:
        content.append(chunk)
        size -= len(chunk)
        if size < 0:
            break
    return content
