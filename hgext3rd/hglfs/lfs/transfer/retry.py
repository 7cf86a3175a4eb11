"""Decide when to retry a failed transfer."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..errors import LfsError

#: The maximum delay that a server may ask for, in seconds: once, and for a transfer.
_LONGEST = 300.0
_QUEUED = 600.0
#: The minimum that a delay adds to the total of a transfer, in seconds.
_LEASTWAIT = 1.0


@dataclass(frozen=True)
class Retry:
    """The number of retries, and the first and the longest delay in seconds."""

    count: int = 5
    first: float = 0.25
    most: float = 10.0

    def allows(self, exc: LfsError, tries: int) -> bool:
        """Return whether to retry after ``exc``, which was failure number ``tries``."""
        return exc.transient and tries <= self.count

    def isuncounted(self, exc: LfsError, waited: float) -> bool:
        """Return whether an error does not count as a failure.

        It does not if a busy server asked the client to wait, and the total delay of
        the transfer is below a limit. ``waited`` is that delay so far, in seconds.
        """
        asked = exc.transient and exc.after is not None
        return asked and self.count > 0 and waited < _QUEUED

    def exhausted(self, tries: int) -> bool:
        """Return whether an error after ``tries`` failures would be final."""
        return tries >= self.count

    def pause(self, exc: LfsError, tries: int) -> float:
        """Return the delay in seconds after ``tries`` failures.

        This is the delay that the server asked for, up to a maximum. If it did not ask
        for one, the delay doubles with each failure, and is reduced by up to a half at
        random, so that clients do not retry all at once.
        """
        if exc.after is not None:
            return min(max(exc.after, 0.0), _LONGEST)
        pause = min(self.most, self.first * 2 ** (tries - 1))
        return float(pause * random.uniform(0.5, 1.0))


class Attempts:
    """Count the failures of one transfer or request."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry
        self._tries = 0
        self._waited = 0.0

    @property
    def left(self) -> int:
        """The number of retries left."""
        return self._retry.count - max(0, self._tries - 1)

    @property
    def islast(self) -> bool:
        """Whether the next failure would be final."""
        return self._retry.exhausted(self._tries)

    def progressed(self) -> None:
        """Reset the count, because something was transferred."""
        self._tries = 0

    def pause(self, exc: LfsError) -> float:
        """Count a failure; return the delay before the retry in seconds.

        Raises ``exc`` if there is no retry.
        """
        if self._retry.isuncounted(exc, self._waited):
            pause = self._retry.pause(exc, 1)
            self._waited += max(pause, _LEASTWAIT)
            return pause
        self._tries += 1
        if not self._retry.allows(exc, self._tries):
            raise exc
        return self._retry.pause(exc, self._tries)
