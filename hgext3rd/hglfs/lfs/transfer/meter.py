"""The interfaces for the progress of transfers."""

from __future__ import annotations

from typing import Protocol

from ..blob import BlobRef


class Listener(Protocol):
    """Receive the progress of single transfers."""

    def started(self, ref: BlobRef) -> None:
        """Report that the transfer of a blob starts."""
        ...

    def advanced(self, size: int) -> None:
        """Report transferred bytes; a negative ``size`` withdraws reported ones."""
        ...

    def failed(self, error: Exception, retries: int) -> None:
        """Report a failed attempt, and the number of retries left."""
        ...

    def finished(self, ref: BlobRef) -> None:
        """Report that a blob is complete at its destination."""
        ...


class Meter(Listener, Protocol):
    """Receive and show the progress of all transfers. For the main thread."""

    def planned(self, count: int, size: int) -> None:
        """Add a number of blobs, and their bytes, to the total."""
        ...

    def closed(self) -> None:
        """Report that all transfers have ended, successfully or not."""
        ...

    def succeeded(self) -> None:
        """Report that all planned blobs are complete; called after ``closed``."""
        ...

    def abandoned(self, count: int, size: int) -> None:
        """Report that an error ended the transfers; called after ``closed``.

        ``count`` is the number of blobs that were never reported by ``planned``,
        ``size`` their total size in bytes.
        """
        ...
