"""The contract of a remote, and of the transfers that it plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ..model.blob import BlobRef
from ..store.api import BlobStore

#: Is told how many more bytes of a blob have moved.
Progress = Callable[[int], None]


class Transfer(Protocol):
    """One blob on its way."""

    @property
    def ref(self) -> BlobRef:
        """Which blob it is."""
        ...

    def run(self, store: BlobStore, progress: Progress) -> None:
        """Moves the blob; may be called again after a transient error.

        Raises RemoteError, BlobError. What arrives is verified by ``store``.
        """
        ...


class Remote(Protocol):
    """A place that blobs can be fetched from and sent to.

    ``quiet`` is whether that is no more worth telling than the copying of files.
    """

    quiet: bool

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[list[Transfer]]:
        """Yields what has to be moved, some of it at a time.

        For an upload, blobs that are there already are left out. Raises
        RemoteError, for instance BlobRefused where a blob can't be had.
        """
        ...
