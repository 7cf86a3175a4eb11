"""What is told while blobs move."""

from __future__ import annotations

from typing import Protocol

from ..blob import BlobRef


class Listener(Protocol):
    """Is told how single transfers go."""

    def started(self, ref: BlobRef) -> None:
        """A blob is on its way."""
        ...

    def advanced(self, size: int) -> None:
        """So many bytes more have moved; a negative number takes some back."""
        ...

    def failed(self, error: Exception, retries: int) -> None:
        """A try failed; so many are left."""
        ...

    def finished(self, ref: BlobRef) -> None:
        """A blob has arrived."""
        ...


class Meter(Listener, Protocol):
    """Is told how all the transfers go, and shows it. For the main thread."""

    def planned(self, count: int, size: int) -> None:
        """So many blobs, of so many bytes together, are about to be moved."""
        ...

    def closed(self) -> None:
        """Nothing moves any more, for good or bad."""
        ...

    def succeeded(self) -> None:
        """All that was planned has arrived, and is ``closed``."""
        ...
