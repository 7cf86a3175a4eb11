"""Blobs that are received at once, for they are small, and those that are resumed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from support import stores
from support.blobs import oidof, readall

from hgext3rd.hglfs.lfs.errors import BlobMangled, ConnectionFailed
from hgext3rd.hglfs.lfs.store import small
from hgext3rd.hglfs.lfs.store.partial import fromstart

CONTENT = b'a small file'
OID, SIZE = oidof(CONTENT), len(CONTENT)
LARGE = b'x' * (small.RESUMED + 5)


@pytest.fixture(params=stores.KINDS, ids=lambda kind: kind.__name__)
def kit(request, folder):
    return request.param(folder)


@pytest.fixture
def store(kit):
    return kit.store


def broken(chunk: bytes) -> Iterator[bytes]:
    yield chunk
    raise ConnectionFailed(b'it broke')


class Sender:
    """Sends a content from the offset it is asked for; ``ends`` is where it breaks."""

    def __init__(self, content: bytes, ends: int | None = None) -> None:
        self.content = content
        self.ends = ends
        self.asked: list[int] = []

    def __call__(self, offset: int):
        self.asked.append(offset)
        if self.ends is not None:
            return offset, broken(self.content[offset : self.ends])
        return offset, [self.content[offset:]]


def test_a_slow_connection_holds_up_no_other_blob(store):
    begun, goon = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b'a slow '
        begun.set()
        assert goon.wait(30)
        yield b'content'

    slow = oidof(b'a slow content')
    thread = threading.Thread(
        target=store.receive, args=(slow, 14, fromstart(slowly()))
    )
    thread.start()
    assert begun.wait(30)
    store.receive(OID, SIZE, fromstart([CONTENT[:4], CONTENT[4:]]))
    assert store.has(OID)
    assert not store.has(slow)
    goon.set()
    thread.join()
    assert readall(store, slow) == b'a slow content'


@pytest.mark.parametrize('bad', [b'A small file', CONTENT[:-1], CONTENT + b'!'])
def test_a_damaged_one_is_refused_for_good_and_the_next_has_its_turn(kit, bad):
    with pytest.raises(BlobMangled) as caught:
        kit.store.receive(OID, SIZE, fromstart([bad]))
    assert not caught.value.transient
    assert not kit.trace()
    kit.store.receive(OID, SIZE, fromstart([CONTENT]))
    assert readall(kit.store, OID) == CONTENT


def test_of_a_small_one_that_breaks_off_nothing_is_kept(kit):
    with pytest.raises(ConnectionFailed):
        kit.store.receive(OID, SIZE, Sender(CONTENT, 4))
    assert kit.store.partial(OID) == 0
    assert not kit.trace()


def test_no_more_is_read_than_shows_that_it_is_too_much(store):
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield b'a small '

    with pytest.raises(BlobMangled):
        store.receive(OID, SIZE, fromstart(endless()))
    assert len(read) == 2


def test_an_empty_blob_is_received(store):
    store.receive(oidof(b''), 0, fromstart([]))
    assert readall(store, oidof(b'')) == b''


@pytest.mark.parametrize('durable', [False, True])
def test_one_that_has_come_in_is_flushed_as_any_other(kit, durable):
    kit.store.receive(OID, SIZE, fromstart([CONTENT]), durable)
    kit.store.flush()
    assert readall(kit.store, OID) == CONTENT
    assert not any(b'partial-' in os.fsencode(name) for name in kit.trace())


def test_a_large_one_that_broke_off_is_resumed(store):
    oid, size = oidof(LARGE), len(LARGE)
    with pytest.raises(ConnectionFailed):
        store.receive(oid, size, Sender(LARGE, 100))
    assert store.partial(oid) == 100
    sender = Sender(LARGE)
    store.receive(oid, size, sender)
    assert sender.asked == [100]
    assert readall(store, oid) == LARGE


def test_a_small_one_of_which_there_is_a_part_is_resumed(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(small, 'RESUMED', 0)  # as an earlier version
        with pytest.raises(ConnectionFailed):
            store.receive(OID, SIZE, Sender(CONTENT, 4))
    sender = Sender(CONTENT)
    store.receive(OID, SIZE, sender)
    assert sender.asked == [4]
    assert store.partial(OID) == 0
    assert readall(store, OID) == CONTENT
