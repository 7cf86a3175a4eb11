"""When a transfer that failed is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..errors import LfsError

#: No server may have us wait for longer, in seconds: at once, and for one transfer.
_LONGEST = 300.0
_QUEUED = 600.0
#: A shorter wait counts as one of so many seconds.
_LEASTWAIT = 1.0


@dataclass(frozen=True)
class Retry:
    """Says how often, and after what pauses in seconds. Whether is for the error."""

    count: int = 5
    first: float = 0.25
    most: float = 10.0

    def allows(self, exc: LfsError, tries: int) -> bool:
        """Tells whether to try again after so many failures."""
        return exc.transient and tries <= self.count

    def queues(self, exc: LfsError, waited: float) -> bool:
        """Return whether to wait as a busy server requests, which is no failure.

        ``waited`` is for how many seconds one transfer has waited so far.
        """
        asked = exc.transient and exc.after is not None
        return asked and self.count > 0 and waited < _QUEUED

    def exhausted(self, tries: int) -> bool:
        """Return whether no retry is left after one more failure."""
        return tries >= self.count

    def pause(self, exc: LfsError, tries: int) -> float:
        """Returns how long to wait after so many failures.

        That is what the server asks for, or twice as long each time, less up to a
        half by chance, so that many clients don't come back all at once.
        """
        if exc.after is not None:
            return min(max(exc.after, 0.0), _LONGEST)
        pause = min(self.most, self.first * 2 ** (tries - 1))
        return float(pause * random.uniform(0.5, 1.0))


class Attempts:
    """Counts how often one transfer or one request has failed."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry
        self._tries = 0
        self._waited = 0.0

    @property
    def left(self) -> int:
        """How many retries are left."""
        return self._retry.count - max(0, self._tries - 1)

    @property
    def islast(self) -> bool:
        """Whether no retry is left after one more failure."""
        return self._retry.exhausted(self._tries)

    def progressed(self) -> None:
        """Note that something has been moved: that is no failure again and again."""
        self._tries = 0

    def pause(self, exc: LfsError) -> float:
        """Count a failure; return after how many seconds to try again, or raise it."""
        if self._retry.queues(exc, self._waited):
            pause = self._retry.pause(exc, 1)
            self._waited += max(pause, _LEASTWAIT)
            return pause
        self._tries += 1
        if not self._retry.allows(exc, self._tries):
            raise exc
        return self._retry.pause(exc, self._tries)
