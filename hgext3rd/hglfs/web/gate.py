"""Limits on concurrent transfers and on the total size of large requests."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator

#: Seconds that a transfer waits for a slot: clients time out after 30 without a byte.
_PATIENCE = 20.0
_lock = threading.Lock()
_freed = threading.Condition()
_passing = _waiting = 0


def _release_nothing() -> None:
    """Do nothing: the default for a TransferSlot that counts towards no limit."""


class TransferSlot:
    """The slot of one request; only the first call of ``release`` has an effect."""

    def __init__(self, leave: Callable[[], None] = _release_nothing) -> None:
        self._leave = leave
        self._back = False

    def release(self) -> None:
        """Release the slot for another request."""
        with _lock:
            back, self._back = self._back, True
        if not back:
            self._leave()

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks, and release the slot after the last one."""
        try:
            yield from chunks
        finally:
            self.release()

    def __del__(self) -> None:
        self.release()


def enter(
    limit: int, waiting: int = 0, patience: float = _PATIENCE
) -> TransferSlot | None:
    """Return a slot for a transfer; return None if too many transfers are running.

    ``limit`` is the maximum number of running transfers; 0 means no limit. At the
    limit, the call waits for a slot for up to ``patience`` seconds, then returns None.
    If ``waiting`` other calls wait already, it returns None immediately.
    """
    global _passing
    with _freed:
        if limit and _passing >= limit and not _wait(limit, waiting, patience):
            return None
        _passing += 1
    return TransferSlot(_leave)


def _wait(limit: int, waiting: int, patience: float) -> bool:
    """Wait for a slot; return whether one is free. See ``enter`` for the parameters."""
    global _waiting
    if _waiting >= waiting:
        return False
    _waiting += 1
    try:
        return _freed.wait_for(lambda: _passing < limit, patience)
    finally:
        _waiting -= 1


def _leave() -> None:
    global _passing
    with _freed:
        _passing -= 1
        _freed.notify()


class RequestLimit:
    """Limit the total size of the requests that are handled at the same time.

    The total is at most ``room`` bytes, unless a single request is larger. At the
    limit, up to ``waiting`` requests wait, each for up to ``patience`` seconds. Thread
    safe.
    """

    def __init__(self, room: int, waiting: int, patience: float) -> None:
        self._room = room
        self._mostwaiting = waiting
        self._patience = patience
        self._inside = self._waiting = 0
        self._left = threading.Condition()

    def enter(self, size: int) -> TransferSlot | None:
        """Return a slot for a request of ``size`` bytes, or None to refuse it.

        If the total size would exceed ``room``, the call waits until other requests
        have ended. It returns None after ``patience`` seconds, or immediately if
        ``waiting`` other requests wait already.
        """
        with self._left:
            if not self._fits(size) and not self._wait(size):
                return None
            self._inside += size
        return TransferSlot(functools.partial(self._leave, size))

    def _fits(self, size: int) -> bool:
        return not self._inside or self._inside + size <= self._room

    def _wait(self, size: int) -> bool:
        """Wait until ``size`` bytes fit into ``room``; return whether they do."""
        if self._waiting >= self._mostwaiting:
            return False
        self._waiting += 1
        try:
            return self._left.wait_for(lambda: self._fits(size), self._patience)
        finally:
            self._waiting -= 1

    def _leave(self, size: int) -> None:
        with self._left:
            self._inside -= size
            self._left.notify_all()
