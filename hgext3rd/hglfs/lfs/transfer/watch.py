"""What a transfer tells, as the meter is to hear it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ..blob import BlobRef
from ..remote.api import Transfer
from .meter import Listener
from .throttle import Throttle


class Tally:
    """Watches one transfer, and can take back what a try has moved in vain.

    Safe between threads, where its listener is.
    """

    def __init__(
        self,
        meter: Listener,
        throttle: Throttle,
        check: Callable[[], None] = lambda: None,
        offer: Callable[[Sequence[Transfer]], None] = lambda helpers: None,
    ) -> None:
        self._meter = meter
        self._throttle = throttle
        self._check = check
        self._offer = offer
        self._moved = 0
        self._lock = threading.Lock()
        #: whether no retry follows the attempt that is under way
        self.last = False

    def started(self, ref: BlobRef) -> None:
        """A blob is on its way."""
        self._check()
        self._meter.started(ref)

    def had(self, size: int) -> None:
        """So many of its bytes were there from an earlier attempt."""
        if size:
            with self._lock:
                self._moved += size
            self._meter.advanced(size)

    def moved(self, size: int) -> None:
        """So many bytes of it more have moved."""
        self._check()
        self._throttle.take(size)
        self.had(size)

    def arrived(self, ref: BlobRef) -> None:
        """A blob is where it should be, whole."""
        self._moved = max(0, self._moved - ref.size)
        self._meter.finished(ref)

    def helped(self, helpers: Sequence[Transfer]) -> None:
        """Whoever is idle may run these."""
        self._offer(helpers)

    def takeback(self) -> None:
        """Forgets what has moved of blobs that didn't arrive."""
        self._meter.advanced(-self._moved)
        self._moved = 0

    def failed(self, error: Exception, retries: int) -> None:
        """A try failed; so many are left."""
        self._meter.failed(error, retries)
