"""Threads that carry out transfers, each over a connection of its own.

They touch nothing of the caller's but the store: what they have to say goes through
a queue to the main thread, which alone talks to the meter and to the log.
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

#: So many transfers may wait before no more are planned.
_WAITING = 64
#: The first transfer is carried out before the others, unless it has more bytes.
_QUICK = 16 << 20
#: How often the main thread listens to what is said of progress, in seconds.
_ATTENDING = 0.05
#: How long to wait for threads that have been told to stop, in seconds.
_PATIENCE = 5.0

#: What a thread wants done in the main thread.
Event = Callable[[], object]


class Workers:
    """Carries out plans in threads; use it in ``with``, from the main thread."""

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

    def add(self, transfers: Sequence[Transfer]) -> None:
        """Has some transfers carried out, and waits where too many do already."""
        waiting = sorted(transfers, key=_size)
        if not self._proven and _size(waiting[0]) <= _QUICK:
            # here somebody may be asked for a password, which then is known to all
            self._here(waiting.pop(0))
        self._proven = True
        self._pending += len(waiting)
        self._jobs.put(reversed(waiting))
        while len(self._threads) < min(self._most, self._pending):
            self._start()
        while self._pending > _WAITING:
            self._attend()

    def finish(self) -> None:
        """Waits until all is done; raises the first error."""
        while self._pending:
            self._attend()

    def _attend(self) -> None:
        """Does what the threads want done, once one of them can't wait or it is time.

        To wake up for every word of theirs would cost them more than all they do.
        """
        self._woken.wait(_ATTENDING)
        self._woken.clear()
        with contextlib.suppress(queue.Empty):
            while True:
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
                # it may be a question, which nobody answers a thread
                done = functools.partial(self._again, transfer)
            if needed:
                self._want(done)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped(b'another transfer failed')

    def _offer(self, helpers: Sequence[Transfer]) -> None:
        """Has idle threads help one of them; the main thread may start some."""
        self._want(lambda: self._help(helpers))

    def _help(self, helpers: Sequence[Transfer]) -> None:
        while len(self._threads) < min(self._most, self._pending + len(helpers)):
            self._start()
        self._jobs.help(helpers)

    def _again(self, transfer: Transfer) -> None:
        self._here(transfer)
        self._done(None)

    def _done(self, error: LfsError | None) -> None:
        self._pending -= 1
        if error is not None:
            raise error


def _size(transfer: Transfer) -> int:
    return sum(ref.size for ref in transfer.refs)


class _Jobs:
    """The transfers that nobody has begun: needed ones first, then mere help."""

    def __init__(self) -> None:
        self._needed: collections.deque[Transfer] = collections.deque()
        self._helpers: collections.deque[Transfer] = collections.deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, transfers: Iterable[Transfer]) -> None:
        """Adds transfers that have to be carried out."""
        with self._changed:
            self._needed.extend(transfers)
            self._changed.notify_all()

    def help(self, helpers: Sequence[Transfer]) -> None:
        """Adds transfers that may be carried out."""
        with self._changed:
            self._helpers.extend(helpers)
            self._changed.notify_all()

    def close(self) -> None:
        """Has nobody begin anything any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> _Jobs:
        return self

    def __next__(self) -> tuple[Transfer, bool]:
        """Waits for a transfer; returns it, and whether it is a needed one."""
        with self._changed:
            while not self._closed:
                if self._needed:
                    return self._needed.popleft(), True
                if self._helpers:
                    return self._helpers.popleft(), False
                self._changed.wait()
        raise StopIteration


class _Relay:
    """A meter and a log for a thread: the main thread's own get what it is given."""

    def __init__(
        self, events: queue.SimpleQueue[Event], meter: Meter, log: Log
    ) -> None:
        self._put = events.put
        self._meter = meter
        self._log = log
        self.debugging = log.debugging

    def note(self, message: bytes) -> None:
        self._tell(self._log.note, message)

    def debug(self, message: bytes) -> None:
        if self.debugging:
            self._tell(self._log.debug, message)

    def started(self, ref: BlobRef) -> None:
        self._tell(self._meter.started, ref)

    def advanced(self, size: int) -> None:
        self._tell(self._meter.advanced, size)

    def failed(self, error: Exception, retries: int) -> None:
        self._tell(self._meter.failed, error, retries)

    def finished(self, ref: BlobRef) -> None:
        self._tell(self._meter.finished, ref)

    def _tell(self, listener: Callable[..., object], *args: object) -> None:
        self._put(functools.partial(listener, *args))
