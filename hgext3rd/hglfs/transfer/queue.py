"""The queue: moves the blobs that a remote planned, and tries again."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.blob import BlobRef, unique
from ..model.errors import LfsError
from ..remote.api import Remote, Transfer
from ..store.api import BlobStore
from .meter import Meter


def move(
    remote: Remote,
    operation: str,
    refs: Sequence[BlobRef],
    store: BlobStore,
    meter: Meter,
    retries: int,
) -> None:
    """Moves blobs between a store and a remote, in the order of their oids.

    A transfer that fails for a passing reason is tried again so many times.
    Raises RemoteError and BlobError; what has arrived by then stays.
    """
    try:
        for transfers in remote.plan(operation, unique(refs)):
            meter.planned(len(transfers), sum(item.ref.size for item in transfers))
            for transfer in sorted(transfers, key=lambda item: item.ref.oid):
                meter.started(transfer.ref)
                _persist(transfer, store, meter, retries)
                meter.finished(transfer.ref)
    finally:
        meter.closed()
    meter.succeeded()


def _persist(transfer: Transfer, store: BlobStore, meter: Meter, retries: int) -> None:
    for left in range(retries, -1, -1):
        tally = _Tally(meter)
        try:
            return transfer.run(store, tally.add)
        except LfsError as exc:
            exc.path = transfer.ref.path
            if not exc.transient or not left:
                raise
            tally.takeback()
            meter.failed(exc, left)


class _Tally:
    """Counts what one try has moved, so that it can be taken back."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._moved = 0

    def add(self, size: int) -> None:
        self._moved += size
        self._meter.advanced(size)

    def takeback(self) -> None:
        self._meter.advanced(-self._moved)
