"""When a transfer that failed is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..model.errors import LfsError

#: No server may have us wait for longer, in seconds.
_LONGEST = 300.0


@dataclass(frozen=True)
class Retry:
    """Says how often, and after what pauses in seconds. Whether is for the error."""

    count: int = 5
    first: float = 0.25
    most: float = 10.0

    def allows(self, exc: LfsError, tries: int) -> bool:
        """Tells whether to try again after so many failures."""
        return exc.transient and tries <= self.count

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
