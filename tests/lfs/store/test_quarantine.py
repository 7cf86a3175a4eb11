"""Damaged blobs: moved to the quarantine, and restored when they are intact."""

from __future__ import annotations

import os
import signal

import pytest
from support import processes
from support.blobs import oidof, readall
from support.stores import files, overwrite

from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store import disk as disks
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.quarantine import Quarantine

CONTENT = b'a large file, as it were\n'
OID = oidof(CONTENT)


@pytest.fixture
def store(folder):
    made = DiskStore(os.path.join(folder, b'objects'))
    made.prepare_removal()
    return made


@pytest.fixture
def quarantine(folder, store):
    return Quarantine(os.path.join(folder, b'quarantine'), store)


def damaged(store) -> os.stat_result:
    store.ingest([CONTENT])
    overwrite(store.path(OID), b'damaged')
    return os.stat(store.path(OID))


def test_a_damaged_blob_is_moved_to_the_quarantine(store, quarantine):
    assert list(quarantine) == []
    assert quarantine.take(OID, damaged(store))
    assert not store.has(OID)
    assert list(quarantine) == [OID]
    with open(quarantine.path(OID), 'rb') as handle:
        assert handle.read() == b'damaged'
    assert not quarantine.restore(OID)
    store.ingest([CONTENT])
    assert readall(store, OID) == CONTENT
    quarantine.discard(OID)
    assert list(quarantine) == []


def test_a_blob_replaced_since_the_check_stays(store, quarantine):
    status = damaged(store)
    store.ingest([CONTENT])
    assert not quarantine.take(OID, status)
    assert readall(store, OID) == CONTENT
    store.remove(OID)
    assert not quarantine.take(OID, status)


def test_an_intact_blob_is_restored(store, quarantine):
    status = damaged(store)
    overwrite(store.path(OID), CONTENT)
    assert quarantine.take(OID, status)
    assert quarantine.restore(OID)
    assert readall(store, OID) == CONTENT
    assert list(quarantine) == []


def test_a_damaged_file_from_elsewhere_is_kept_if_it_is_the_first(quarantine, folder):
    for content in (b'first', b'second'):
        path = os.path.join(folder, content)
        with open(path, 'wb') as handle:
            handle.write(content)
        quarantine.keep(OID, path)
        assert os.path.exists(path)
    with open(quarantine.path(OID), 'rb') as handle:
        assert handle.read() == b'first'


def test_a_second_damaged_copy_replaces_the_first(store, quarantine):
    quarantine.take(OID, damaged(store))
    quarantine.take(OID, damaged(store))
    assert list(quarantine) == [OID]
    assert not store.has(OID)


def test_a_move_that_was_killed_halfway_is_completed(store, quarantine):
    status = damaged(store)

    def killed():
        original = disks.files.discard

        def discard(path):
            if path == store.path(OID):
                os.kill(os.getpid(), signal.SIGKILL)
            original(path)

        disks.files.discard = discard
        quarantine.take(OID, status)

    child = processes.fork(killed)
    os.waitpid(child, 0)
    assert store.has(OID)
    assert quarantine.take(OID, status)
    assert files(store.root) == [os.path.join(store.root, b'guard')]


def test_take_now_moves_a_blob_without_a_guard(folder):
    store = DiskStore(os.path.join(folder, b'never', b'cleaned'))
    quarantine = Quarantine(os.path.join(folder, b'quarantine'), store)
    damaged(store)
    assert quarantine.take_now(OID)
    assert (store.has(OID), quarantine.has(OID)) == (False, True)
    assert [found.st_size for found in quarantine.statuses()] == [len(b'damaged')]
    with pytest.raises(StoreFailed, match='cannot move'):
        quarantine.take_now(OID)
