"""Exchange lines with a program over pipes, with timeouts."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from typing import IO

from ..oid import CHUNK

_PIECE = 64 << 10
_F_SETPIPE_SZ = 1031  # Python <= 3.9: not in fcntl
# looked up here: lazy imports of Mercurial are not thread safe
_POLL = getattr(select, 'poll', None)


def widen(pipe: IO[bytes] | None) -> None:
    """Increase a pipe's capacity to ``CHUNK`` bytes, where the system supports it."""
    if sys.platform != 'linux' or pipe is None:
        return
    import fcntl

    with contextlib.suppress(OSError, ValueError):
        fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, CHUNK)


class Silent(Exception):
    """The program has not read or written anything before the timeout."""


class Pipes:
    """Write to and read from a program, with a timeout of ``seconds`` for each call.

    Calls wait forever if ``seconds`` is 0, and on Windows, whose pipes have no
    timeouts. Calls raise OSError or ValueError if the program, or another thread, has
    closed a pipe.
    """

    def __init__(self, sink: IO[bytes], source: IO[bytes], seconds: float) -> None:
        self._sink = sink
        self._source = source
        self._seconds = seconds if _POLL is not None else 0.0
        self._buffer = b''
        if self._seconds:
            os.set_blocking(sink.fileno(), False)

    def send(self, data: bytes) -> None:
        """Write all data; raise Silent if the program does not read it in time."""
        until = time.monotonic() + self._seconds
        view = memoryview(data)
        while view:
            self._await(self._sink, 'POLLOUT', until)
            try:
                view = view[os.write(self._sink.fileno(), view) :]
            except BlockingIOError:
                continue

    def line(self, most: int) -> bytes:
        """Read a line; return less at the end of the output, or after ``most`` bytes.

        Raises Silent if the program does not write the line in time.
        """
        until = time.monotonic() + self._seconds
        pieces, size = [self._buffer], len(self._buffer)
        while b'\n' not in pieces[-1] and size < most:
            self._await(self._source, 'POLLIN', until)
            piece = os.read(self._source.fileno(), _PIECE)
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        found, end, self._buffer = b''.join(pieces).partition(b'\n')
        return (found + end)[:most]

    def _await(self, pipe: IO[bytes], event: str, until: float) -> None:
        if not self._seconds or _POLL is None:
            return
        poll = _POLL()
        poll.register(pipe.fileno(), getattr(select, event))
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise Silent
