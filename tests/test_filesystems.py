"""File systems that lack hard links or locks."""

from __future__ import annotations

import errno
import os

import pytest

from hgext3rd.hglfs.clonebundles.server.lease import Lease
from hgext3rd.hglfs.hg import serving
from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store import files
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.locks import LockStore

CONTENT = b'a large file, as it were'


@pytest.fixture(params=[errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def nolinks(request, monkeypatch):
    def link(*args, **kwargs):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(os, 'link', link)


@pytest.fixture(params=[errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def nolocks(request, monkeypatch):
    def flock(descriptor, operation):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(files.fcntl, 'flock', flock)


def test_a_name_is_taken_once(nolinks, folder):
    made = folder + b'/made'
    with open(made, 'wb') as handle:
        handle.write(CONTENT)
    os.chmod(made, 0o640)
    assert files.placenew(made, folder + b'/name')
    assert not files.placenew(made, folder + b'/name')
    with open(folder + b'/name', 'rb') as handle:
        assert handle.read() == CONTENT
    assert os.stat(folder + b'/name').st_mode & 0o777 == 0o640


def test_a_lease_is_exclusive(nolinks, folder):
    first, second = (Lease(folder + b'/lease', 'here') for _ in range(2))
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()


def test_a_lease_being_written_counts_as_held(folder):
    open(folder + b'/lease', 'wb').close()
    assert not Lease(folder + b'/lease', 'here').take()


def test_a_signing_key_is_made(nolinks, folder):
    path = folder + b'/lfs/signing-key'
    token = serving.signer(path)
    assert token is not None
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.listdir(folder + b'/lfs') == [b'signing-key']


def test_locks_are_stored(nolinks, folder):
    store = LockStore(folder + b'/locks.sqlite3', files.Modes())
    lock, created = store.create('a.bin', 'alice', 1)
    assert created
    assert store.get(lock.id) == lock


def test_without_file_locks_removal_is_refused_with_the_mount_option(nolocks, folder):
    store = DiskStore(folder + b'/objects')
    store.ingest([CONTENT])
    with pytest.raises(StoreFailed, match='cannot lock') as caught:
        store.prepare_removal()
    assert b'nolock' in caught.value.hint
    # locks fail from now on
    store.ingest([CONTENT + b'!'])


def test_without_file_locks_a_store_pruned_elsewhere_refuses_blobs(folder, monkeypatch):
    store = DiskStore(folder + b'/objects')
    store.prepare_removal()

    def flock(descriptor, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(files.fcntl, 'flock', flock)
    with pytest.raises(StoreFailed, match='cannot lock .*guard') as caught:
        store.ingest([CONTENT])
    assert b'nolock' in caught.value.hint
