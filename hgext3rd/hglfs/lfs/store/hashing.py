"""Hashes over streams, each in a thread of its own where that pays, and their check."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator

from ..errors import BlobMangled, SizeMangled

#: From so many bytes on a thread costs less than it brings.
_WORTHWHILE = 8 << 20
#: How many chunks may wait for a hash.
_WAITING = 4


class Hasher:
    """Hashes what it is fed; ``hashlib`` lets go of the interpreter meanwhile.

    Holds a few chunks at the most. To be fed by one thread; to be closed, or asked
    for its ``digest``, by the same.
    """

    def __init__(self, algorithm: str, start: bytes = b'') -> None:
        self._hash = hashlib.new(algorithm, start)
        self._fed = 0
        self._queue: queue.Queue[bytes] | None = None
        self._thread: threading.Thread | None = None

    def feed(self, chunk: bytes) -> None:
        """Takes in the next chunk."""
        self._fed += len(chunk)
        if self._queue is None and self._fed < _WORTHWHILE:
            self._hash.update(chunk)
            return
        if self._queue is None:
            self._start()
        assert self._queue is not None
        if chunk:  # an empty one would end it
            self._queue.put(chunk)

    def digest(self) -> bytes:
        """Returns the digest of all that was fed."""
        self.close()
        return self._hash.digest()

    def close(self) -> None:
        """Waits for the thread, if there is one."""
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
    """Yields the chunks after the hashers got them; closes those, come what may."""
    try:
        for chunk in chunks:
            for hasher in hashers:
                hasher.feed(chunk)
            yield chunk
    finally:
        for hasher in hashers:
            hasher.close()


def digest(chunks: Iterable[bytes]) -> tuple[bytes, int]:
    """Returns the oid and the size in bytes of a content given in chunks."""
    hasher = Hasher('sha256')
    size = 0
    for chunk in feeding(chunks, hasher):
        size += len(chunk)
    return hasher.digest().hex().encode('ascii'), size


def verify(found: tuple[bytes, int], oid: bytes | None, size: int | None) -> None:
    """Raise BlobMangled where an oid and a size in bytes are not what is expected.

    None matches any.
    """
    if oid is not None and found[0] != oid:
        raise BlobMangled(b'corrupt remote lfs object: %s' % oid)
    if size is not None and found[1] != size:
        raise SizeMangled(
            b'lfs object %s has %d bytes instead of the %d that its pointer states'
            % (found[0], found[1], size)
        )
