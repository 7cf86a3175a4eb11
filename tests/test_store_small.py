"""Small blobs that many threads bring."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator

import pytest

from hgext3rd.hglfs.lfs.errors import BlobMangled
from hgext3rd.hglfs.lfs.store import small
from hgext3rd.hglfs.lfs.store.disk import DiskStore


@pytest.fixture
def store(tmp_path) -> DiskStore:
    return DiskStore(bytes(tmp_path / 'objects'))


def oidof(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode('ascii')


def test_a_slow_line_keeps_nobody_waiting(store):
    begun, goon = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b'a slow '
        begun.set()
        assert goon.wait(30)
        yield b'content'

    slow, quick = oidof(b'a slow content'), oidof(b'quick')
    thread = threading.Thread(target=small.ingest, args=(store, slowly(), slow, 14))
    thread.start()
    assert begun.wait(30)
    small.ingest(store, [b'qu', b'ick'], quick, 5)
    assert store.has(quick)
    assert not store.has(slow)
    goon.set()
    thread.join()
    with store.open(slow) as handle:
        assert handle.read() == b'a slow content'


def test_a_damaged_one_is_refused_and_the_next_has_its_turn(store):
    oid = oidof(b'content')
    with pytest.raises(BlobMangled):
        small.ingest(store, [b'contend'], oid, 7)
    assert not store.has(oid)
    small.ingest(store, [b'content'], oid, 7)
    assert store.has(oid)
