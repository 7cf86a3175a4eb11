"""What every Remote does, whatever stands behind it."""

from __future__ import annotations

import os

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.stores import overwrite

from hgext3rd.hglfs.model.errors import BlobCorrupt, BlobMangled, BlobMissing, LfsError
from hgext3rd.hglfs.remote.folder import FolderRemote
from hgext3rd.hglfs.remote.http import HttpRemote
from hgext3rd.hglfs.remote.null import NoRemote, NullRemote
from hgext3rd.hglfs.store.disk import DiskStore

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)


class FolderKit:
    """A folder, and the store behind it."""

    def __init__(self, folder: bytes) -> None:
        self.far = DiskStore(os.path.join(folder, b'far'))
        self.remote = FolderRemote(self.far.root)

    def spoil(self, oid: bytes, content: bytes) -> None:
        overwrite(self.far.path(oid), content)


class HttpKit:
    """A server, and the store behind it."""

    def __init__(self, folder: bytes) -> None:
        self.far = MemoryStore()
        self.remote = HttpRemote(BASE, Server(self.far), Notes())

    def spoil(self, oid: bytes, content: bytes) -> None:
        self.far.blobs[oid] = content


@pytest.fixture(params=[FolderKit, HttpKit])
def kit(request, folder):
    return request.param(folder)


def move(remote, operation, store, refs) -> int:
    """Moves what is planned, in any order; returns how many bytes were told."""
    told = []
    for transfers in remote.plan(operation, refs):
        for transfer in transfers:
            assert transfer.ref in refs
            transfer.run(store, told.append)
    return sum(told)


@pytest.mark.parametrize('size', [0, 1, (1 << 20) - 1, 1 << 20, 3 << 20])
def test_blobs_arrive_whole_and_every_byte_is_told(kit, size):
    content = b'x' * size
    kit.far.ingest([content])
    store = MemoryStore()
    assert move(kit.remote, 'download', store, [refto(content)]) == size
    assert store.blobs == {oidof(content): content}


@pytest.mark.parametrize('size', [0, 1, (1 << 20) - 1, 1 << 20, 3 << 20])
def test_blobs_are_sent_whole_and_every_byte_is_told(kit, size):
    content = b'x' * size
    store = MemoryStore(content)
    assert move(kit.remote, 'upload', store, [refto(content)]) == size
    assert list(kit.far) == [oidof(content)]
    assert not kit.far.damaged(oidof(content))


@pytest.mark.parametrize('operation', ['upload', 'download'])
def test_nothing_asked_is_nothing_done(kit, operation):
    assert move(kit.remote, operation, MemoryStore(), []) == 0


def test_many_blobs_go_there_and_come_back(kit):
    contents = [b'%d' % number for number in range(250)]
    refs = list(map(refto, contents))
    assert move(kit.remote, 'upload', MemoryStore(*contents), refs)
    back = MemoryStore()
    move(kit.remote, 'download', back, refs)
    assert back.blobs == MemoryStore(*contents).blobs


def test_what_is_there_already_is_not_sent_again(kit):
    there, new = b'there already', b'new'
    kit.far.ingest([there])
    store = MemoryStore(there, new)
    planned = kit.remote.plan('upload', [refto(there), refto(new)])
    assert [item.ref.oid for some in planned for item in some] == [oidof(new)]
    assert move(kit.remote, 'upload', store, [refto(there), refto(new)]) == len(new)


def test_a_blob_that_the_remote_lacks_is_told_with_its_file(kit):
    store = MemoryStore()
    with pytest.raises(LfsError) as caught:
        move(kit.remote, 'download', store, [refto(CONTENT, b'dir/lost.bin')])
    assert caught.value.message == (
        b'LFS server error for "dir/lost.bin": The object does not exist'
    )
    assert not caught.value.transient
    assert not store.blobs


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT[:-1], CONTENT + b'!', b''])
def test_a_blob_that_is_damaged_there_never_gets_in(kit, bad):
    kit.far.ingest([CONTENT])
    kit.spoil(OID, bad)
    store = MemoryStore()
    with pytest.raises(LfsError):
        move(kit.remote, 'download', store, [refto(CONTENT)])
    assert not store.blobs


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT[:-1], CONTENT + b'!', b''])
def test_a_blob_that_is_damaged_here_never_gets_out(kit, bad):
    store = MemoryStore()
    store.blobs[OID] = bad
    with pytest.raises(BlobCorrupt) as caught:
        move(kit.remote, 'upload', store, [refto(CONTENT)])
    assert caught.value.message == b'detected corrupt lfs object: %s' % OID
    assert caught.value.hint == b'run hg verify'
    assert not list(kit.far)


def test_a_blob_that_is_missing_here_is_called_missing(kit):
    with pytest.raises(BlobMissing):
        move(kit.remote, 'upload', MemoryStore(), [refto(CONTENT)])
    assert not list(kit.far)


def test_a_size_that_is_not_the_blobs_is_refused(kit):
    kit.far.ingest([CONTENT])
    store = MemoryStore()
    lie = refto(CONTENT)
    lie = type(lie)(lie.oid, lie.size + 1, lie.path)
    with pytest.raises(BlobMangled):
        move(kit.remote, 'download', store, [lie])
    assert not store.blobs


def test_a_transfer_may_run_again(kit):
    kit.far.ingest([CONTENT])
    store = MemoryStore()
    ((transfer,),) = kit.remote.plan('download', [refto(CONTENT)])
    transfer.run(store, lambda size: None)
    transfer.run(store, lambda size: None)
    assert store.blobs == {OID: CONTENT}


def test_null_moves_nothing_and_says_nothing():
    for operation in ('upload', 'download'):
        assert list(NullRemote().plan(operation, [refto(CONTENT)])) == []


def test_no_remote_asks_to_be_configured():
    with pytest.raises(LfsError, match='lfs.url needs to be configured'):
        NoRemote().plan('upload', [refto(CONTENT)])
