"""Segments: the file of a large blob whose parts arrive in parallel.

A second file, the map, has the number of bytes received of each part: one 8-byte
big-endian integer per part. Both files survive the process, so that transfers resume.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import Stopped
from ..oid import CHUNK
from . import files
from .partial import pathof

#: The size of a part in bytes; the last may be smaller.
PART = 16 << 20
#: The name prefix of the files with the parts, and the suffix of maps.
PARTS = b'parts-'
MAP = b'.map'
_COUNT = 8


@dataclass(frozen=True)
class Part:
    """The missing range of a part: from ``start`` to ``end``, in bytes."""

    index: int
    start: int
    end: int


class Segments:
    """Assign the missing parts of a blob to threads, and write them; thread safe."""

    def __init__(self, sink: io.FileIO, state: io.FileIO, size: int) -> None:
        self._sink = sink
        self._state = state
        self._size = size
        self._there = _read(state, size, os.fstat(sink.fileno()).st_size)
        self._busy: set[int] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()

    @property
    def there(self) -> int:
        """The number of bytes received."""
        return sum(self._there)

    def claim(self) -> Part | None:
        """Return a missing part that no thread works on, or None; see ``release``."""
        with self._changed:
            for index, there in enumerate(self._there):
                start = index * PART
                end = min(start + PART, self._size)
                missing = start + there < end and index not in self._busy
                if missing and not self._closed:
                    self._busy.add(index)
                    return Part(index, start + there, end)
        return None

    def write(self, part: Part, chunk: bytes) -> None:
        """Write the next bytes of a claimed part; raise Stopped after ``close``."""
        if self._closed:
            raise Stopped(b'another connection of this transfer failed')
        at = part.index * PART + self._there[part.index]
        _writeat(self._sink, chunk, at)
        there = at + len(chunk) - part.index * PART
        _writeat(self._state, there.to_bytes(_COUNT, 'big'), part.index * _COUNT)
        with self._changed:
            self._there[part.index] = there
            self._changed.notify_all()

    def release(self, part: Part) -> None:
        """End the claim of a thread to a part, which may be complete or not."""
        with self._changed:
            self._busy.discard(part.index)
            self._changed.notify_all()

    def settle(self) -> bool:
        """Wait while other threads work on all missing parts.

        Return whether the blob is complete.
        """
        with self._changed:
            while self.there < self._size and self._allbusy():
                self._changed.wait()
            return self.there == self._size

    def digest(self) -> bytes:
        """Return the oid of the complete blob."""
        self._follower.join()
        return self._hash.hexdigest().encode('ascii')

    def close(self) -> None:
        """Stop all writes, and wait until all claimed parts are released."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            while self._busy:
                self._changed.wait()
        self._follower.join()

    def forget(self) -> int:
        """Stop, and discard all received bytes; return their number."""
        self.close()
        there, self._there = self.there, [0] * len(self._there)
        _writeat(self._state, b'\0' * _COUNT * len(self._there), 0)
        return there

    def _allbusy(self) -> bool:
        return all(
            index in self._busy or index * PART + there >= self._size or there == PART
            for index, there in enumerate(self._there)
        )

    def _follow(self) -> None:
        """Hash the blob from its start up to the first gap; runs in a thread."""
        while self._hashed < self._size:
            with self._changed:
                while not self._closed and self._gapless() <= self._hashed:
                    self._changed.wait()
                upto = self._gapless()
                if self._closed and upto < self._size:
                    return
            while self._hashed < upto:
                chunk = os.pread(
                    self._sink.fileno(), min(CHUNK, upto - self._hashed), self._hashed
                )
                self._hash.update(chunk)
                self._hashed += len(chunk)

    def _gapless(self) -> int:
        """Return the number of bytes before the first gap."""
        index = self._hashed // PART
        while index < len(self._there):
            if self._there[index] < PART:
                return index * PART + self._there[index]
            index += 1
        return self._size


def _read(state: io.FileIO, size: int, length: int) -> list[int]:
    """Read the map: return the number of bytes received of each part.

    It is 0 for a part whose entry is invalid. ``size`` is that of the blob, ``length``
    that of the file with the parts, in bytes.
    """
    count = -(-size // PART)
    text = state.read(count * _COUNT + 1) or b''
    if len(text) != count * _COUNT:
        state.truncate(0)
        _writeat(state, b'\0' * (count * _COUNT), 0)
        return [0] * count
    counts = [
        int.from_bytes(text[at : at + _COUNT], 'big')
        for at in range(0, len(text), _COUNT)
    ]
    longest = [min(PART, min(size, length) - index * PART) for index in range(count)]
    return [there if there <= most else 0 for there, most in zip(counts, longest)]


def _writeat(handle: io.FileIO, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(handle.fileno(), view, offset)
        view, offset = view[done:], offset + done


@contextlib.contextmanager
def opened(
    root: bytes, oid: bytes, size: int, modes: files.Modes
) -> Iterator[Segments | None]:
    """Open a blob's segments; yield None on Windows, or if another process has them."""
    if not hasattr(os, 'pwrite'):  # Windows
        yield None
        return
    files.makefolders(root, modes)
    path = placeof(root, oid)
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(files.openkept(path, modes))
        if not files.trylock(sink) or not files.isthere(sink, path):
            yield None
            return
        state = stack.enter_context(files.openkept(path + MAP, modes))
        segments = Segments(sink, state, size)
        try:
            yield segments
        finally:
            segments.close()
            if not segments.there:
                discard(root, oid)


def placeof(root: bytes, oid: bytes) -> bytes:
    """Return the path of the file with a blob's parts, whether it exists or not."""
    return os.path.join(root, PARTS + oid)


def discard(root: bytes, oid: bytes) -> None:
    """Remove a blob's parts, map and partial file."""
    for path in (placeof(root, oid), placeof(root, oid) + MAP, pathof(root, oid)):
        files.discard(path)
