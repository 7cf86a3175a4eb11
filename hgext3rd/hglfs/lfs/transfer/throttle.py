"""Limit the bandwidth of transfers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: The time in seconds for which unused bandwidth is kept for a burst.
_SAVED = 0.25


class Throttle:
    """Delay threads to keep their total rate below a limit in bytes per second.

    A rate of 0 is no limit. Thread safe.
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
        """Block until ``size`` more bytes may have been transferred."""
        if not self._rate or size <= 0:
            return
        with self._lock:
            now = self._clock()
            self._free = max(self._free, now - _SAVED) + size / self._rate
            pause = self._free - now
        if pause > 0:
            self._sleep(pause)
