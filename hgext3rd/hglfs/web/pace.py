"""Deadlines for clients that send or take too slowly.

A WSGI server's ``read`` returns when it has all the bytes that were requested, and
holds a thread until then. What such a client holds is given back by ending its
connection, from a thread that watches all reads and writes under way.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

#: The least rate of a body, in bytes a second, over the time that a piece takes.
RATE = 1 << 10
#: Seconds for the headers of a request, for a request that is a document, and for what
#: is left of one that was refused.
HEADERS = 30.0
DOCUMENT = 60.0
UNWANTED = 10.0
#: The least number of seconds for a piece of a reply.
_SHORTEST = 60.0
#: Seconds after which a document that comes slowly ends where others wait.
_CROWDED = 5.0


class Deadline:
    """One read or write that has to end in time; ``missed`` is set where it did not."""

    def __init__(self, began: float, ends: float, hangup: Callable[[], None]) -> None:
        self.began = began
        self.ends = ends
        self.missed = False
        self._hangup = hangup
        self._over = False
        self._lock = threading.Lock()

    def miss(self) -> None:
        """End the connection, unless the read or write is over."""
        with self._lock:
            if not self._over:
                self.missed = True
                self._hangup()

    def end(self) -> None:
        """Note that it is over: nothing is hung up from now on."""
        with self._lock:
            self._over = True


class Watchdog:
    """Ends what misses its deadline, from a thread of its own. Safe between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Watch nothing; for a process that was forked, which has no other thread."""
        self._changed = threading.Condition()
        self._watched: set[Deadline] = set()
        self._wakes = 0.0
        self._runs = False

    @contextlib.contextmanager
    def within(self, seconds: float, hangup: Callable[[], None]) -> Iterator[Deadline]:
        """Call ``hangup``, in another thread, unless the context ends in time.

        It is never called after the context.
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
            # without the lock: where the process ends, the thread may have been
            # stopped while it holds it, and generators are still closed after that
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
    """Lets requests be read whose bodies are documents, a few slow ones at a time.

    Documents are short, and are there at once where a web server in front buffers
    them. Safe between threads.
    """

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self.reset()

    def reset(self) -> None:
        """Count nothing; for a process that was forked."""
        self._lock = threading.Lock()
        self._reading: list[Deadline] = []

    @contextlib.contextmanager
    def reading(
        self, most: int, hangup: Callable[[], None], seconds: float
    ) -> Iterator[Deadline]:
        """Call ``hangup`` unless a document has come in time.

        Where ``most`` others are being read (0 is no limit), the connection of the one
        that began first is ended, if that one is slow.
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
if hasattr(os, 'register_at_fork'):  # a lock of the parent's may be held for ever
    os.register_at_fork(after_in_child=watchdog.reset)
    os.register_at_fork(after_in_child=documents.reset)


def sent(req, pieces: Iterable[Any]) -> Iterator[Any]:
    """Yield the pieces of a reply, and hang up where a client takes one too slowly."""
    end = hangup(req, socket.SHUT_RDWR)
    for piece in pieces:
        # the server sends it before it comes back for the next one
        with watchdog.within(max(_SHORTEST, len(piece) / RATE), end):
            yield piece


def hangup(req, how: int) -> Callable[[], None]:
    """Return what ends a request's connection: ``how`` is as for ``socket.shutdown``.

    That is gunicorn's socket or that of ``hg serve``; with another server it does
    nothing, and the deadline is seen when the read ends.
    """
    environ = req.rawenv
    stream = environ.get(b'wsgi.input')
    # core's reader for clients that wait to be told to send
    stream = environ.get(b'gunicorn.socket') or getattr(stream, 'f', stream)

    def end() -> None:
        with contextlib.suppress(AttributeError, OSError, ValueError):
            shutdown(stream.fileno(), how)

    return end


def shutdown(number: int, how: int) -> None:
    """Shut down the socket of a number, which stays its owner's to close."""
    connection = socket.socket(fileno=number)
    try:
        connection.shutdown(how)
    finally:
        connection.detach()
