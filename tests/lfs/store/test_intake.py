"""The limits of a server: every way into its store applies them."""

from __future__ import annotations

import os

import pytest
from support.blobs import Notes, oidof, pieces, refto
from support.transfers import carry

from hgext3rd.hglfs.lfs.errors import BlobTooLarge, SizeMangled, StoreFailed
from hgext3rd.hglfs.lfs.remote.folder import FolderRemote
from hgext3rd.hglfs.lfs.store.cached import CachedStore
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.intake import Intake

CONTENT = b'a large file, as it were\n' * 40
OID, SIZE = oidof(CONTENT), len(CONTENT)


@pytest.fixture
def store(folder):
    return DiskStore(os.path.join(folder, b'there'))


@pytest.fixture
def near(folder):
    store = DiskStore(os.path.join(folder, b'here'))
    store.ingest([CONTENT])
    return store


def chunks(content):
    return pieces(content, 10) if isinstance(content, bytes) else content


def ingest(intake, content=CONTENT, size=SIZE):
    intake.ingest(chunks(content), OID, size)


def receive(intake, content=CONTENT, size=SIZE):
    intake.receive(OID, size, lambda offset: (0, chunks(content)))


WAYS = pytest.mark.parametrize('way', [ingest, receive])


def left(store) -> list[bytes]:
    return os.listdir(store.root) if os.path.isdir(store.root) else []


@WAYS
def test_a_blob_of_exactly_the_size_limit_is_accepted(store, way):
    for most in (SIZE, 0):
        way(Intake(store, most))
        assert store.size(OID) == SIZE
        store.remove(OID)


@WAYS
def test_a_blob_over_the_size_limit_is_refused_unread(store, way):
    intake = Intake(store, SIZE - 1)
    with pytest.raises(BlobTooLarge) as caught:
        way(intake, content=None)
    assert caught.value.message == (
        b'lfs object %s has 1000 bytes; objects of over 999 bytes are not taken' % OID
    )
    assert b'lfs.maxsize' in caught.value.hint
    assert left(store) == []


def test_a_blob_over_the_size_limit_is_not_linked(store, near):
    with near.open(OID) as handle, pytest.raises(BlobTooLarge):
        Intake(store, SIZE - 1).share(handle, OID, SIZE)
    assert left(store) == []


@WAYS
def test_bytes_beyond_the_announced_size_are_not_read(store, way):
    def endless():
        while True:
            yield b'x' * 100

    with pytest.raises(SizeMangled, match='more bytes than the 950 announced'):
        way(Intake(store, SIZE), endless(), 950)
    assert not store.has(OID)


@WAYS
def test_a_blob_without_disk_space_is_refused_unread(store, way):
    with pytest.raises(StoreFailed, match='there is no room'):
        way(Intake(store), content=None, size=1 << 60)
    assert left(store) == []


@pytest.mark.parametrize('links', [False, True])
def test_a_blob_over_the_size_limit_of_a_local_repository_is_refused(
    store, near, links
):
    near.ingest([b'small'])
    remote = FolderRemote(b'there', store, links, Intake(store, SIZE - 1))
    (plan,) = remote.plan('upload', [refto(CONTENT, b'a'), refto(b'small')])
    ((ref, why),) = plan.refused
    assert (ref.path, why.path, type(why)) == (b'a', b'a', BlobTooLarge)
    assert [transfer.refs[0].oid for transfer in plan.transfers] == [oidof(b'small')]


def test_a_blob_over_the_size_limit_can_be_downloaded(store, near):
    remote = FolderRemote(b'here', near, True, Intake(near, 1))
    carry(remote, 'download', store, [refto(CONTENT)])
    assert store.has(OID)
    # it is present already
    (plan,) = remote.plan('upload', [refto(CONTENT)])
    assert (plan.transfers, plan.refused) == ([], [])


def test_a_blob_only_in_the_cache_is_requested_and_then_shared(store, folder):
    cache = DiskStore(os.path.join(folder, b'cache'))
    cache.ingest([CONTENT])
    intake = Intake(store, into=CachedStore(store, cache, Notes()))
    assert (intake.size(OID), intake.touch(OID)) == (None, False)
    cache.remove(OID)
    intake.receive(OID, SIZE, lambda offset: (0, [CONTENT]))
    assert (intake.size(OID), intake.touch(OID)) == (SIZE, True)
    assert cache.size(OID) == SIZE
