"""The contract of a remote, and of the transfers that it plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..blob import BlobRef
from ..errors import LfsError
from ..log import Log
from ..store.api import BlobStore

#: Called with the number of further bytes of a blob that were transferred.
Progress = Callable[[int], None]


class Watch(Protocol):
    """Receive the progress of a transfer. Methods MAY raise to stop the transfer."""

    @property
    def last(self) -> bool:
        """Whether this is the last attempt: no transient error is retried after it."""
        ...

    def started(self, ref: BlobRef) -> None:
        """Report that the transfer of a blob starts."""
        ...

    def had(self, size: int) -> None:
        """Report that ``size`` bytes of the blob are present from an earlier attempt.

        A negative ``size`` withdraws reported bytes that have been discarded.
        """
        ...

    def moved(self, size: int) -> None:
        """Report further transferred bytes; MAY block to limit the bandwidth."""
        ...

    def arrived(self, ref: BlobRef) -> None:
        """Report that a blob is complete at its destination."""
        ...

    def helped(self, helpers: Sequence[Transfer]) -> None:
        """Receive helpers from a transfer, which idle threads MAY run to speed it up.

        Errors of helpers are ignored. The transfer MUST do itself what helpers have not
        done, and raise the errors that it then meets.
        """
        ...


class Connection(Protocol):
    """One connection to a remote, for one thread."""

    @property
    def log(self) -> Log:
        """The log for transfers over this connection."""
        ...

    def close(self) -> None:
        """End processes and streams of transfers, on all connections of the remote.

        It is called for the main thread's connection, after the last transfer. The
        connection can be used again.
        """
        ...


class Transfer(Protocol):
    """The transfer of one blob, or of some small ones together."""

    @property
    def refs(self) -> Sequence[BlobRef]:
        """The blobs that are not transferred yet."""
        ...

    def run(self, connection: Any, store: BlobStore, watch: Watch) -> None:
        """Transfer the blobs; may be called again after a transient error.

        ``connection`` MUST come from the remote that planned the transfer. Raises
        RemoteError, BlobError. ``store`` verifies what is downloaded.
        """
        ...


@dataclass(frozen=True)
class Plan:
    """Transfers to run, and the blobs that cannot be transferred, with the reasons.

    A blob that is already at the destination is in neither. ``asked`` is the number of
    blobs that the plan covers.
    """

    asked: int
    transfers: Sequence[Transfer]
    refused: Sequence[tuple[BlobRef, LfsError]] = field(default=())


class Remote(Protocol):
    """A place to download blobs from and to upload them to.

    ``quiet`` is true if transfers need no progress output, because they are local
    copies. ``parallel`` is the maximum number of connections in use, ``name`` a name
    for messages, without credentials. For the main thread, except for connections.
    """

    quiet: bool
    parallel: int
    name: bytes

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield the plans for some blobs, in the order of ``refs``.

        For an upload, blobs that the remote has are left out. Raises RemoteError.
        """
        ...

    def connect(self, log: Log | None = None) -> Connection:
        """Return the main thread's connection; with a log, a new one for a worker.

        A worker is another thread, whose messages go to ``log``. Its connection MUST
        NOT prompt for a password; it uses the passwords of the main thread's
        connection.
        """
        ...


@dataclass(frozen=True)
class Held:
    """A remote's reply about which blobs it has.

    ``asked`` is the number of blobs that the reply is about. ``oids`` are those of them
    that the remote has in the requested size.
    """

    asked: int
    oids: frozenset[bytes]


class Holder(Protocol):
    """A remote that can be asked which blobs it has.

    It MUST NOT report a blob that is only in a cache, or that has another size.
    """

    name: bytes

    def held(self, refs: Sequence[BlobRef]) -> Iterator[Held]:
        """Yield which of some blobs the remote has, in the order of ``refs``.

        Raises RemoteError.
        """
        ...

    def connect(self, log: Log | None = None) -> Connection:
        """Return the main thread's connection; close it after the last request."""
        ...
