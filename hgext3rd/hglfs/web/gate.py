"""How many transfers a process takes part in at once, and how many big requests."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator

#: Seconds that a transfer waits for a slot: clients give up after 30 without a byte.
_PATIENCE = 20.0
_lock = threading.Lock()
_freed = threading.Condition()
_passing = _waiting = 0


def _nothing() -> None:
    """Do nothing: the request is not counted."""


class TransferSlot:
    """Counts as one request until it is given back, which may be done twice."""

    def __init__(self, leave: Callable[[], None] = _nothing) -> None:
        self._leave = leave
        self._back = False

    def giveback(self) -> None:
        """Lets another one in."""
        with _lock:
            back, self._back = self._back, True
        if not back:
            self._leave()

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the chunks, and gives itself back behind them."""
        try:
            yield from chunks
        finally:
            self.giveback()

    def __del__(self) -> None:
        self.giveback()


def enter(
    limit: int, waiting: int = 0, patience: float = _PATIENCE
) -> TransferSlot | None:
    """Let a transfer in, where fewer than ``limit`` pass; 0 is no limit.

    Up to ``waiting`` others wait for up to ``patience`` seconds; return None for those
    that wait in vain, or may not wait.
    """
    global _passing
    with _freed:
        if limit and _passing >= limit and not _waited(limit, waiting, patience):
            return None
        _passing += 1
    return TransferSlot(_leave)


def _waited(limit: int, waiting: int, patience: float) -> bool:
    """Wait for a slot, and return whether there is one."""
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


class Turns:
    """Lets requests in by their sizes, so that a process has so much to do at once.

    The sizes of those that are in are at most ``room`` together, or there is but one.
    Up to ``waiting`` others wait for up to ``patience`` seconds. Safe between threads.
    """

    def __init__(self, room: int, waiting: int, patience: float) -> None:
        self._room = room
        self._mostwaiting = waiting
        self._patience = patience
        self._inside = self._waiting = 0
        self._left = threading.Condition()

    def enter(self, size: int) -> TransferSlot | None:
        """Let a request in, perhaps after a while; return None where it can't be."""
        with self._left:
            if not self._fits(size) and not self._waited(size):
                return None
            self._inside += size
        return TransferSlot(functools.partial(self._leave, size))

    def _fits(self, size: int) -> bool:
        return not self._inside or self._inside + size <= self._room

    def _waited(self, size: int) -> bool:
        """Wait for room, and return whether there is some."""
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
