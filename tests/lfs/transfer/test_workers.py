"""Workers: several threads, one meter, and no thread left when it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support.blobs import oidof, refto
from support.crowd import MAIN, Crowd, Log, Meter, Work, crowded
from support.memory import MemoryStore
from support.server import BASE, Server

from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    HttpFailed,
    LfsError,
    Stopped,
)
from hgext3rd.hglfs.lfs.remote.api import Plan
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.transfer import queue
from hgext3rd.hglfs.lfs.transfer.retry import Retry

#: Seconds that are enough for anything; a longer wait is a failure.
ENOUGH = 20


def plainly(move, line, watch) -> None:
    pass


@pytest.fixture(autouse=True)
def nothreadsleft():
    """Check that every thread has ended."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(ENOUGH)
        assert not thread.is_alive()


def move(remote, meter=None, lines=4, retries=5, first=0.0, refs=(), store=None):
    meter = meter or Meter()
    policy = queue.Policy(Retry(retries, first), lines)
    store = MemoryStore() if store is None else store
    queue.move(remote, 'download', refs, store, meter, policy)
    return meter, store


def sizes(store) -> list[int]:
    return sorted(map(int, store.blobs.values()))


def test_all_blobs_arrive_and_are_reported():
    crowd = crowded(dict.fromkeys(range(1, 101), plainly), each=30)
    meter, store = move(crowd)
    assert sizes(store) == list(range(1, 101))
    assert sorted(meter.done) == sorted(meter.begun) == sorted(store)
    assert meter.moved == sum(meter.sizes) == sum(range(1, 101))
    assert meter.ends == ['closed', 'succeeded']
    assert crowd.log.notes == [b'on it\n'] * 100


def test_the_first_blob_moves_in_the_main_thread():
    crowd = crowded(dict.fromkeys([3, 1, 2, 4], plainly))
    move(crowd)
    assert crowd.ran[0] == (oidof(b'1'), MAIN)
    assert all(thread is not MAIN for _oid, thread in crowd.ran[1:])
    assert crowd.lines[0].users == {MAIN}


def test_a_large_first_blob_moves_in_a_worker():
    large = 16 << 20
    crowd = crowded(dict.fromkeys([large + 1, large + 2], plainly))
    move(crowd)
    assert all(thread is not MAIN for _oid, thread in crowd.ran)


def test_a_connection_is_used_by_one_thread_and_their_number_is_bounded():
    for lines, parallel, most in [(3, 8, 3), (8, 3, 3), (2, 2, 2)]:
        crowd = crowded(dict.fromkeys(range(1, 60), plainly), parallel=parallel)
        move(crowd, lines=lines)
        assert len(crowd.lines) <= 1 + most
        assert all(len(line.users) <= 1 for line in crowd.lines)
        assert 1 <= crowd.most <= most


def test_there_are_no_more_threads_than_blobs():
    crowd = crowded(dict.fromkeys([1, 2, 3], plainly), parallel=9)
    move(crowd, lines=9)
    assert len(crowd.lines) == 1 + 2


def test_with_one_connection_there_are_no_threads():
    for lines, parallel in [(1, 4), (4, 1)]:
        crowd = crowded(dict.fromkeys(range(1, 20), plainly), parallel=parallel)
        move(crowd, lines=lines)
        assert {thread for _oid, thread in crowd.ran} == {MAIN}
        assert len(crowd.lines) == 1


def test_as_many_blobs_as_allowed_move_at_once():
    together = threading.Barrier(4)

    def meet(move, line, watch):
        together.wait(ENOUGH)

    crowd = crowded({1: plainly, **dict.fromkeys(range(2, 10), meet)})
    move(crowd)
    assert crowd.most == 4


def test_the_largest_blobs_go_first():
    together = threading.Barrier(2)

    def meet(move, line, watch):
        together.wait(ENOUGH)

    works = dict.fromkeys(range(1, 20), plainly)
    crowd = crowded({**works, 100: meet, 200: meet})
    move(crowd, lines=2)


def test_plans_are_requested_as_they_are_needed():
    crowd = crowded(dict.fromkeys(range(1, 1001), plainly), each=10)
    meter, waiting = Meter(), []
    plan = crowd.plan

    def watched(operation, refs):
        for item in plan(operation, refs):
            waiting.append(10 * len(waiting) - len(meter.done))
            yield item

    crowd.plan = watched
    move(crowd, meter)
    assert max(waiting) <= 64


