"""What every Remote does, of whichever kind."""

from __future__ import annotations

import os

import pytest
from support.blobs import Notes, oidof, readall, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.stores import overwrite
from support.transfers import RecordingWatch, carry
from support.wire import LocalWire

from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.errors import BlobCorrupt, BlobMissing, LfsError
from hgext3rd.hglfs.lfs.remote.folder import FolderRemote
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.remote.null import NoRemote, NullRemote
from hgext3rd.hglfs.lfs.remote.peer import PeerRemote
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.wire.batch import BASIC, SMALLBLOBS, TUS

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)


class FolderKit:
    """A folder, and the store behind it."""

    links = False

    def __init__(self, folder: bytes) -> None:
        self.folder = folder
        self.far = DiskStore(os.path.join(folder, b'far'))
        self.remote = FolderRemote(self.far.root, self.far, self.links)

    def near(self, *contents: bytes):
        return MemoryStore(*contents)

    def spoil(self, oid: bytes, content: bytes) -> None:
        overwrite(self.far.path(oid), content)


class LinksKit(FolderKit):
    """Another repository on this machine."""

    links = True

    def near(self, *contents: bytes):
        store = DiskStore(os.path.join(self.folder, b'near'))
        for content in contents:
            store.ingest([content])
        return store


class HttpKit:
    """A server, and the store behind it."""

    adapters: tuple[str, ...] = (BASIC,)

    def __init__(self, folder: bytes) -> None:
        self.far = MemoryStore()
        self.remote = self.toward()

    def toward(self):
        return HttpRemote(BASE, Server(self.far), Notes(), self.adapters)

    def near(self, *contents: bytes):
        return MemoryStore(*contents)

    def spoil(self, oid: bytes, content: bytes) -> None:
        self.far.blobs[oid] = content


class TusKit(HttpKit):
    """A server that takes what it lacks of a blob."""

    adapters = (TUS, BASIC)


class PacksKit(HttpKit):
    """A server of ours."""

    adapters = (SMALLBLOBS, TUS, BASIC)


class WireKit(HttpKit):
    """Another Mercurial."""

    def toward(self):
        return PeerRemote(LocalWire(self.far))


@pytest.fixture(params=[FolderKit, LinksKit, HttpKit, TusKit, PacksKit, WireKit])
def kit(request, folder):
    return request.param(folder)


def held(store) -> dict[bytes, bytes]:
    return {oid: readall(store, oid) for oid in store}


def plant(store, oid: bytes, content: bytes) -> None:
    if isinstance(store, MemoryStore):
        store.blobs[oid] = content
    else:
        overwrite(store.path(oid), content)


SIZES = pytest.mark.parametrize('size', [0, 1, (1 << 20) - 1, 1 << 20, 3 << 20])
BAD = pytest.mark.parametrize(
    'bad', [b'A' + CONTENT[1:], CONTENT[:-1], CONTENT + b'!', b'']
)


@SIZES
def test_blobs_are_downloaded_whole_and_reported(kit, size):
    content = b'x' * size
    kit.far.ingest([content])
    store = kit.near()
    watch = carry(kit.remote, 'download', store, [refto(content)])
    assert (watch.there, watch.passed) == (0, size)
    assert watch.begun == watch.done == [oidof(content)]
    assert held(store) == {oidof(content): content}


@SIZES
def test_blobs_are_uploaded_whole_and_reported(kit, size):
    content = b'x' * size
    watch = carry(kit.remote, 'upload', kit.near(content), [refto(content)])
    assert (watch.there, watch.passed) == (0, size)
    assert watch.begun == watch.done == [oidof(content)]
    assert held(kit.far) == {oidof(content): content}


@pytest.mark.parametrize('operation', ['upload', 'download'])
def test_an_empty_request_moves_nothing(kit, operation):
    assert carry(kit.remote, operation, kit.near(), []).total == 0


def test_many_blobs_are_uploaded_and_downloaded(kit):
    contents = [b'%d' % number for number in range(250)]
    refs = list(map(refto, contents))
    near = kit.near(*contents)
    before = held(near)
    watch = carry(kit.remote, 'upload', near, refs)
    assert sorted(watch.done) == sorted(before)
    for oid in before:
        near.remove(oid)
    watch = carry(kit.remote, 'download', near, refs)
    assert held(near) == before
    assert watch.total == sum(map(len, contents))


@pytest.mark.parametrize('operation', ['upload', 'download'])
def test_every_blob_is_planned_exactly_once(kit, operation):
    contents = [b'%d' % number for number in range(250)]
    for content in contents if operation == 'download' else ():
        kit.far.ingest([content])
    plans = list(kit.remote.plan(operation, list(map(refto, contents))))
    assert sum(plan.asked for plan in plans) == len(contents)
    planned = [
        ref.oid
        for plan in plans
        for transfer in plan.transfers
        for ref in transfer.refs
    ]
    assert sorted(planned) == sorted(map(oidof, contents))
    assert not any(plan.refused for plan in plans)


