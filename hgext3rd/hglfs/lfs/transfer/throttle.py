"""No more bytes in a second than somebody allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: How long bytes that were not used may be saved up, in seconds.
_SAVED = 0.25


class Throttle:
    """Makes threads wait, so that together they stay below a rate in bytes a second.

    A rate of 0 is no limit. Safe between threads.
    """

    def __init__(
        self,
        rate: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free = clock()

    def take(self, size: int) -> None:
        """Returns when so many bytes more may have moved."""
        if not self._rate or size <= 0:
            return
        with self._lock:
            now = self._clock()
            self._free = max(self._free, now - _SAVED) + size / self._rate
            pause = self._free - now
        if pause > 0:
            self._sleep(pause)