# errors


def forever(move, line, watch) -> None:
    """Run until another thread fails."""
    while True:
        watch.moved(1)
        threading.Event().wait(0.001)


def failing(error: BaseException, gate: threading.Event | None = None) -> Work:
    def work(move, line, watch):
        if gate is not None:
            assert gate.wait(ENOUGH)
        raise error

    return work


def test_an_error_stops_the_other_threads():
    begun = threading.Event()

    def endless(move, line, watch):
        begun.set()
        forever(move, line, watch)

    error, meter = BlobMangled(b'no'), Meter()
    works = {1: plainly, 50: endless, 40: failing(error, begun)}
    works.update(dict.fromkeys(range(2, 30), endless))
    crowd = crowded(works)
    with pytest.raises(BlobMangled) as caught:
        move(crowd, meter)
    assert caught.value is error
    assert len(crowd.ran) < len(works)
    assert meter.done == [oidof(b'1')]
    assert meter.ends == ['closed']


def test_blobs_of_other_threads_count_after_an_error():
    failed = threading.Event()

    def afterwards(move, line, watch):
        assert failed.wait(ENOUGH)

    def fail(move, line, watch):
        failed.set()
        raise BlobMangled(b'no')

    meter, works = Meter(), {1: plainly, 2: afterwards, 3: fail}
    store = MemoryStore()
    with pytest.raises(BlobMangled):
        move(crowded(works), meter, store=store)
    assert sorted(meter.done) == sorted(store)
    assert meter.abandonments == [(0, 0)]


def test_an_error_of_the_first_blob_starts_no_thread():
    crowd = crowded({1: failing(BlobMangled(b'no')), 2: plainly, 3: plainly})
    with pytest.raises(BlobMangled):
        move(crowd)
    assert crowd.ran == [(oidof(b'1'), MAIN)]


def test_received_blobs_stay_after_an_error():
    crowd = crowded({1: plainly, 2: failing(BlobMangled(b'no'))})
    store = MemoryStore()
    with pytest.raises(BlobMangled):
        move(crowd, store=store)
    assert sizes(store) == [1]


def test_a_refusal_stops_running_transfers():
    crowd = crowded({1: plainly, 2: forever, 3: forever, 4: plainly}, each=3)
    plan = crowd.plan

    def refusing(operation, refs):
        first, second = plan(operation, refs)
        yield first
        error = BlobRefused(b'not this one')
        yield Plan(1, second.transfers, [(second.transfers[0].ref, error)])

    crowd.plan = refusing
    with pytest.raises(BlobRefused):
        move(crowd)


def stumbling(times: int, error: LfsError) -> Work:
    def work(move, line, watch):
        watch.had(5)
        watch.moved(7)
        if move.tries <= times:
            raise error
        watch.had(-12)

    return work


@pytest.mark.parametrize('where', [1, 2])
def test_a_transient_error_is_retried_and_its_progress_taken_back(where):
    error = ConnectionFailed(b'the line broke', transient=True)
    crowd = crowded({1: plainly, 2: plainly, 3: plainly, where: stumbling(3, error)})
    meter, store = move(crowd)
    assert sizes(store) == [1, 2, 3]
    assert meter.left == [5, 4, 3]
    assert meter.moved == 6


def test_an_error_is_raised_after_the_last_retry():
    error = ConnectionFailed(b'the line broke', transient=True)
    crowd = crowded({1: plainly, 2: stumbling(99, error), 3: plainly})
    meter = Meter()
    with pytest.raises(ConnectionFailed):
        move(crowd, meter, retries=2)
    assert meter.left == [2, 1]


def test_an_error_interrupts_pauses():
    paused = threading.Event()
    busy = HttpFailed(429, b'busy', after=300.0)

    def pause(move, line, watch):
        paused.set()
        raise busy

    crowd = crowded({1: plainly, 9: pause, 5: failing(BlobMangled(b'no'), paused)})
    with pytest.raises(BlobMangled):
        move(crowd)


@pytest.mark.parametrize('interrupt', [KeyboardInterrupt(), Stopped(b'enough')])
def test_an_interrupt_in_the_main_thread_stops_the_threads(interrupt):
    crowd = crowded({1: plainly, **dict.fromkeys(range(2, 30), forever)})
    meter = Meter(interrupt)
    with pytest.raises(type(interrupt)):
        move(crowd, meter)
    assert meter.ends == ['closed']
    assert len(crowd.ran) < 29


