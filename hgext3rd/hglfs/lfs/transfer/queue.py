"""The queue: moves the blobs that a remote planned, and tries again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ..blob import BlobRef, unique
from ..errors import LfsError
from ..remote.api import Connection, Plan, Remote, Transfer
from ..store.api import BlobStore
from .meter import Meter
from .persist import Policy, persist
from .retry import Attempts, Retry
from .throttle import Throttle
from .watch import Tally


def move(
    remote: Remote,
    operation: str,
    refs: Sequence[BlobRef],
    store: BlobStore,
    meter: Meter,
    policy: Policy,
    tolerant: Callable[[], bool] = lambda: False,
) -> list[tuple[BlobRef, LfsError]]:
    """Moves blobs between a store and a remote.

    A transfer that fails for a passing reason is tried again. Raises RemoteError and
    BlobError; what has arrived by then stays. The remote's refusals are raised too,
    or returned where the caller is ``tolerant``.
    """
    refused: list[tuple[BlobRef, LfsError]] = []
    with _closing(meter), _mover(remote, store, meter, policy) as mover:
        for plan in planned(remote, operation, unique(refs), policy.retry, meter):
            refused += plan.refused
            if refused and not tolerant():
                ref, reason = refused[0]
                reason.path = reason.path or ref.path
                raise reason
            if plan.transfers:
                some = [ref for item in plan.transfers for ref in item.refs]
                meter.planned(len(some), sum(ref.size for ref in some))
                mover.add(plan.transfers)
        mover.finish()
    meter.succeeded()
    return refused


@contextlib.contextmanager
def _closing(meter: Meter) -> Iterator[None]:
    try:
        yield
    finally:
        meter.closed()


@contextlib.contextmanager
def _mover(
    remote: Remote, store: BlobStore, meter: Meter, policy: Policy
) -> Iterator[_Mover]:
    """Lends what carries out plans: threads where there may be any."""
    with contextlib.closing(remote.connect()) as connection:
        if min(policy.connections, remote.parallel) > 1:
            from .workers import Workers

            with Workers(remote, store, meter, policy) as workers:
                yield workers
        else:
            yield _OneByOne(connection, store, meter, policy)


class _Mover(Protocol):
    """Carries out plans."""

    def add(self, transfers: Sequence[Transfer]) -> None:
        """Has some transfers carried out, now or soon."""
        ...

    def finish(self) -> None:
        """Returns when all is done; raises the first error."""
        ...


class _OneByOne:
    """Carries out plans at once, in this thread and in the order of the oids."""

    def __init__(
        self, connection: Connection, store: BlobStore, meter: Meter, policy: Policy
    ) -> None:
        self._connection = connection
        self._store = store
        self._meter = meter
        self._retry = policy.retry
        self._throttle = Throttle(policy.bandwidth)

    def add(self, transfers: Sequence[Transfer]) -> None:
        """Carries out some transfers."""
        for transfer in sorted(transfers, key=lambda item: item.refs[0].oid):
            tally = Tally(self._meter, self._throttle)
            persist(
                transfer, self._connection, self._store, tally, self._retry, time.sleep
            )

    def finish(self) -> None:
        """Does nothing: all is done."""


def planned(
    remote: Remote,
    operation: str,
    refs: Sequence[BlobRef],
    retry: Retry,
    meter: Meter,
) -> Iterator[Plan]:
    """Yields a remote's plans; what can't be asked now is asked again later."""
    attempts, done = Attempts(retry), 0
    while True:
        try:
            for plan in remote.plan(operation, refs[done:]):
                attempts.progressed()
                done += plan.asked
                yield plan
            return
        except LfsError as exc:
            pause = attempts.pause(exc)
            meter.failed(exc, attempts.left)
            time.sleep(pause)