def test_blobs_the_remote_has_are_not_sent_again(kit):
    there, new = b'there already', b'new'
    kit.far.ingest([there])
    refs = [refto(there), refto(new)]
    (plan,) = kit.remote.plan('upload', refs)
    assert plan.asked == 2
    assert [ref.oid for some in plan.transfers for ref in some.refs] == [oidof(new)]
    watch = carry(kit.remote, 'upload', kit.near(there, new), refs)
    assert watch.total == len(new)


@pytest.mark.parametrize('count', [0, 1, 7])
def test_what_is_held_is_what_is_there_by_oid_and_size(kit, count):
    contents = [b'%d bytes' % number for number in range(count)]
    for content in contents:
        kit.far.ingest([content])
    held = [refto(content) for content in contents]
    asked = [*held, refto(b'elsewhere'), refto(b'nowhere')]
    answers = list(kit.remote.held(asked))
    assert sum(answer.asked for answer in answers) == len(asked)
    found = [oid for answer in answers for oid in answer.oids]
    assert sorted(found) == sorted(ref.oid for ref in held)
    wrong = [BlobRef(ref.oid, ref.size + 1) for ref in held]
    assert not any(answer.oids for answer in kit.remote.held(wrong))
    kit.remote.connect().close()


def test_a_missing_blob_is_refused_with_its_file(kit):
    kit.far.ingest([b'there'])
    lost = refto(CONTENT, b'dir/lost.bin')
    (plan,) = kit.remote.plan('download', [lost, refto(b'there')])
    ((ref, reason),) = plan.refused
    assert ref == lost
    assert reason.message == (
        b'LFS server error for "dir/lost.bin": The object does not exist'
    )
    assert not reason.transient
    assert [ref.oid for some in plan.transfers for ref in some.refs] == [
        oidof(b'there')
    ]


@BAD
def test_a_blob_damaged_at_the_remote_is_not_stored(kit, bad):
    kit.far.ingest([CONTENT])
    kit.spoil(OID, bad)
    store = kit.near()
    with pytest.raises(LfsError):
        carry(kit.remote, 'download', store, [refto(CONTENT)])
    assert not held(store)


@BAD
def test_a_blob_damaged_locally_is_not_uploaded(kit, bad):
    store = kit.near(CONTENT)
    plant(store, OID, bad)
    with pytest.raises(LfsError) as caught:
        carry(kit.remote, 'upload', store, [refto(CONTENT)])
    if not kit.__class__.__name__.startswith('Links') or len(bad) != len(CONTENT):
        assert isinstance(caught.value, BlobCorrupt)
    assert not held(kit.far)


def test_the_error_for_a_blob_missing_locally_names_its_file(kit):
    refs = [refto(b'one', b'one.bin'), refto(CONTENT, b'two.bin')]
    with pytest.raises(BlobMissing) as caught:
        carry(kit.remote, 'upload', kit.near(b'one'), refs)
    assert caught.value.path == b'two.bin'
    assert OID not in held(kit.far)


def test_a_wrong_size_is_refused(kit):
    kit.far.ingest([CONTENT])
    store = kit.near()
    lie = refto(CONTENT)
    lie = type(lie)(lie.oid, lie.size + 1, lie.path)
    with pytest.raises(LfsError):
        carry(kit.remote, 'download', store, [lie])
    assert not held(store)


def test_a_transfer_can_run_twice(kit):
    kit.far.ingest([CONTENT])
    store = kit.near()
    (plan,) = kit.remote.plan('download', [refto(CONTENT)])
    for _turn in range(2):
        plan.transfers[0].run(kit.remote.connect(), store, RecordingWatch())
    assert held(store) == {OID: CONTENT}


def test_a_connection_for_a_thread_has_its_own_log(kit):
    kit.far.ingest([CONTENT])
    notes, store = Notes(), kit.near()
    line = kit.remote.connect(notes)
    if isinstance(kit, HttpKit) and not isinstance(kit, WireKit):
        assert line.log is notes
    (plan,) = kit.remote.plan('download', [refto(CONTENT)])
    plan.transfers[0].run(line, store, RecordingWatch())
    assert held(store) == {OID: CONTENT}


def test_an_exception_of_the_watch_ends_the_transfer(kit):
    class Ended(Exception):
        pass

    class Ending(RecordingWatch):
        def moved(self, size):
            raise Ended

    kit.far.ingest([CONTENT])
    store = kit.near(b'one')
    for operation, ref in [('download', refto(CONTENT)), ('upload', refto(b'one'))]:
        with pytest.raises(Ended):
            carry(kit.remote, operation, store, [ref], Ending())
    assert not store.has(OID)


def test_the_null_remote_moves_nothing():
    for operation in ('upload', 'download'):
        assert list(NullRemote().plan(operation, [refto(CONTENT)])) == []


def test_without_a_remote_the_error_asks_for_configuration():
    with pytest.raises(LfsError, match='lfs.url needs to be configured'):
        NoRemote().plan('upload', [refto(CONTENT)])