def test_an_interrupt_during_a_plan_stops_the_threads():
    crowd = crowded({1: plainly, **dict.fromkeys(range(2, 5), forever)})
    plan = crowd.plan

    def interrupted(operation, refs):
        yield from plan(operation, refs)
        raise KeyboardInterrupt

    crowd.plan = interrupted
    with pytest.raises(KeyboardInterrupt):
        move(crowd)


class Question(Exception):
    """The exception that Mercurial raises where it cannot prompt."""


def test_a_transfer_that_prompts_is_repeated_in_the_main_thread():
    def asking(move, line, watch):
        if threading.current_thread() is not MAIN:
            raise Question

    crowd = crowded({1: plainly, **dict.fromkeys(range(2, 9), asking)})
    meter, store = move(crowd)
    assert sizes(store) == list(range(1, 9))
    assert crowd.threadof(BlobRef(oidof(b'5'), 5)) is MAIN


def test_a_prompt_that_fails_in_the_main_thread_is_raised():
    crowd = crowded({1: plainly, 2: failing(Question()), 3: forever})
    with pytest.raises(Question):
        move(crowd)


# helpers


@dataclass
class Helper:
    crowd: Crowd
    work: Callable[[object], None]
    refs: tuple = ()

    def run(self, line, store, watch):
        line.users.add(threading.current_thread())
        self.work(line)


def test_idle_threads_help():
    met: list = []
    together = threading.Barrier(4)

    def help(line):
        met.append(threading.current_thread())
        together.wait(ENOUGH)

    def helped(move, line, watch):
        watch.helped([Helper(crowd, help) for _ in range(3)])
        met.append(threading.current_thread())
        together.wait(ENOUGH)

    crowd = crowded({1: plainly, 2: helped})
    meter, store = move(crowd)
    assert len(set(met)) == 4
    assert MAIN not in met
    assert all(len(line.users) <= 1 for line in crowd.lines)
    assert sizes(store) == [1, 2]


def test_helpers_run_after_other_work_and_are_not_waited_for():
    order, gate = [], threading.Event()

    def helped(move, line, watch):
        watch.helped([Helper(crowd, lambda line: order.append('help'))] * 9)
        assert gate.wait(ENOUGH)

    def needed(move, line, watch):
        order.append('needed')
        if order.count('needed') == 9:
            gate.set()

    crowd = crowded({1: plainly, 100: helped, **dict.fromkeys(range(2, 11), needed)})
    meter, store = move(crowd, lines=2)
    assert len(store.blobs) == 11
    assert order[:9] == ['needed'] * 9


@pytest.mark.parametrize('error', [BlobMangled(b'no'), ZeroDivisionError()])
def test_a_failed_helper_does_no_harm(error):
    tried = threading.Event()

    def help(line):
        tried.set()
        raise error

    def helped(move, line, watch):
        watch.helped([Helper(crowd, help)])
        assert tried.wait(ENOUGH)

    crowd = crowded({1: plainly, 2: helped, 3: plainly})
    meter, store = move(crowd)
    assert sizes(store) == [1, 2, 3]


# over a real remote

CONTENTS = [b'%d' % number * 50 for number in range(400)] + [
    bytes([number]) * (2 << 20) for number in range(4)
]


@pytest.mark.parametrize('adapters', [('basic',), ('tus', 'basic'), ('hglfs-packs',)])
@pytest.mark.parametrize('operation', ['download', 'upload'])
def test_several_connections_to_a_server_are_used(operation, adapters):
    stores = MemoryStore(*CONTENTS), MemoryStore()
    far, near = stores if operation == 'download' else reversed(stores)
    server = Server(far, breaks=[7, 100, 1 << 20, 0, 3000, 5])
    remote = HttpRemote(BASE, server, Log(True), adapters, 4)
    meter, policy = Meter(), queue.Policy(Retry(9, 0.0), 4)
    refs = list(map(refto, CONTENTS))
    queue.move(remote, operation, refs, near, meter, policy)
    assert near.blobs == far.blobs
    assert meter.moved == sum(map(len, CONTENTS)) == sum(meter.sizes)
    assert sorted(meter.done) == sorted(map(oidof, CONTENTS))
    assert 1 <= server.forks <= 4
    assert meter.ends == ['closed', 'succeeded']
