"""How many transfers a process takes part in at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

_lock = threading.Lock()
_passing = 0


class Pass:
    """Counts as one transfer until it is given back, which may be done twice."""

    def __init__(self) -> None:
        self._back = False

    def giveback(self) -> None:
        """Lets another transfer in."""
        global _passing
        with _lock:
            _passing -= 0 if self._back else 1
            self._back = True

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the chunks, and gives itself back behind them."""
        try:
            yield from chunks
        finally:
            self.giveback()

    def __del__(self) -> None:
        self.giveback()


def enter(limit: int) -> Pass | None:
    """Lets a transfer in, where fewer than ``limit`` pass; 0 is no limit."""
    global _passing
    with _lock:
        if limit and _passing >= limit:
            return None
        _passing += 1
    return Pass()
