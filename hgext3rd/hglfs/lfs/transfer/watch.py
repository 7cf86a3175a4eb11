"""Forward the progress of a transfer to a listener."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ..blob import BlobRef
from ..remote.api import Transfer
from .meter import Listener
from .throttle import Throttle


class Tally:
    """Forward the progress of one transfer; see ``remote.api.Watch``.

    The bytes of a failed attempt can be taken back. Thread safe if the listener is.
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
        #: whether this is the last attempt
        self.last = False

    def started(self, ref: BlobRef) -> None:
        """Report that the transfer of a blob starts."""
        self._check()
        self._meter.started(ref)

    def had(self, size: int) -> None:
        """Report that ``size`` bytes are present from an earlier attempt."""
        if size:
            with self._lock:
                self._moved += size
            self._meter.advanced(size)

    def moved(self, size: int) -> None:
        """Report further transferred bytes; block to limit the bandwidth."""
        self._check()
        self._throttle.take(size)
        self.had(size)

    def arrived(self, ref: BlobRef) -> None:
        """Report that a blob is complete at its destination."""
        self._moved = max(0, self._moved - ref.size)
        self._meter.finished(ref)

    def helped(self, helpers: Sequence[Transfer]) -> None:
        """Offer helpers to idle threads."""
        self._offer(helpers)

    def takeback(self) -> None:
        """Take back the bytes of blobs that are incomplete."""
        self._meter.advanced(-self._moved)
        self._moved = 0

    def failed(self, error: Exception, retries: int) -> None:
        """Report a failed attempt, and the number of retries left."""
        self._meter.failed(error, retries)
