"""The queue: order, retries, and a progress bar that is right at the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server

from hgext3rd.hglfs.model.blob import BlobRef, unique
from hgext3rd.hglfs.model.errors import (
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    LfsError,
    RemoteError,
)
from hgext3rd.hglfs.remote.http import HttpRemote
from hgext3rd.hglfs.transfer import queue

CONTENTS = [b'%d' % number * 50 for number in range(20)]


class Watch:
    """A meter that remembers what it is told."""

    def __init__(self) -> None:
        self.plans: list[tuple[int, int]] = []
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.moved = 0
        self.lowest = 0
        self.highest = 0
        self.left: list[int] = []
        self.ends: list[str] = []

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


def run(server, operation='download', contents=CONTENTS, retries=5, refs=None):
    """Moves blobs; returns the store, the meter, and the error if there was one."""
    store = MemoryStore(*(contents if operation == 'upload' else ()))
    remote, watch = HttpRemote(BASE, server, Notes()), Watch()
    refs = list(map(refto, contents)) if refs is None else refs
    try:
        queue.move(remote, operation, refs, store, watch, retries)
    except LfsError as exc:
        return store, watch, exc
    return store, watch, None


def test_blobs_move_in_the_order_of_their_oids():
    _store, watch, error = run(Server(MemoryStore(*CONTENTS)))
    assert error is None
    assert watch.begun == watch.done == sorted(map(oidof, CONTENTS))


def test_so_they_do_within_each_batch():
    many = [b'%d' % number for number in range(250)]
    _store, watch, error = run(Server(MemoryStore(*many)), contents=many)
    assert error is None
    oids = list(map(oidof, many))
    assert watch.begun == [
        oid for start in (0, 100, 200) for oid in sorted(oids[start : start + 100])
    ]


def test_a_blob_that_several_files_have_moves_once():
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


def test_what_is_moved_is_planned_told_and_closed():
    store, watch, error = run(Server(MemoryStore(*CONTENTS)))
    size = sum(map(len, CONTENTS))
    assert error is None
    assert sorted(store) == sorted(map(oidof, CONTENTS))
    assert watch.plans == [(20, size)]
    assert watch.moved == size
    assert watch.left == []
    assert watch.ends == ['closed', 'succeeded']


def test_nothing_to_move_still_ends():
    _store, watch, error = run(Server(), refs=[])
    assert error is None
    assert watch.ends == ['closed', 'succeeded']
    assert watch.moved == 0


@pytest.mark.parametrize('operation', ['upload', 'download'])
@pytest.mark.parametrize('breaks', [[0], [10, 49], [1, 0, 30]])
def test_a_try_that_fails_is_taken_back_so_that_the_bar_ends_at_the_size(
    operation, breaks
):
    far = MemoryStore(*(CONTENTS if operation == 'download' else ()))
    server = Server(far, breaks=list(breaks))
    store, watch, error = run(server, operation)
    size = sum(map(len, CONTENTS))
    assert error is None
    assert sorted(far) == sorted(store) == sorted(map(oidof, CONTENTS))
    assert (watch.lowest, watch.moved, watch.highest) == (0, size, size)
    assert watch.left == [5 - n for n in range(len(breaks))]


@pytest.mark.parametrize('retries', [0, 1, 3])
def test_a_line_that_keeps_breaking_is_tried_so_many_times_again(retries):
    server = Server(MemoryStore(*CONTENTS), breaks=[3] * 99)
    store, watch, error = run(server, retries=retries)
    assert isinstance(error, ConnectionFailed)
    assert server.asked('GET') == 1 + retries
    assert watch.left == list(range(retries, 0, -1))
    assert watch.ends == ['closed']
    assert not store.blobs


def test_every_blob_has_all_the_retries():
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
def test_what_cannot_get_better_is_not_tried_again(misbehave, kind):
    server = Server(MemoryStore(*CONTENTS), **misbehave)
    store, watch, error = run(server)
    assert isinstance(error, kind)
    assert not error.transient
    assert server.asked('GET') == 1
    assert watch.left == []
    assert watch.ends == ['closed']
    assert not store.blobs


def test_what_has_arrived_stays_when_a_later_blob_fails():
    first, *_others, last = sorted(CONTENTS, key=oidof)
    server = Server(MemoryStore(*CONTENTS))
    server.spoil = lambda body: body if body != last else b'bad'
    store, watch, error = run(server)
    assert isinstance(error, BlobMangled)
    assert store.has(oidof(first))
    assert len(store.blobs) == len(CONTENTS) - 1
    assert watch.done == sorted(store)


def test_a_refusal_comes_before_anything_moves():
    server = Server(MemoryStore(*CONTENTS[1:]))
    store, watch, error = run(server)
    assert isinstance(error, BlobRefused)
    assert not store.blobs
    assert watch.ends == ['closed']


def test_the_meter_is_closed_whatever_is_raised():
    def interrupt(body):
        raise KeyboardInterrupt

    server, watch = Server(MemoryStore(*CONTENTS), spoil=interrupt), Watch()
    with pytest.raises(KeyboardInterrupt):
        queue.move(
            HttpRemote(BASE, server, Notes()),
            'download',
            list(map(refto, CONTENTS)),
            MemoryStore(),
            watch,
            5,
        )
    assert watch.ends == ['closed']
