"""Deadlines for clients that send or receive too slowly.

A WSGI server's ``read`` blocks a thread until all the requested bytes have arrived. The
thread is freed by shutting down the connection from a watchdog thread, which has a
deadline for each read and write in progress.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

#: The minimum rate of a body, in bytes per second, measured for each piece.
RATE = 1 << 10
#: Seconds for the headers of a request, for a body that is a document, and for the rest
#: of a body that is discarded.
HEADERS = 30.0
DOCUMENT = 60.0
UNWANTED = 10.0
#: The minimum number of seconds allowed for a piece of a reply.
_SHORTEST = 60.0
#: Seconds after which a slow document is cut off if others wait to be read.
_CROWDED = 5.0


class Deadline:
    """The deadline of one read or write; ``missed`` is whether it was exceeded."""

    def __init__(self, began: float, ends: float, hangup: Callable[[], None]) -> None:
        self.began = began
        self.ends = ends
        self.missed = False
        self._hangup = hangup
        self._over = False
        self._lock = threading.Lock()

    def miss(self) -> None:
        """Shut down the connection, unless the read or write has finished."""
        with self._lock:
            if not self._over:
                self.missed = True
                self._hangup()

    def end(self) -> None:
        """Mark the read or write as finished; later calls of ``miss`` do nothing."""
        with self._lock:
            self._over = True


class Watchdog:
    """Shut down connections that miss their deadline, from one thread. Thread safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Remove all deadlines, in a forked process: it has no watchdog thread."""
        self._changed = threading.Condition()
        self._watched: set[Deadline] = set()
        self._wakes = 0.0
        self._runs = False

    @contextlib.contextmanager
    def within(self, seconds: float, hangup: Callable[[], None]) -> Iterator[Deadline]:
        """Call ``hangup`` in the watchdog thread if the context takes over ``seconds``.

        ``hangup`` is never called after the context has ended.
        """
        now = self._clock()
        deadline = Deadline(now, now + seconds, hangup)
        with self._changed:
            self._watched.add(deadline)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, daemon=True).start()
            elif deadline.ends < self._wakes:
                self._changed.notify()
        try:
            yield deadline
        finally:
            # without the lock: at exit the thread may have been stopped while holding
            # it, and generators are still closed after that
            self._watched.discard(deadline)
            deadline.end()

    def _run(self) -> None:
        with self._changed:
            while watched := list(self._watched):
                now = self._clock()
                for deadline in watched:
                    if deadline.ends <= now:
                        self._watched.discard(deadline)
                        deadline.miss()
                self._wakes = min(deadline.ends for deadline in watched)
                if self._wakes > now:
                    self._changed.wait(self._wakes - now)
            self._runs = False


class Documents:
    """Limit how many documents are read at the same time while clients are slow.

    A document is a body that holds no blobs: it is short, and arrives as a whole if a
    web server in front buffers it. Thread safe.
    """

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self.reset()

    def reset(self) -> None:
        """Remove the documents of the parent process, in a forked process."""
        self._lock = threading.Lock()
        self._reading: list[Deadline] = []

    @contextlib.contextmanager
    def reading(
        self, most: int, hangup: Callable[[], None], seconds: float
    ) -> Iterator[Deadline]:
        """Call ``hangup`` if the document does not arrive within ``seconds``.

        ``most`` is the maximum number of documents that are read at the same time, 0
        for no limit. At the limit, the connection of the document that began first is
        shut down, but only if that document has been slow.
        """
        with self._watchdog.within(seconds, hangup) as deadline:
            with self._lock:
                if most and len(self._reading) >= most:
                    self._endslow(deadline.began)
                self._reading.append(deadline)
            try:
                yield deadline
            finally:
                with self._lock:
                    if deadline in self._reading:
                        self._reading.remove(deadline)

    def _endslow(self, now: float) -> None:
        first = self._reading[0]
        if now - first.began > _CROWDED:
            self._reading.remove(first)
            first.miss()


watchdog = Watchdog()
documents = Documents(watchdog)
if hasattr(os, 'register_at_fork'):  # a lock may be held by a thread of the parent
    os.register_at_fork(after_in_child=watchdog.reset)
    os.register_at_fork(after_in_child=documents.reset)


def paced(req, pieces: Iterable[Any]) -> Iterator[Any]:
    """Yield the pieces of a reply; disconnect a client that receives one too slowly."""
    end = hangup(req, socket.SHUT_RDWR)
    for piece in pieces:
        # the server sends a piece before it requests the next one
        with watchdog.within(max(_SHORTEST, len(piece) / RATE), end):
            yield piece


def hangup(req, how: int) -> Callable[[], None]:
    """Return a function that shuts down a request's connection.

    ``how`` is as for ``socket.shutdown``. The function works with gunicorn and with
    ``hg serve``. With other servers it does nothing, so that a missed deadline is
    noticed only after the read.
    """
    environ = req.rawenv
    stream = environ.get(b'wsgi.input')
    # core wraps the stream where the client waits for 100 Continue
    stream = environ.get(b'gunicorn.socket') or getattr(stream, 'f', stream)

    def end() -> None:
        with contextlib.suppress(AttributeError, OSError, ValueError):
            shutdown(stream.fileno(), how)

    return end


def shutdown(number: int, how: int) -> None:
    """Shut down the socket of a file descriptor, without closing the descriptor."""
    connection = socket.socket(fileno=number)
    try:
        connection.shutdown(how)
    finally:
        connection.detach()
