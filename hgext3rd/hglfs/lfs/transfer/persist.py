"""Run one transfer, with retries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import LfsError
from ..remote.api import Connection, Transfer
from ..store.api import BlobStore
from .retry import Attempts, Retry
from .watch import Tally


@dataclass(frozen=True)
class Policy:
    """How blobs are transferred: retries, number of connections, bandwidth.

    With one connection they are transferred one at a time, sorted by oid. ``bandwidth``
    is in bytes per second, 0 for no limit.
    """

    retry: Retry = field(default_factory=Retry)
    connections: int = 1
    bandwidth: int = 0


def persist(
    transfer: Transfer,
    connection: Connection,
    store: BlobStore,
    tally: Tally,
    retry: Retry,
    wait: Callable[[float], object],
) -> None:
    """Run a transfer, with retries after transient errors; raise the last error."""
    attempts = Attempts(retry)
    while True:
        left = len(transfer.refs)
        tally.last = attempts.islast
        try:
            return transfer.run(connection, store, tally)
        except LfsError as exc:
            tally.takeback()
            if transfer.refs and exc.path is None:
                exc.path = transfer.refs[0].path
            if len(transfer.refs) < left:
                attempts.progressed()
            pause = attempts.pause(exc)
            tally.failed(exc, attempts.left)
            wait(pause)
