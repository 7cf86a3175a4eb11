"""Compute and verify checksums of streams, in separate threads for large ones."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator

from ..errors import BlobMangled, SizeMangled

#: The number of bytes from which hashing in a thread is faster.
_WORTHWHILE = 8 << 20
#: The maximum number of chunks that wait for a hasher's thread.
_WAITING = 4


class Hasher:
    """Compute a checksum of chunks, in a thread for large contents.

    The thread runs in parallel because ``hashlib`` releases the interpreter's lock. At
    most a few chunks are in memory. ``feed``, ``digest`` and ``close`` MUST be called
    by one thread.
    """

    def __init__(self, algorithm: str, start: bytes = b'') -> None:
        self._hash = hashlib.new(algorithm, start)
        self._fed = 0
        self._queue: queue.Queue[bytes] | None = None
        self._thread: threading.Thread | None = None

    def feed(self, chunk: bytes) -> None:
        """Add the next chunk."""
        self._fed += len(chunk)
        if self._queue is None and self._fed < _WORTHWHILE:
            self._hash.update(chunk)
            return
        if self._queue is None:
            self._start()
        assert self._queue is not None
        if chunk:  # an empty chunk would stop the thread
            self._queue.put(chunk)

    def digest(self) -> bytes:
        """Return the checksum of all chunks."""
        self.close()
        return self._hash.digest()

    def close(self) -> None:
        """Wait until the thread, if there is one, has ended."""
        if self._queue is not None and self._thread is not None:
            self._queue.put(b'')
            self._thread.join()
            self._queue = self._thread = None
            self._fed = 0

    def _start(self) -> None:
        self._queue = queue.Queue(_WAITING)
        self._thread = threading.Thread(
            target=self._work, args=(self._queue,), daemon=True
        )
        self._thread.start()

    def _work(self, chunks: queue.Queue[bytes]) -> None:
        while chunk := chunks.get():
            self._hash.update(chunk)


def feeding(chunks: Iterable[bytes], *hashers: Hasher) -> Iterator[bytes]:
    """Yield the chunks after feeding them to the hashers; finally close the hashers."""
    try:
        for chunk in chunks:
            for hasher in hashers:
                hasher.feed(chunk)
            yield chunk
    finally:
        for hasher in hashers:
            hasher.close()


def digest(chunks: Iterable[bytes]) -> tuple[bytes, int]:
    """Return the oid and the size in bytes of the content in ``chunks``."""
    hasher = Hasher('sha256')
    size = 0
    for chunk in feeding(chunks, hasher):
        size += len(chunk)
    return hasher.digest().hex().encode('ascii'), size


def verify(found: tuple[bytes, int], oid: bytes | None, size: int | None) -> None:
    """Raise BlobMangled if an oid and a size in bytes are not the expected ones.

    An expected value of None matches any.
    """
    if oid is not None and found[0] != oid:
        raise BlobMangled(b'corrupt remote lfs object: %s' % oid)
    if size is not None and found[1] != size:
        raise SizeMangled(
            b'lfs object %s has %d bytes instead of the %d that its pointer states'
            % (found[0], found[1], size)
        )
