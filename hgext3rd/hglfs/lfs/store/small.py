"""Small blobs from many threads, taken in one at a time.

A file takes ten system calls to make, and each lets go of Python's interpreter: where
threads make small files side by side, they spend more on taking it back from each
other than on the files.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .api import BlobSink

_turn = threading.Lock()


def ingest(store: BlobSink, chunks: Iterable[bytes], oid: bytes, size: int) -> None:
    """Takes in a blob that fits into memory; raises what the store raises.

    Its bytes are awaited before its turn: others need not wait for a slow line.
    """
    content = list(chunks)
    with _turn:
        store.ingest(content, oid, size)
