"""Small blobs, received in memory first, and larger ones, which are resumed."""

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
    """A source that sends a content from an offset, and breaks off at ``ends``."""

    def __init__(self, content: bytes, ends: int | None = None) -> None:
        self.content = content
        self.ends = ends
        self.asked: list[int] = []

    def __call__(self, offset: int):
        self.asked.append(offset)
        if self.ends is not None:
            return offset, broken(self.content[offset : self.ends])
        return offset, [self.content[offset:]]


def test_a_slow_connection_delays_no_other_blob(store):
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
def test_a_damaged_blob_is_a_permanent_error_and_frees_its_buffer(kit, bad):
    with pytest.raises(BlobMangled) as caught:
        kit.store.receive(OID, SIZE, fromstart([bad]))
    assert not caught.value.transient
    assert not kit.trace()
    kit.store.receive(OID, SIZE, fromstart([CONTENT]))
    assert readall(kit.store, OID) == CONTENT


def test_a_small_blob_that_breaks_off_leaves_no_trace(kit):
    with pytest.raises(ConnectionFailed):
        kit.store.receive(OID, SIZE, Sender(CONTENT, 4))
    assert kit.store.partial(OID) == 0
    assert not kit.trace()


def test_an_oversized_body_is_not_read_to_its_end(store):
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
def test_a_received_blob_can_be_flushed(kit, durable):
    kit.store.receive(OID, SIZE, fromstart([CONTENT]), durable)
    kit.store.flush()
    assert readall(kit.store, OID) == CONTENT
    assert not any(b'partial-' in os.fsencode(name) for name in kit.trace())


def test_an_interrupted_large_blob_is_resumed(store):
    oid, size = oidof(LARGE), len(LARGE)
    with pytest.raises(ConnectionFailed):
        store.receive(oid, size, Sender(LARGE, 100))
    assert store.partial(oid) == 100
    sender = Sender(LARGE)
    store.receive(oid, size, sender)
    assert sender.asked == [100]
    assert readall(store, oid) == LARGE


def test_a_partial_small_blob_of_an_earlier_version_is_resumed(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(small, 'RESUMED', 0)  # as in an earlier version
        with pytest.raises(ConnectionFailed):
            store.receive(OID, SIZE, Sender(CONTENT, 4))
    sender = Sender(CONTENT)
    store.receive(OID, SIZE, sender)
    assert sender.asked == [4]
    assert store.partial(OID) == 0
    assert readall(store, OID) == CONTENT
