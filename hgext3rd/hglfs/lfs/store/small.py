"""Store small blobs from many threads one at a time.

Creating a file takes ten system calls, each of which releases the interpreter's lock.
Threads that create small files in parallel lose more time acquiring it again than they
gain.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .api import BlobSink
from .partial import Source

#: The size in bytes from which an interrupted blob is kept to be resumed.
RESUMED = 1 << 20
_turn = threading.Lock()


def receive(
    store: BlobSink, oid: bytes, size: int, source: Source, durable: bool
) -> bool:
    """Receive a blob as a whole if it is small; return whether it was.

    A blob with a partial file from an earlier attempt does not count as small. Raises
    what ``source`` and ``ingest`` raise. Thread safe: the content is received before
    the lock is taken, so that slow connections do not delay other blobs.
    """
    if size >= RESUMED or store.partial(oid):
        return False
    _start, chunks = source(0)
    content = _upto(chunks, size)
    with _turn:
        store.ingest(content, oid, size, durable)
    return True


def _upto(chunks: Iterable[bytes], size: int) -> list[bytes]:
    """Return the chunks; stop after the chunk with which they exceed ``size`` bytes."""
    content: list[bytes] = []
    for chunk in chunks:
        content.append(chunk)
        size -= len(chunk)
        if size < 0:
            break
    return content
