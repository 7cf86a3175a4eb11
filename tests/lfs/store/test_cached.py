"""The user's cache behind a store: shared by hard links, used only after a check."""

from __future__ import annotations

import os

import pytest
from support.blobs import Notes, oidof, readall
from support.stores import files, overwrite

from hgext3rd.hglfs.lfs.errors import BlobMangled, BlobMissing
from hgext3rd.hglfs.lfs.store.cached import CachedStore
from hgext3rd.hglfs.lfs.store.disk import DiskStore

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)


@pytest.fixture
def cache(folder):
    return DiskStore(os.path.join(folder, b'cache'))


def storewith(folder, cache, name=b'own') -> CachedStore:
    return CachedStore(DiskStore(os.path.join(folder, name)), cache, Notes())


@pytest.fixture
def store(folder, cache):
    return storewith(folder, cache)


def test_store_and_cache_share_one_file(store, cache):
    store.ingest([CONTENT])
    assert os.path.samefile(store.own.path(OID), cache.path(OID))


def test_a_blob_stored_twice_is_still_one_file(store, cache):
    store.ingest([CONTENT])
    store.ingest([CONTENT])
    assert os.path.samefile(store.own.path(OID), cache.path(OID))


def test_repositories_share_a_blob_through_the_cache(folder, store, cache):
    store.ingest([CONTENT])
    other = storewith(folder, cache, b'other')
    assert other.has(OID)
    assert other.size(OID) == len(CONTENT)
    assert readall(other, OID) == CONTENT
    assert not other.own.has(OID)
    other.link_local(OID)
    assert os.path.samefile(store.own.path(OID), other.own.path(OID))


def test_iteration_yields_the_repositorys_own_blobs(folder, store, cache):
    store.ingest([CONTENT])
    assert list(storewith(folder, cache, b'other')) == []


def test_a_linked_blob_survives_removal_from_the_cache(folder, store, cache):
    cache.ingest([CONTENT])
    store.link_local(OID)
    cache.remove(OID)
    assert readall(store, OID) == CONTENT


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT[:-1], b''])
def test_a_corrupt_cached_blob_is_removed_and_not_linked(store, cache, bad):
    cache.ingest([CONTENT])
    overwrite(cache.path(OID), bad)
    assert not store.has(OID)
    assert store.size(OID) is None
    for ask in (store.open, store.link_local, store.damaged):
        with pytest.raises(BlobMissing):
            ask(OID)
    assert not store.own.has(OID)
    assert not cache.has(OID)


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT[:-1]])
def test_storing_a_blob_again_repairs_the_cache(folder, store, cache, bad):
    cache.ingest([CONTENT])
    overwrite(cache.path(OID), bad)
    store.ingest([CONTENT])
    assert not store.damaged(OID)
    assert readall(storewith(folder, cache, b'other'), OID) == CONTENT


def test_a_failed_blob_is_not_cached(folder, store, cache):
    with pytest.raises(BlobMangled):
        store.ingest([b'something else'], OID)
    assert not files(folder)


def test_removal_includes_the_cache(store, cache):
    store.ingest([CONTENT])
    store.remove(OID)
    assert not cache.has(OID)


@pytest.mark.parametrize('durable', [False, True])
def test_an_unwritable_cache_is_skipped(folder, durable):
    with open(os.path.join(folder, b'file'), 'wb'):
        pass
    cache = DiskStore(os.path.join(folder, b'file', b'cache'))
    store = storewith(folder, cache)
    assert store.ingest([CONTENT], durable=durable) == (OID, len(CONTENT))
    store.flush()
    assert readall(store, OID) == CONTENT


def test_without_hard_links_blobs_are_copied(folder, store, cache, monkeypatch):
    def refuse(source, target):
        raise OSError(18, 'Invalid cross-device link')

    monkeypatch.setattr(os, 'link', refuse)
    store.ingest([CONTENT])
    assert readall(cache, OID) == CONTENT
    assert not os.path.samefile(store.own.path(OID), cache.path(OID))
    other = storewith(folder, cache, b'other')
    other.link_local(OID)
    assert readall(other.own, OID) == CONTENT
    assert not any(b'incoming' in path for path in files(folder))


def test_notes_about_the_cache_are_those_of_stock_lfs(folder, cache):
    notes = Notes()
    store = CachedStore(DiskStore(os.path.join(folder, b'own')), cache, notes)
    store.ingest([CONTENT])
    store.link_local(OID)
    store.own.remove(OID)
    store.link_local(OID)
    assert notes.notes == [
        b'lfs: adding %s to the usercache\n' % OID,
        b'lfs: found %s in the local lfs store\n' % OID,
        b'lfs: found %s in the usercache\n' % OID,
    ]


def test_where_a_blob_is_without_reading_it(folder, store, cache):
    size = len(CONTENT)
    assert store.place(OID, size) is None
    store.ingest([CONTENT])
    assert store.place(OID, size) == b'store'
    other = storewith(folder, cache, b'other')
    assert other.place(OID, size) == b'cache'
    assert other.place(OID, size + 1) is None
    overwrite(cache.path(OID), b'x' * size)  # it is not read
    assert other.place(OID, size) == b'cache'
    proving = CachedStore(other.own, cache, Notes(), True)
    assert proving.place(OID, size) is None
