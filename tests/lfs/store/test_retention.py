"""Removal of old blobs while other processes rely on them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time

import pytest
from support import processes
from support.blobs import oidof, readall
from support.stores import files

from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.retention import hold_blobs, stale

DAY = 24 * 3600
CONTENT = b'a large file, as it were\n'
OID = oidof(CONTENT)


@pytest.fixture
def store(folder):
    made = DiskStore(os.path.join(folder, b'objects'))
    made.prepare_removal()
    return made


def old(store, content: bytes, days: float = 30) -> bytes:
    """Store a blob that is some days old."""
    oid, _size = store.ingest([content])
    age(store, oid, days)
    return oid


def age(store, oid: bytes, days: float = 30) -> None:
    when = time.time() - days * DAY
    os.utime(store.path(oid), (when, when))


def before() -> float:
    return time.time() - 14 * DAY


def test_stale_blobs_are_listed_in_order(store):
    aged = sorted(old(store, b'%d' % number) for number in range(20))
    fresh, _size = store.ingest([CONTENT])
    found = list(stale(store.entries(), before()))
    assert [blob.oid for blob in found] == aged
    assert {blob.size for blob in found} == {1, 2}
    assert fresh not in aged
    assert sorted(store) == list(store)


def test_stale_blobs_are_removed_and_others_stay(store):
    oid = old(store, CONTENT)
    fresh, _size = store.ingest([b'fresh'])
    assert not store.expire(fresh, before())
    assert store.expire(oid, before())
    assert list(store) == [fresh]
    assert not store.expire(oid, before())


def test_touching_a_blob_protects_it_from_removal(store):
    oid = old(store, CONTENT)
    assert store.touch(oid)
    assert not store.expire(oid, before())
    assert readall(store, oid) == CONTENT


def test_touching_a_missing_blob_creates_nothing(store):
    assert not store.touch(OID)
    assert files(store.root) == [os.path.join(store.root, b'guard')]


def test_a_blob_changed_today_is_not_touched_again(store):
    oid = old(store, CONTENT, days=0.5)
    mtime = os.stat(store.path(oid)).st_mtime
    assert store.touch(oid)
    assert os.stat(store.path(oid)).st_mtime == mtime


def test_touching_does_not_mark_a_blob_as_verified(folder):
    store = DiskStore(os.path.join(folder, b'o'), None, os.path.join(folder, b'marks'))
    oid = old(store, CONTENT)
    os.utime(os.path.join(folder, b'marks'), (0, 0))
    marked = DiskStore(store.root, None, os.path.join(folder, b'marks'))
    assert marked.stat(oid) == (len(CONTENT), True)
    assert marked.touch(oid)
    assert marked.stat(oid) == (len(CONTENT), True)
    assert not marked.expire(oid, before())
    when = int(time.time()) - 30 * DAY
    os.utime(store.path(oid), (when, when))
    assert marked.stat(oid) == (len(CONTENT), False)
    assert marked.touch(oid)
    assert marked.stat(oid) == (len(CONTENT), False)
    assert not marked.expire(oid, before())


def test_a_replaced_blob_is_not_stale(store, folder):
    other = DiskStore(os.path.join(folder, b'other'))
    oid = old(other, CONTENT)
    store.ingest([CONTENT])
    store.replace(oid, other.path(oid))
    assert not store.expire(oid, before())


def test_a_link_to_an_old_file_is_not_stale(store, folder):
    other = DiskStore(os.path.join(folder, b'other'))
    oid = old(other, CONTENT)
    store.adopt(oid, other.path(oid))
    assert not store.expire(oid, before())
    with other.open(oid) as handle:
        age(store, oid)
        store.share(handle, oid, len(CONTENT))
    assert not store.expire(oid, before())


def test_a_store_that_was_never_pruned_has_no_guard(folder):
    store = DiskStore(os.path.join(folder, b'objects'))
    oid = old(store, CONTENT)
    store.touch(oid)
    assert files(store.root) == [store.path(oid)]


def test_no_blob_is_removed_while_blobs_are_held(store):
    oid = old(store, CONTENT)
    with hold_blobs(store.root):
        child = processes.fork(lambda: store.expire(oid, before()))
        time.sleep(0.2)
        assert store.has(oid)
        os.utime(store.path(oid))
    assert processes.succeeded(child)
    assert readall(store, oid) == CONTENT


@pytest.mark.parametrize('way', ['touch', 'ingest', 'adopt'])
def test_held_blobs_survive_removals_killed_at_any_moment(store, folder, way):
    dice = random.Random(5)
    elsewhere = DiskStore(os.path.join(folder, b'elsewhere'))
    contents = [b'content %d' % number for number in range(40)]
    for content in contents:
        old(elsewhere, content)
    for _turn in range(15):
        for content in contents:
            old(store, content)
        child = processes.fork(lambda: _expireall(store))
        time.sleep(dice.uniform(0, 0.004))
        held = [
            content
            for content in dice.sample(contents, 20)
            if _answer(store, elsewhere, content, way)
        ]
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _expireall(store)
        assert [readall(store, oidof(content)) for content in held] == held
        assert sorted(store) == sorted(map(oidof, held))


def _expireall(store):
    for blob in list(stale(store.entries(), before())):
        store.expire(blob.oid, before())


def _answer(store, elsewhere, content: bytes, way: str) -> bool:
    """Promise a blob; return whether it is there."""
    if way == 'touch':
        return store.touch(oidof(content))
    if way == 'ingest':
        store.ingest([content])
    else:
        store.adopt(oidof(content), elsewhere.path(oidof(content)))
    return True
