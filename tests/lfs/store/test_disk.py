"""The store on disk: full disks, killed processes, other users, memory use."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import stat

import pytest
from support import processes
from support.blobs import oidof, readall, sameprefix
from support.stores import files, leftovers, overwrite

from hgext3rd.hglfs.lfs.errors import LfsError, StoreFailed
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.files import Modes

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)


def test_the_layout_is_that_of_stock_lfs(store):
    store.ingest([CONTENT])
    assert files(store.root) == [os.path.join(store.root, OID[:2], OID[2:])]


def test_other_files_are_not_listed_as_blobs(store):
    store.ingest([CONTENT])
    for name in (b'README', b'ab', OID[:2] + b'/short', OID[:2] + b'/' + b'Z' * 62):
        with open(os.path.join(store.root, name), 'wb'):
            pass
    assert list(store) == [OID]


def test_blobs_are_writable_by_their_owner_and_follow_the_umask(store):
    before = os.umask(0o027)
    try:
        store.ingest([CONTENT])
    finally:
        os.umask(before)
    assert _mode(store.path(OID)) == 0o640
    assert _mode(os.path.dirname(store.path(OID))) == 0o750


@pytest.mark.parametrize(
    ('create', 'ofblob', 'offolder'),
    [
        (0o42770, 0o660, 0o2770),
        (0o42775, 0o664, 0o2775),
        (0o40755, 0o644, 0o755),
        (0o40555, 0o644, 0o555),
    ],
)
def test_blobs_and_folders_have_the_modes_of_the_repository(
    folder, create, ofblob, offolder
):
    os.mkdir(os.path.join(folder, b'objects'))
    store = DiskStore(os.path.join(folder, b'objects'), Modes(create))
    before = os.umask(0o077)
    try:
        with contextlib.suppress(StoreFailed):  # only root could, in 0o555
            store.ingest([CONTENT])
            assert _mode(store.path(OID)) == ofblob
    finally:
        os.umask(before)
    assert _mode(os.path.dirname(store.path(OID))) == offolder


def _mode(path: bytes) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


# a full disk


@pytest.fixture(params=['tmpfs', 'limit'])
def full(request, tmp_path):
    """Return a folder where no file can be a megabyte long, by a real limit."""
    place = os.fsencode(str(tmp_path / 'small'))
    os.mkdir(place)
    if request.param == 'limit':
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
        yield place
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b'tmpfs', place, b'tmpfs', 0, b'size=1m'):
        pytest.skip('only root may mount a small file system to fill it')
    yield place
    assert libc.umount(place) == 0


@pytest.mark.parametrize('size', [1 << 12, 1000, 1 << 20, 3 << 19])
@pytest.mark.parametrize('durable', [False, True])
def test_a_full_disk_is_reported_and_leaves_no_trace(full, size, durable):
    store = DiskStore(os.path.join(full, b'objects'))
    store.ingest([CONTENT])
    before = files(full)
    with pytest.raises(StoreFailed) as caught:
        store.ingest((b'x' * size for _ in range(0, 2 << 20, size)), durable=durable)
    assert not caught.value.transient
    assert files(full) == before
    assert readall(store, OID) == CONTENT


def test_a_full_disk_is_reported_for_a_blob_in_parts_and_leaves_no_trace(full):
    store, size = DiskStore(os.path.join(full, b'objects')), 3 << 20
    store.ingest([CONTENT])
    before = files(full)
    with pytest.raises(StoreFailed) as caught:
        _inparts(store, OID, size)
    assert not caught.value.transient
    assert files(full) == before


def _inparts(store, oid: bytes, size: int) -> None:
    with store.segments(oid, size) as parts:
        part = parts.claim()
        try:
            for start in range(0, size, 1 << 20):
                parts.write(part, b'x' * min(1 << 20, size - start))
        finally:
            parts.release(part)


@pytest.mark.parametrize('durable', [False, True])
def test_a_full_disk_leaves_no_partial_blob(full, durable):
    store = DiskStore(os.path.join(full, b'objects'))
    store.ingest([CONTENT])
    before = files(full)
    chunks = (b'x' * 100000 for _ in range(30))
    with pytest.raises(StoreFailed) as caught:
        store.receive(OID, 3000000, lambda offset: (0, chunks), durable)
    assert not caught.value.transient
    assert files(full) == before


def test_the_error_for_a_full_disk_names_the_folder(full):
    store = DiskStore(os.path.join(full, b'objects'))
    with pytest.raises(StoreFailed) as caught:
        store.ingest([b'x' * (2 << 20)])
    assert full in caught.value.message + (caught.value.hint or b'')


def test_a_full_disk_keeps_a_blob_that_is_stored_again(full):
    store = DiskStore(os.path.join(full, b'objects'))
    content = b'y' * (700 << 10)
    store.ingest([content])
    with contextlib.suppress(LfsError):
        store.ingest([content])  # there is no room for two
    assert readall(store, oidof(content)) == content
    assert not leftovers(full)


def test_the_error_for_a_store_that_cannot_be_created_names_its_folder(folder):
    place = os.path.join(folder, b'file')
    with open(place, 'wb'):
        pass
    store = DiskStore(os.path.join(place, b'objects'))
    with pytest.raises(StoreFailed) as caught:
        store.ingest([CONTENT])
    assert place in caught.value.message + (caught.value.hint or b'')
    assert not store.has(OID)
    assert list(store) == []


def test_a_store_below_a_file_has_no_sizes(folder):
    with open(os.path.join(folder, b'file'), 'wb'):
        pass
    assert DiskStore(os.path.join(folder, b'file')).size(OID) is None


def test_the_folder_may_be_relative(folder, monkeypatch):
    monkeypatch.chdir(os.fsdecode(folder))
    store = DiskStore(b'objects')
    store.ingest([CONTENT])
    assert readall(DiskStore(os.path.join(folder, b'objects')), OID) == CONTENT


@pytest.mark.skipif(not hasattr(os, 'getuid') or os.getuid(), reason='needs root')
def test_an_unreadable_blob_is_an_error(store):
    """Run as another user, since root may read everything."""
    store.ingest([CONTENT])
    os.chmod(store.path(OID), 0)
    _openall(store.root)

    def work():
        for ask in (store.open, store.damaged):
            with pytest.raises(StoreFailed):
                ask(OID)

    assert processes.asuser(4711, 4711, work)


def _openall(path: bytes) -> None:
    """Let every user pass through a folder."""
    while len(path) > 1 and os.stat(path).st_uid == os.getuid():
        os.chmod(path, os.stat(path).st_mode | 0o055)
        path = os.path.dirname(path)


# two users of one group

GROUP, ALICE, BOB = 47110, 47111, 47112
asroot = pytest.mark.skipif(
    not hasattr(os, 'getuid') or os.getuid() != 0,
    reason='only root may become two users',
)


@pytest.fixture(params=[0o42770, 0o42775], ids=oct)
def common(request, tmp_path_factory):
    """Return a store in a folder that belongs to a group, as Mercurial shares them."""
    place = os.fsencode(str(tmp_path_factory.mktemp('group')))
    _openall(place)
    root = os.path.join(place, b'store')
    os.mkdir(root)
    os.chown(root, ALICE, GROUP)
    os.chmod(root, request.param & 0o7777)
    return DiskStore(os.path.join(root, b'lfs', b'objects'), Modes(request.param))


@asroot
def test_two_users_of_a_group_share_one_store(common):
    mine, yours, third = sameprefix(3)
    assert processes.asuser(ALICE, GROUP, lambda: common.ingest([mine]))
    assert processes.asuser(BOB, GROUP, lambda: common.ingest([yours]))
    assert processes.asuser(ALICE, GROUP, lambda: common.ingest([third]))

    def readboth():
        assert readall(common, oidof(mine)) == mine
        assert readall(common, oidof(yours)) == yours
        assert sorted(common) == sorted(map(oidof, (mine, yours, third)))

    assert processes.asuser(ALICE, GROUP, readboth)
    assert processes.asuser(BOB, GROUP, readboth)


@asroot
def test_one_user_replaces_syncs_and_removes_blobs_of_another(common):
    assert processes.asuser(ALICE, GROUP, lambda: common.ingest([CONTENT]))
    overwrite(common.path(OID), b'damaged')

    def mend():
        assert common.damaged(OID)
        common.ingest([CONTENT], OID)
        common.flush()
        assert not common.damaged(OID)

    assert processes.asuser(BOB, GROUP, mend)
    assert processes.asuser(ALICE, GROUP, lambda: common.remove(OID))
    assert not common.has(OID)


@asroot
def test_new_files_and_folders_belong_to_the_group(common):
    assert processes.asuser(ALICE, GROUP, lambda: common.ingest([CONTENT]))
    path = common.path(OID)
    while path != os.path.dirname(os.path.dirname(common.root)):
        found = os.stat(path)
        assert found.st_gid == GROUP
        if stat.S_ISDIR(found.st_mode):
            assert found.st_mode & stat.S_ISGID
        path = os.path.dirname(path)


@asroot
def test_a_blob_adopted_from_a_private_file_is_readable_by_the_group(
    common, tmp_path_factory
):
    """A link would keep the owner's permissions of the file."""
    private = os.fsencode(str(tmp_path_factory.mktemp('alice')))
    _openall(private)
    os.chown(private, ALICE, ALICE)
    cache = DiskStore(os.path.join(private, b'cache'))

    def adopt():
        cache.ingest([CONTENT])
        common.adopt(OID, cache.path(OID))

    assert processes.asuser(ALICE, GROUP, adopt)
    assert processes.asuser(BOB, GROUP, lambda: readall(common, OID))


