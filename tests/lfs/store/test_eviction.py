"""What is evicted from a cache, and what is never: the files of others."""

from __future__ import annotations

import os
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import processes
from support.blobs import Notes, oidof
from support.stores import files

from hgext3rd.hglfs.lfs.errors import BlobMissing
from hgext3rd.hglfs.lfs.store import eviction
from hgext3rd.hglfs.lfs.store.cached import CachedStore
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.eviction import Entry, Limits

DAY = 24 * 3600
NOW = 1_000_000_000.0


@pytest.fixture
def cache(folder):
    made = DiskStore(os.path.join(folder, b'cache'))
    made.prepare_removal()
    return made


def entry(number: int, days: float = 2, size: int = 1, links: int = 1) -> Entry:
    mtime = NOW - days * DAY
    status = os.stat_result((0, 0, 0, links, 0, 0, size, mtime, mtime, mtime))
    return Entry(oidof(b'%d' % number), status)


def chosen(found, **limits) -> list[Entry]:
    return eviction.chosen(found, Limits(**limits), NOW)


def test_what_is_too_old_goes_with_the_oldest_first():
    old, older, young = entry(1, 10), entry(2, 20), entry(3, 4)
    assert chosen([old, young, older], age=5 * DAY) == [older, old]


def test_the_longest_unused_go_until_the_rest_fits():
    found = [entry(number, 10 + number, size=3) for number in range(4)]
    assert chosen(found, size=7) == [found[3], found[2]]
    assert chosen(found, size=12) == []
    assert len(chosen(found, size=0)) == 4


def test_what_a_repository_has_as_well_neither_goes_nor_counts():
    shared = entry(1, 30, size=100, links=2)
    alone = entry(2, 20, size=5)
    assert chosen([shared, alone], size=5) == []
    assert chosen([shared, alone], size=4) == [alone]
    assert chosen([shared, alone], age=DAY) == [alone]
    assert chosen([shared, alone], nothing=True) == [alone]


def test_what_was_used_within_a_day_stays_unless_all_is_to_go():
    young = entry(1, 0.5)
    assert chosen([young], age=0) == []
    assert chosen([young], size=0) == []
    assert chosen([young], nothing=True) == [young]


@given(
    st.lists(st.tuples(st.floats(0, 90), st.integers(0, 50), st.integers(1, 2))),
    st.one_of(st.none(), st.integers(0, 90)),
    st.one_of(st.none(), st.integers(0, 400)),
)
def test_what_stays_is_young_or_within_the_limits(drawn, days, size):
    found = [entry(i, age, many, links) for i, (age, many, links) in enumerate(drawn)]
    gone = chosen(found, age=None if days is None else days * DAY, size=size)
    left = [one for one in found if one not in gone and one.alone]
    mature = [one for one in left if NOW - one.status.st_mtime > eviction.GRACE]
    if days is not None:
        assert all(NOW - one.status.st_mtime <= days * DAY for one in mature)
    if size is not None and mature:
        assert sum(one.size for one in left) <= size
    if days is None and size is None:
        assert not gone
    assert all(one.alone for one in gone)


def test_a_file_that_was_linked_or_replaced_since_is_left_alone(folder, cache):
    linked, replaced, gone = (cache.ingest([text])[0] for text in (b'1', b'2', b'3'))
    found = eviction.entries(cache)
    os.link(cache.path(linked), os.path.join(folder, b'repository'))
    # kept, so that the new file gets another inode
    os.rename(cache.path(replaced), os.path.join(folder, b'before'))
    cache.ingest([b'2'])
    removed = [one.oid for one in eviction.remove(cache, found, linked=False)]
    assert removed == [gone]
    assert cache.has(linked)
    assert cache.has(replaced)


def test_a_file_that_was_used_since_is_left_alone(cache):
    oid, _size = cache.ingest([b'1'])
    os.utime(cache.path(oid), (NOW, NOW))
    found = eviction.entries(cache)
    assert cache.touch(oid)
    assert list(eviction.remove(cache, found)) == []
    assert cache.has(oid)


def test_the_search_can_be_stopped(cache):
    cache.ingest([b'1'])

    def stop() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        eviction.entries(cache, stop)


def test_what_the_cache_will_hold_is_what_it_holds_then(folder, cache):
    own = DiskStore(os.path.join(folder, b'own'))
    own.prepare_removal()
    store = CachedStore(own, cache, Notes())
    store.ingest([b'linked'])
    own.ingest([b'own'])
    os.link(own.path(oidof(b'linked')), os.path.join(folder, b'third'))
    store.ingest([b'two'])
    expected = {oidof(b'linked'): 0, oidof(b'own'): 0, oidof(b'two'): 3}
    found = eviction.entries(own)
    assert {one.oid: eviction.left(cache, one, False) for one in found} == expected
    removed = list(eviction.remove(own, found))
    assert {one.oid: eviction.left(cache, one, True) for one in removed} == expected
    assert [one.alone for one in removed] == [
        one.oid == oidof(b'own') for one in removed
    ]
    assert eviction.left(None, found[0], True) == 0


def test_a_blob_that_is_evicted_before_it_is_linked_is_missing(folder, cache):
    cache.ingest([b'1'])
    oid = oidof(b'1')
    own = DiskStore(os.path.join(folder, b'own'))
    store = CachedStore(own, cache, Notes())
    assert store.has(oid)
    adopt = own.adopt

    def late(oid: bytes, source: bytes) -> None:
        cache.remove(oid)
        adopt(oid, source)

    own.adopt = late
    with pytest.raises(BlobMissing):
        store.link_local(oid)
    assert [name for name in files(own.root) if b'incoming' in name] == []


def test_a_blob_that_is_evicted_and_stored_again_while_it_is_linked(folder, cache):
    oid, _size = cache.ingest([b'1'])
    own = DiskStore(os.path.join(folder, b'own'))
    adopt = own.adopt

    def disturbed(oid: bytes, source: bytes) -> None:
        own.adopt = adopt
        cache.remove(oid)
        try:
            adopt(oid, source)
        finally:
            cache.ingest([b'1'])

    own.adopt = disturbed
    CachedStore(own, cache, Notes()).link_local(oid)
    assert own.has(oid)


def test_processes_that_evict_and_use_a_cache_at_once_lose_nothing(folder):
    contents = [b'content %d' % number for number in range(20)]
    until = time.monotonic() + 2

    def use(name: bytes):
        cache = DiskStore(os.path.join(folder, b'cache'))
        own = DiskStore(os.path.join(folder, name))
        chance = random.Random(name)
        while time.monotonic() < until:
            store = CachedStore(own, cache, Notes())
            content = chance.choice(contents)
            store.ingest([content])
            assert own.has(oidof(content))
            own.remove(oidof(content))
            try:
                store.link_local(oidof(content))
            except BlobMissing:
                continue
            assert not own.damaged(oidof(content))

    def evict() -> None:
        cache = DiskStore(os.path.join(folder, b'cache'))
        cache.prepare_removal()
        while time.monotonic() < until:
            found = eviction.entries(cache)
            alone = eviction.chosen(found, Limits(nothing=True), time.time())
            for gone in eviction.remove(cache, alone, linked=False):
                assert gone.alone

    works = [lambda: use(b'one'), lambda: use(b'two'), lambda: use(b'three'), evict]
    running = [processes.fork(work) for work in works]
    ended = [processes.succeeded(pid) for pid in running]
    assert all(ended)
