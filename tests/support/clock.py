"""A clock that advances only while a test sleeps on it."""

from __future__ import annotations

import threading


class Clock:
    """A clock; call it for the time. Safe between threads."""

    def __init__(self, now: float = 1000.0) -> None:
        self._start = self._now = now
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self._now

    @property
    def now(self) -> float:
        """The time that has passed."""
        return self._now - self._start

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        with self._lock:
            self._now += seconds
            self.slept.append(seconds)

    def passes(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds
