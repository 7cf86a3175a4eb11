"""Lines to and from another program, which may stop to listen or to talk."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from typing import IO

from ..oid import CHUNK

_PIECE = 64 << 10
_F_SETPIPE_SZ = 1031  # Python <= 3.9: has no name for it
# looked at here: a thread must not be the first to look at a module
_POLL = getattr(select, 'poll', None)


def widen(pipe: IO[bytes] | None) -> None:
    """Has a pipe hold a chunk, where it is one and the system lets it."""
    if sys.platform != 'linux' or pipe is None:
        return
    import fcntl

    with contextlib.suppress(OSError, ValueError):
        fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, CHUNK)


class Silent(Exception):
    """The other program has done nothing for too long."""


class Pipes:
    """Talks to a program by its pipes, and waits so many seconds for it at a time.

    With 0 seconds, and on Windows, whose pipes know no waiting, that is for ever. All
    raise OSError, ValueError where it has hung up, or somebody else has.
    """

    def __init__(self, sink: IO[bytes], source: IO[bytes], seconds: float) -> None:
        self._sink = sink
        self._source = source
        self._seconds = seconds if _POLL is not None else 0.0
        self._buffer = b''
        if self._seconds:
            os.set_blocking(sink.fileno(), False)

    def send(self, data: bytes) -> None:
        """Sends some bytes; raises Silent where nobody takes them."""
        until = time.monotonic() + self._seconds
        view = memoryview(data)
        while view:
            self._await(self._sink, 'POLLOUT', until)
            try:
                view = view[os.write(self._sink.fileno(), view) :]
            except BlockingIOError:
                continue

    def line(self, most: int) -> bytes:
        """Returns a line, or what there is of one at the end or after so many bytes.

        Raises Silent where it does not come.
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