@asroot
@pytest.mark.usefixtures('resumed')
def test_one_user_resumes_a_download_of_another(common):
    def begin():
        with pytest.raises(ZeroDivisionError):
            common.receive(OID, len(CONTENT), lambda offset: (0, _begins()))

    def goon():
        assert common.partial(OID) == 30
        common.receive(OID, len(CONTENT), lambda offset: (offset, [CONTENT[offset:]]))

    assert processes.asuser(ALICE, GROUP, begin)
    assert processes.asuser(BOB, GROUP, goon)
    assert processes.asuser(ALICE, GROUP, lambda: readall(common, OID))


def _begins():
    yield CONTENT[:30]
    raise ZeroDivisionError


@asroot
def test_a_user_outside_the_group_can_neither_add_nor_remove(common):
    assert processes.asuser(ALICE, GROUP, lambda: common.ingest([CONTENT]))

    def tamper():
        with pytest.raises(StoreFailed):
            common.ingest([b'mine'])

    assert processes.asuser(BOB, BOB, tamper)


# memory

_MEASURED = """
import os, resource, sys
from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.store.hashing import digest
from hgext3rd.hglfs.lfs.remote.folder import FolderRemote
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.store import cached, disk, files
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.server import blobs
from support.blobs import Notes
from support.transfers import carry

def stream():
    for number in range(300):
        yield b'%07d\\n' % number * (1 << 17)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

what, folder = sys.argv[1], os.fsencode(sys.argv[2])
own = disk.DiskStore(folder + b'/own')
cache = disk.DiskStore(folder + b'/cache')
store = cached.CachedStore(own, cache, Notes())
list(files.readchunks(open(os.devnull, 'rb')))
before = peak()
oid, size = store.ingest(stream(), durable=what == 'durable')
assert size == 300 << 20
if what == 'cache':
    own.remove(oid)
    store.link_local(oid)
if what == 'folder':
    remote = FolderRemote(b'far', disk.DiskStore(folder + b'/far'))
    carry(remote, 'upload', store, [BlobRef(oid, size)])
if what == 'receive':
    own.remove(oid)
    cache.remove(oid)
    store.receive(oid, size, lambda offset: (0, stream()))
if what == 'wire':
    far = disk.DiskStore(folder + b'/far')
    wire = blobstream.encode([(blobstream.Item(oid, size), stream())])
    blobs.take(blobstream.Reader(wire), far)
    for chunk in blobs.send([blobstream.Item(oid, size)], far):
        pass
store.damaged(oid)
print(peak() - before)
"""


@pytest.mark.parametrize('what', ['durable', 'cache', 'folder', 'receive', 'wire'])
def test_memory_does_not_grow_with_the_blob(what, tmp_path):
    grown = int(processes.python(_MEASURED, what, str(tmp_path)))
    assert grown < 60 << 10  # in KiB, for a blob of 300 MiB
    for path in files(os.fsencode(str(tmp_path))):
        os.unlink(path)
