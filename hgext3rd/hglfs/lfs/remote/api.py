"""The contract of a remote, and of the transfers that it plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..blob import BlobRef
from ..errors import LfsError
from ..log import Log
from ..store.api import BlobStore

#: Is told how many more bytes of a blob have moved.
Progress = Callable[[int], None]


class Watch(Protocol):
    """Is told by a transfer how it goes. Any of it may raise, to end the transfer."""

    @property
    def last(self) -> bool:
        """Whether this is the last attempt: no transient error is retried after it."""
        ...

    def started(self, ref: BlobRef) -> None:
        """A blob is on its way."""
        ...

    def had(self, size: int) -> None:
        """So many of its bytes were there from an earlier attempt."""
        ...

    def moved(self, size: int) -> None:
        """So many bytes of it more have moved; may wait, where that is too fast."""
        ...

    def arrived(self, ref: BlobRef) -> None:
        """A blob is where it should be, whole."""
        ...

    def helped(self, helpers: Sequence[Transfer]) -> None:
        """Whoever is idle may run these, which make this transfer end sooner.

        It ends without them too, and says itself what goes wrong with them.
        """
        ...


class Connection(Protocol):
    """One connection to a remote, for one thread."""

    @property
    def log(self) -> Log:
        """What the transfers on it may talk to."""
        ...

    def close(self) -> None:
        """Ends what runs for the transfers on it, and on the others of its remote.

        For the main thread's connection, when nothing moves any more. It can be used
        again.
        """
        ...


class Transfer(Protocol):
    """One blob on its way, or some small ones together."""

    @property
    def refs(self) -> Sequence[BlobRef]:
        """Which blobs are still to be moved."""
        ...

    def run(self, connection: Any, store: BlobStore, watch: Watch) -> None:
        """Moves the blobs; may be called again after a transient error.

        ``connection`` is one of the remote's that planned it, and of its kind. Raises
        RemoteError, BlobError. What arrives is verified by ``store``.
        """
        ...


@dataclass(frozen=True)
class Plan:
    """What has to be moved, and which blobs can't be, with the reason for each.

    A blob that needs not be moved is in neither. ``asked`` is how many were asked
    about.
    """

    asked: int
    transfers: Sequence[Transfer]
    refused: Sequence[tuple[BlobRef, LfsError]] = field(default=())


class Remote(Protocol):
    """A place that blobs can be fetched from and sent to.

    ``quiet`` is whether that is no more worth telling than the copying of files,
    ``parallel`` how many connections can be used at once, ``name`` what the user calls
    it, without credentials. For the main thread, but for its connections.
    """

    quiet: bool
    parallel: int
    name: bytes

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yields what has to be done, some of it at a time.

        They are asked about in their order. For an upload, blobs that are there
        already are left out. Raises RemoteError.
        """
        ...

    def connect(self, log: Log | None = None) -> Connection:
        """Returns the main thread's connection; with a log, another for a thread.

        Nobody is asked for a password on that: it comes from the first.
        """
        ...
