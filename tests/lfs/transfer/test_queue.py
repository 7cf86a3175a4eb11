"""The queue: order, retries, and progress that adds up to the size."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import Notes, oidof, refto
from support.clock import Clock
from support.memory import MemoryStore
from support.server import BASE, Server

from hgext3rd.hglfs.lfs.blob import BlobRef, unique
from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    BlobRefused,
    HttpFailed,
    LfsError,
    RemoteError,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote.api import Plan
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.remote.streams import NullConnection
from hgext3rd.hglfs.lfs.transfer import queue
from hgext3rd.hglfs.lfs.transfer.retry import Retry
from hgext3rd.hglfs.lfs.transfer.throttle import Throttle
from hgext3rd.hglfs.lfs.transfer.watch import Tally
from hgext3rd.hglfs.lfs.wire.batch import BASIC

CONTENTS = [b'%d' % number * 50 for number in range(20)]


class Watch:
    """A meter that records its calls."""

    def __init__(self) -> None:
        self.plans: list[tuple[int, int]] = []
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.moved = 0
        self.lowest = 0
        self.highest = 0
        self.left: list[int] = []
        self.ends: list[str] = []
        self.abandonments: list[tuple[int, int]] = []

    def planned(self, count, size):
        self.plans.append((count, size))

    def started(self, ref):
        self.begun.append(ref.oid)

    def advanced(self, size):
        self.moved += size
        self.lowest = min(self.lowest, self.moved)
        self.highest = max(self.highest, self.moved)

    def failed(self, error, retries):
        assert isinstance(error, LfsError)
        self.left.append(retries)

    def finished(self, ref):
        self.done.append(ref.oid)

    def succeeded(self):
        self.ends.append('succeeded')

    def closed(self):
        self.ends.append('closed')

    def abandoned(self, count, size):
        assert self.ends == ['closed']
        self.abandonments.append((count, size))


def policy(retries=5, **others) -> queue.Policy:
    """Return a policy without pauses."""
    return queue.Policy(Retry(retries, 0.0), **others)


def run(server, operation='download', contents=CONTENTS, retries=5, refs=None):
    """Move blobs; return the store, the meter, and the error if there was one."""
    store = MemoryStore(*(contents if operation == 'upload' else ()))
    remote, watch = HttpRemote(BASE, server, Notes(), (BASIC,)), Watch()
    refs = list(map(refto, contents)) if refs is None else refs
    try:
        queue.move(remote, operation, refs, store, watch, policy(retries))
    except LfsError as exc:
        return store, watch, exc
    return store, watch, None


def test_blobs_move_in_the_order_of_their_oids():
    _store, watch, error = run(Server(MemoryStore(*CONTENTS)))
    assert error is None
    assert watch.begun == watch.done == sorted(map(oidof, CONTENTS))


def test_each_batch_is_sorted_by_oid():
    many = [b'%d' % number for number in range(250)]
    _store, watch, error = run(Server(MemoryStore(*many)), contents=many)
    assert error is None
    oids = list(map(oidof, many))
    assert watch.begun == [
        oid for start in (0, 100, 200) for oid in sorted(oids[start : start + 100])
    ]


def test_a_blob_of_several_files_moves_once():
    server = Server(MemoryStore(*CONTENTS))
    refs = [refto(CONTENTS[0], b'a'), refto(CONTENTS[1]), refto(CONTENTS[0], b'b')]
    store, watch, error = run(server, refs=refs)
    assert error is None
    assert server.asked('GET') == len(store.blobs) == 2
    assert watch.plans == [(2, 100)]


@given(st.lists(st.sampled_from([BlobRef(b'%d' % n, n) for n in range(9)])))
def test_unique_keeps_each_oid_once_in_order(refs):
    oids = [ref.oid for ref in unique(refs)]
    assert oids == list(dict.fromkeys(ref.oid for ref in refs))


def test_the_meter_gets_plan_progress_and_end():
    store, watch, error = run(Server(MemoryStore(*CONTENTS)))
    size = sum(map(len, CONTENTS))
    assert error is None
    assert sorted(store) == sorted(map(oidof, CONTENTS))
    assert watch.plans == [(20, size)]
    assert watch.moved == size
    assert watch.left == []
    assert watch.ends == ['closed', 'succeeded']


def test_an_empty_move_closes_the_meter():
    _store, watch, error = run(Server(), refs=[])
    assert error is None
    assert watch.ends == ['closed', 'succeeded']
    assert watch.moved == 0


@pytest.mark.parametrize('operation', ['upload', 'download'])
@pytest.mark.parametrize('breaks', [[0], [10, 49], [1, 0, 30]])
def test_progress_of_a_failed_attempt_is_taken_back(operation, breaks):
    far = MemoryStore(*(CONTENTS if operation == 'download' else ()))
    server = Server(far, breaks=list(breaks))
    store, watch, error = run(server, operation)
    size = sum(map(len, CONTENTS))
    assert error is None
    assert sorted(far) == sorted(store) == sorted(map(oidof, CONTENTS))
    assert (watch.lowest, watch.moved, watch.highest) == (0, size, size)
    assert watch.left == [5 - n for n in range(len(breaks))]


@pytest.mark.parametrize('retries', [0, 1, 3])
def test_a_connection_that_keeps_breaking_is_retried_to_the_limit(retries):
    server = Server(MemoryStore(*CONTENTS), breaks=[3] * 99)
    store, watch, error = run(server, retries=retries)
    assert isinstance(error, ReplyBroken)
    assert server.asked('GET') == 1 + retries
    assert watch.left == list(range(retries, 0, -1))
    assert watch.ends == ['closed']
    assert not store.blobs


def test_every_blob_has_its_own_retries():
    server = Server(MemoryStore(*CONTENTS[:2]), breaks=[1, 1])
    for content in CONTENTS[:2]:
        server.breaks = [1, 1]
        assert run(server, contents=[content], retries=2)[2] is None


@pytest.mark.parametrize(
    ('misbehave', 'kind'),
    [
        ({'spoil': lambda body: body[:-1]}, BlobMangled),
        ({'spoil': lambda body: body + b'x'}, BlobMangled),
        ({'refuse': {'GET': 404}}, RemoteError),
        ({'refuse': {'GET': 403}}, RemoteError),
    ],
)
def test_a_permanent_error_is_not_retried(misbehave, kind):
    server = Server(MemoryStore(*CONTENTS), **misbehave)
    store, watch, error = run(server)
    assert isinstance(error, kind)
    assert not error.transient
    assert server.asked('GET') == 1
    assert watch.left == []
    assert watch.ends == ['closed']
    assert not store.blobs


def test_received_blobs_stay_when_a_later_one_fails():
    first, *_others, last = sorted(CONTENTS, key=oidof)
    server = Server(MemoryStore(*CONTENTS))
    server.spoil = lambda body: body if body != last else b'bad'
    store, watch, error = run(server)
    assert isinstance(error, BlobMangled)
    assert store.has(oidof(first))
    assert len(store.blobs) == len(CONTENTS) - 1
    assert watch.done == sorted(store)


def test_a_refused_blob_fails_before_anything_moves():
    server = Server(MemoryStore(*CONTENTS[1:]))
    store, watch, error = run(server)
    assert isinstance(error, BlobRefused)
    assert not store.blobs
    assert watch.ends == ['closed']


def test_the_meter_is_closed_after_any_exception():
    def interrupt(body):
        raise KeyboardInterrupt

    server, watch = Server(MemoryStore(*CONTENTS), spoil=interrupt), Watch()
    with pytest.raises(KeyboardInterrupt):
        queue.move(
            HttpRemote(BASE, server, Notes(), (BASIC,)),
            'download',
            list(map(refto, CONTENTS)),
            MemoryStore(),
            watch,
            policy(),
        )
    assert watch.ends == ['closed']
    assert watch.abandonments == [(0, 0)]


# failures


def test_a_failure_is_reported_with_what_was_not_planned():
    _remote, watch, error = ask(None, HttpFailed(403, b'Forbidden'))
    assert error is not None
    assert watch.plans == [(3, 150)]
    assert watch.abandonments == [(6, sum(map(len, CONTENTS[3:9])))]


def test_a_refused_plan_counts_as_not_planned():
    _store, watch, error = run(Server(MemoryStore(*CONTENTS[1:])))
    assert isinstance(error, BlobRefused)
    assert watch.abandonments == [(20, sum(map(len, CONTENTS)))]


def test_success_is_no_failure():
    assert run(Server(MemoryStore(*CONTENTS)))[1].abandonments == []


@pytest.mark.parametrize('tolerant', [True, False])
def test_a_failure_that_another_remote_may_make_up_for_is_not_reported(tolerant):
    watch, remote = Watch(), Moody([HttpFailed(403, b'Forbidden')])
    refs, store = list(map(refto, CONTENTS[:9])), MemoryStore()
    with pytest.raises(HttpFailed):
        queue.move(remote, 'download', refs, store, watch, policy(), lambda: tolerant)
    assert len(watch.abandonments) == (0 if tolerant else 1)


# refusals


def test_a_tolerant_caller_gets_the_refused_blobs():
    server, watch, store = Server(MemoryStore(*CONTENTS[3:])), Watch(), MemoryStore()
    refs = list(map(refto, CONTENTS))
    remote = HttpRemote(BASE, server, Notes())
    refused = queue.move(remote, 'download', refs, store, watch, policy(), lambda: True)
    assert [ref for ref, _why in refused] == refs[:3]
    assert all(isinstance(why, BlobRefused) for _ref, why in refused)
    assert sorted(store) == sorted(map(oidof, CONTENTS[3:]))
    assert watch.ends == ['closed', 'succeeded']


def test_if_all_blobs_are_refused_nothing_is_planned():
    watch = Watch()
    remote = HttpRemote(BASE, Server(), Notes())
    refs = list(map(refto, CONTENTS))
    store, tolerant = MemoryStore(), lambda: True
    refused = queue.move(remote, 'download', refs, store, watch, policy(), tolerant)
    assert len(refused) == len(CONTENTS)
    assert watch.plans == []


# a remote whose plans fail


@dataclass
class Moody:
    """A remote whose plans fail at times; its transfers do nothing."""

    fails: list[LfsError | None]
    some: int = 3
    quiet: bool = False
    parallel: int = 1
    name: bytes = b'moody'
    asked: list[int] = field(default_factory=list)

    def plan(self, operation, refs):
        self.asked.append(len(refs))
        for start in range(0, len(refs), self.some):
            exc = self.fails.pop(0) if self.fails else None
            if exc is not None:
                raise exc
            group = refs[start : start + self.some]
            yield Plan(len(group), [Nothing([ref]) for ref in group])

    def connect(self, log=None):
        return NullConnection()


@dataclass
class Nothing:
    refs: list

    def run(self, line, store, watch):
        watch.started(self.refs[0])
        watch.moved(self.refs[0].size)
        watch.arrived(self.refs[0])


def passing() -> LfsError:
    return HttpFailed(503, b'Service Unavailable')


def ask(*fails, retries=2):
    watch, remote = Watch(), Moody(list(fails))
    refs = list(map(refto, CONTENTS[:9]))
    try:
        queue.move(remote, 'download', refs, MemoryStore(), watch, policy(retries))
    except LfsError as exc:
        return remote, watch, exc
    return remote, watch, None


def test_a_failed_plan_is_retried_with_the_remaining_blobs():
    remote, watch, error = ask(None, passing(), passing(), None, None)
    assert error is None
    assert remote.asked == [9, 6, 6]
    assert watch.left == [2, 1]
    assert sorted(watch.done) == sorted(map(oidof, CONTENTS[:9]))


def test_a_successful_plan_resets_the_retries():
    fails = [passing(), passing(), None, passing(), passing(), None, passing()]
    remote, _watch, error = ask(*fails)
    assert error is None
    assert remote.asked == [9, 9, 9, 6, 6, 3]


def test_plans_are_retried_to_the_limit():
    remote, watch, error = ask(*[passing()] * 9)
    assert isinstance(error, HttpFailed)
    assert remote.asked == [9, 9, 9]
    assert watch.ends == ['closed']


def test_a_permanent_error_of_a_plan_is_not_retried():
    remote, watch, error = ask(HttpFailed(403, b'Forbidden'))
    assert error.status == 403
    assert remote.asked == [9]
    assert watch.left == []


# one transfer


class Stumbling:
    """A transfer of some blobs, which fails after so many of them in each attempt."""

    def __init__(self, count, goes, error=None) -> None:
        self.refs = [
            BlobRef(b'%d' % number, 10, b'%d.bin' % number) for number in range(count)
        ]
        self._goes = goes
        self._error = error or passing

    def run(self, line, store, watch):
        go = self._goes.pop(0) if self._goes else len(self.refs)
        for _turn in range(go):
            watch.started(self.refs[0])
            watch.moved(10)
            watch.arrived(self.refs.pop(0))
        if self.refs:
            watch.had(3)
            watch.moved(4)
            raise self._error()


def persist(transfer, retries=2):
    watch, waits = Watch(), []
    tally = Tally(watch, Throttle(0))
    retry = Retry(retries, 1.0)
    try:
        queue.persist(
            transfer, NullConnection(), MemoryStore(), tally, retry, waits.append
        )
    except LfsError as exc:
        return watch, waits, exc
    return watch, waits, None


def test_an_attempt_with_progress_is_not_counted():
    watch, waits, error = persist(Stumbling(6, [0, 0, 1, 0, 1, 0, 2, 0, 2]))
    assert error is None
    assert len(waits) == 8
    assert (watch.lowest, watch.moved, len(watch.done)) == (0, 60, 6)


def test_attempts_without_progress_are_counted():
    watch, waits, error = persist(Stumbling(6, [1, 0, 0, 0, 0]))
    assert isinstance(error, HttpFailed)
    assert len(waits) == 2
    assert watch.left == [2, 1]
    assert watch.moved == 10


def test_the_pause_is_the_one_the_server_asks_for():
    def later():
        error = passing()
        error.after = 17.0
        return error

    _watch, waits, error = persist(Stumbling(1, [0], later))
    assert error is None
    assert waits == [17.0]


def test_an_error_without_a_path_gets_the_first_remaining_one():
    _watch, _waits, error = persist(Stumbling(3, [1, 0, 0]), 0)
    assert error.path == b'1.bin'

    def about():
        error = passing()
        error.path = b'2.bin'
        return error

    _watch, _waits, error = persist(Stumbling(3, [0], about), 0)
    assert error.path == b'2.bin'


def test_all_connections_together_keep_the_bandwidth():
    clock = Clock()
    throttle = Throttle(100, clock, clock.sleep)
    tally = Tally(Watch(), throttle)
    for _turn in range(10):
        tally.had(1000)  # what has not moved takes no time
        tally.moved(100)
    assert clock.now == pytest.approx(10, abs=0.3)
