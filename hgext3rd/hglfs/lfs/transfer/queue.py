"""The queue: run the transfers that a remote plans, with retries."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from ..blob import BlobRef, unique
from ..errors import LfsError
from ..remote.api import Connection, Held, Holder, Plan, Remote, Transfer
from ..store.api import BlobStore
from .meter import Meter
from .persist import Policy, persist
from .retry import Attempts, Retry
from .throttle import Throttle
from .watch import Tally

#: What a remote answers about ``asked`` blobs.
_Answer = TypeVar('_Answer', Plan, Held)


def move(
    remote: Remote,
    operation: str,
    refs: Sequence[BlobRef],
    store: BlobStore,
    meter: Meter,
    policy: Policy,
    tolerant: Callable[[], bool] = lambda: False,
) -> list[tuple[BlobRef, LfsError]]:
    """Transfer blobs between a store and a remote.

    Transient errors are retried. Raises RemoteError and BlobError; blobs that have been
    transferred by then are kept. The refusal of a blob by the remote is raised, too,
    unless ``tolerant`` returns true: then refused blobs are returned, with the errors.
    """
    refused: list[tuple[BlobRef, LfsError]] = []
    left = unique(refs)
    with _closing(meter, left, tolerant), _mover(remote, store, meter, policy) as mover:
        for plan in planned(remote, operation, [*left], policy.retry, meter):
            refused += plan.refused
            if refused and not tolerant():
                ref, reason = refused[0]
                reason.path = reason.path or ref.path
                raise reason
            del left[: plan.asked]
            if plan.transfers:
                some = [ref for item in plan.transfers for ref in item.refs]
                meter.planned(len(some), sum(ref.size for ref in some))
                mover.add(plan.transfers)
        mover.finish()
    meter.succeeded()
    return refused


@contextlib.contextmanager
def _closing(
    meter: Meter, left: Sequence[BlobRef], tolerant: Callable[[], bool]
) -> Iterator[None]:
    """Close a meter when its transfers have ended.

    After an error, the transfers are reported as abandoned. They are not if the error
    is an LfsError and ``tolerant`` returns true, because the caller then tries another
    remote. ``left`` are the blobs that no plan covers at the end.
    """
    try:
        yield
    except BaseException as exc:
        meter.closed()
        if not isinstance(exc, LfsError) or not tolerant():
            meter.abandoned(len(left), sum(ref.size for ref in left))
        raise
    else:
        meter.closed()


@contextlib.contextmanager
def _mover(
    remote: Remote, store: BlobStore, meter: Meter, policy: Policy
) -> Iterator[_Mover]:
    """Yield the object that runs plans: Workers, or _OneByOne for one connection."""
    with contextlib.closing(remote.connect()) as connection:
        if min(policy.connections, remote.parallel) > 1:
            from .workers import Workers

            with Workers(remote, store, meter, policy) as workers:
                yield workers
        else:
            yield _OneByOne(connection, store, meter, policy)


class _Mover(Protocol):
    """Run the transfers of plans."""

    def add(self, transfers: Sequence[Transfer]) -> None:
        """Run some transfers, or queue them."""
        ...

    def finish(self) -> None:
        """Wait until all transfers have ended; raise the first error."""
        ...


class _OneByOne:
    """Run transfers in the calling thread, one after the other, sorted by oid."""

    def __init__(
        self, connection: Connection, store: BlobStore, meter: Meter, policy: Policy
    ) -> None:
        self._connection = connection
        self._store = store
        self._meter = meter
        self._retry = policy.retry
        self._throttle = Throttle(policy.bandwidth)

    def add(self, transfers: Sequence[Transfer]) -> None:
        """Run the transfers before returning, one after the other."""
        for transfer in sorted(transfers, key=lambda item: item.refs[0].oid):
            tally = Tally(self._meter, self._throttle)
            persist(
                transfer, self._connection, self._store, tally, self._retry, time.sleep
            )

    def finish(self) -> None:
        """Do nothing, because all transfers have ended."""


def planned(
    remote: Remote,
    operation: str,
    refs: Sequence[BlobRef],
    retry: Retry,
    meter: Meter,
) -> Iterator[Plan]:
    """Yield a remote's plans; retry after transient errors."""
    return _repeated(functools.partial(remote.plan, operation), refs, retry, meter)


def held(
    remote: Holder, refs: Sequence[BlobRef], retry: Retry, meter: Meter
) -> Iterator[Held]:
    """Yield which blobs a remote has; retry after transient errors."""
    return _repeated(remote.held, refs, retry, meter)


def _repeated(
    ask: Callable[[Sequence[BlobRef]], Iterator[_Answer]],
    refs: Sequence[BlobRef],
    retry: Retry,
    meter: Meter,
) -> Iterator[_Answer]:
    """Yield the answers about some blobs; after a transient error, ask for the rest."""
    attempts, done = Attempts(retry), 0
    while True:
        try:
            for answer in ask(refs[done:]):
                attempts.progressed()
                done += answer.asked
                yield answer
            return
        except LfsError as exc:
            pause = attempts.pause(exc)
            meter.failed(exc, attempts.left)
            time.sleep(pause)
