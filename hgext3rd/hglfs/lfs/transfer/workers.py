"""Worker threads that run transfers, each over its own connection.

Of the caller's objects, threads use only the store. Their progress and log messages go
through a queue to the main thread, which alone uses the meter and the log.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from ..blob import BlobRef
from ..errors import LfsError, Stopped
from ..log import Log
from ..remote.api import Connection, Remote, Transfer
from ..store.api import BlobStore
from .meter import Meter
from .persist import Policy, persist
from .throttle import Throttle
from .watch import Tally

#: The number of waiting transfers above which ``add`` blocks.
_WAITING = 64
#: The maximum size in bytes of a first transfer that runs alone, before the others.
_QUICK = 16 << 20
#: How often the main thread handles events, in seconds.
_ATTENDING = 0.05
#: How long to wait for stopped threads, in seconds.
_PATIENCE = 5.0

#: A function that a thread queues for the main thread.
Event = Callable[[], object]


class Workers:
    """Run transfers in threads; use it in ``with``, from the main thread."""

    def __init__(
        self, remote: Remote, store: BlobStore, meter: Meter, policy: Policy
    ) -> None:
        self._remote = remote
        self._store = store
        self._meter = meter
        self._policy = policy
        self._throttle = Throttle(policy.bandwidth)
        self._most = min(policy.connections, remote.parallel)
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._woken = threading.Event()
        self._jobs = _Jobs()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._pending = 0
        self._proven = False

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._jobs.close()
        until = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if exc[0] is not None:
            self._settle()

    def add(self, transfers: Sequence[Transfer]) -> None:
        """Queue some transfers; block while too many are queued."""
        waiting = sorted(transfers, key=_size)
        if not self._proven and _size(waiting[0]) <= _QUICK:
            # may prompt for a password in the main thread, which the threads then use
            self._here(waiting.pop(0))
        self._proven = True
        self._pending += len(waiting)
        self._jobs.put(reversed(waiting))
        while len(self._threads) < min(self._most, self._pending):
            self._start()
        while self._pending > _WAITING:
            self._runevents()

    def finish(self) -> None:
        """Wait until all transfers have ended; raise the first error."""
        while self._pending:
            self._runevents()

    def _runevents(self) -> None:
        """Wait for a wake-up from a thread, or a timeout; then run the queued events.

        Threads do not wake the main thread for progress events, because switching
        threads for each event would be expensive.
        """
        self._woken.wait(_ATTENDING)
        self._woken.clear()
        with contextlib.suppress(queue.Empty):
            while True:
                self._events.get_nowait()()

    def _settle(self) -> None:
        """Run the events that are queued after an error, and ignore further errors.

        This reports the blobs that threads have completed since the error.
        """
        with contextlib.suppress(queue.Empty):
            while True:
                with contextlib.suppress(LfsError):
                    self._events.get_nowait()()

    def _want(self, event: Event) -> None:
        self._events.put(event)
        self._woken.set()

    def _here(self, transfer: Transfer) -> None:
        tally = Tally(self._meter, self._throttle)
        connection, retry = self._remote.connect(), self._policy.retry
        persist(transfer, connection, self._store, tally, retry, self._stop.wait)

    def _start(self) -> None:
        relay = _Relay(self._events, self._meter, self._remote.connect().log)
        connection = self._remote.connect(relay)
        work = functools.partial(
            self._work, connection, self._store.with_log(relay), relay
        )
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, connection: Connection, store: BlobStore, relay: _Relay) -> None:
        for transfer, needed in self._jobs:
            tally = Tally(relay, self._throttle, self._check, self._offer)
            try:
                persist(
                    transfer,
                    connection,
                    store,
                    tally,
                    self._policy.retry,
                    self._stop.wait,
                )
                done = functools.partial(self._done, None)
            except LfsError as exc:
                done = functools.partial(self._done, exc)
            except Exception:
                # it may be a prompt, which is impossible in a thread: run it in the
                # main thread
                done = functools.partial(self._again, transfer)
            if needed:
                self._want(done)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped(b'another transfer failed')

    def _offer(self, helpers: Sequence[Transfer]) -> None:
        """Let idle threads run helpers; the main thread may start more threads."""
        self._want(lambda: self._help(helpers))

    def _help(self, helpers: Sequence[Transfer]) -> None:
        if self._stop.is_set():
            return
        while len(self._threads) < min(self._most, self._pending + len(helpers)):
            self._start()
        self._jobs.help(helpers)

    def _again(self, transfer: Transfer) -> None:
        if self._stop.is_set():
            return
        self._here(transfer)
        self._done(None)

    def _done(self, error: LfsError | None) -> None:
        self._pending -= 1
        if error is not None:
            raise error


def _size(transfer: Transfer) -> int:
    return sum(ref.size for ref in transfer.refs)


class _Jobs:
    """The transfers that no thread has begun: required ones first, then helpers."""

    def __init__(self) -> None:
        self._needed: collections.deque[Transfer] = collections.deque()
        self._helpers: collections.deque[Transfer] = collections.deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, transfers: Iterable[Transfer]) -> None:
        """Add transfers that must be run."""
        with self._changed:
            self._needed.extend(transfers)
            self._changed.notify_all()

    def help(self, helpers: Sequence[Transfer]) -> None:
        """Add transfers that may be run."""
        with self._changed:
            self._helpers.extend(helpers)
            self._changed.notify_all()

    def close(self) -> None:
        """Prevent threads from beginning further transfers."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> _Jobs:
        return self

    def __next__(self) -> tuple[Transfer, bool]:
        """Wait for a transfer; return it, and whether it is a required one."""
        with self._changed:
            while not self._closed:
                if self._needed:
                    return self._needed.popleft(), True
                if self._helpers:
                    return self._helpers.popleft(), False
                self._changed.wait()
        raise StopIteration


class _Relay:
    """A listener and a log for a thread; calls are queued for the main thread."""

    def __init__(
        self, events: queue.SimpleQueue[Event], meter: Meter, log: Log
    ) -> None:
        self._put = events.put
        self._meter = meter
        self._log = log
        self.debugging = log.debugging

    def note(self, message: bytes) -> None:
        self._enqueue(self._log.note, message)

    def debug(self, message: bytes) -> None:
        if self.debugging:
            self._enqueue(self._log.debug, message)

    def started(self, ref: BlobRef) -> None:
        self._enqueue(self._meter.started, ref)

    def advanced(self, size: int) -> None:
        self._enqueue(self._meter.advanced, size)

    def failed(self, error: Exception, retries: int) -> None:
        self._enqueue(self._meter.failed, error, retries)

    def finished(self, ref: BlobRef) -> None:
        self._enqueue(self._meter.finished, ref)

    def _enqueue(self, listener: Callable[..., object], *args: object) -> None:
        self._put(functools.partial(listener, *args))
