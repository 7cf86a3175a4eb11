"""Another Mercurial as a remote: blobs over its connection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import oidof, refto
from support.memory import MemoryStore
from support.transfers import RecordingWatch, carry, stubborn
from support.wire import LocalWire

from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.errors import (
    BlobCorrupt,
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    LfsError,
    RemoteError,
    StoreFailed,
)
from hgext3rd.hglfs.lfs.remote.peer import PeerRemote
from hgext3rd.hglfs.lfs.wire import blobstream

SMALL = [b'%d' % number * 50 for number in range(20)]
LARGE = b'0123456789abcdef' * (100 << 10)
OID = oidof(LARGE)
ALL = [*SMALL, LARGE]
OPERATIONS = pytest.mark.parametrize('operation', ['download', 'upload'])


def pair(operation, contents=ALL):
    """Return the local store and a wire; the sending end has the blobs."""
    stores = MemoryStore(*contents), MemoryStore()
    far, near = stores if operation == 'download' else reversed(stores)
    return near, LocalWire(far)


def planned(wire, operation, contents=ALL):
    remote = PeerRemote(wire)
    (plan,) = remote.plan(operation, list(map(refto, contents)))
    (transfer,) = plan.transfers
    return transfer, remote.connect()


def asked(wire, command) -> list[list[blobstream.Item]]:
    return [
        list(blobstream.Reader([wanted]).items())
        for name, wanted in wire.asked
        if name == command
    ]


def sent(wire) -> list[list[blobstream.Item]]:
    """Return the lines of the packs that were sent."""
    return [
        [item for item, _body in blobstream.Reader([stream]).frames()]
        for name, stream in wire.asked
        if name == 'put'
    ]


@OPERATIONS
def test_all_blobs_move_in_one_command(operation):
    near, wire = pair(operation)
    watch = carry(PeerRemote(wire), operation, near, list(map(refto, ALL)))
    assert near.blobs == wire.store.blobs
    command = 'get' if operation == 'download' else 'put'
    assert [name for name, _text in wire.asked][:2] == ['have', command]
    assert (watch.there, watch.passed) == (0, sum(map(len, ALL)))
    assert sorted(watch.done) == sorted(map(oidof, ALL))


@OPERATIONS
def test_blobs_are_queried_a_thousand_at_a_time(operation):
    contents = [b'%d' % number for number in range(2500)]
    near, wire = pair(operation, contents)
    remote = PeerRemote(wire)
    plans = list(remote.plan(operation, list(map(refto, contents))))
    assert [plan.asked for plan in plans] == [1000, 1000, 500]
    carry(remote, operation, near, list(map(refto, contents)))
    assert near.blobs == wire.store.blobs


@OPERATIONS
def test_the_bytes_of_one_command_are_bounded(operation):
    sizes = [30 << 20, 1 << 20, 2 << 20, 40 << 20, 1]
    refs = [BlobRef(oidof(b'%d' % size), size) for size in sizes]
    wire = LocalWire()
    if operation == 'download':
        items = [blobstream.Item(ref.oid, ref.size, ref.size) for ref in refs]
        wire.altered = lambda answer: blobstream.encodelist(items)
    (plan,) = PeerRemote(wire).plan(operation, refs)
    assert [[ref.size for ref in item.refs] for item in plan.transfers] == [
        sizes[:2],
        sizes[2:3],
        sizes[3:4],
        sizes[4:],
    ]


def test_the_remote_is_named_after_the_peer():
    assert PeerRemote(LocalWire()).name == b'ssh://far.example.com'


# present and missing blobs


def test_a_missing_blob_is_refused_with_its_file():
    _near, wire = pair('download', SMALL)
    (plan,) = PeerRemote(wire).plan('download', [refto(SMALL[0]), refto(LARGE, b'a')])
    ((ref, why),) = plan.refused
    assert ref.path == b'a'
    assert why.message == b'LFS server error for "a": The object does not exist'


SAID = (
    b'LFS server error for "a": it is larger than the server takes, '
    b'by lfs.maxsize there (status code 413)'
)


def test_a_blob_over_the_size_limit_of_the_peer_is_not_sent():
    near, wire = pair('upload')
    wire.most = len(LARGE) - 1
    refs = [*map(refto, SMALL), refto(LARGE, b'a')]
    (plan,) = PeerRemote(wire).plan('upload', refs)
    assert [(ref.path, why.message) for ref, why in plan.refused] == [(b'a', SAID)]
    assert [len(transfer.refs) for transfer in plan.transfers] == [len(SMALL)]
    (plan,) = PeerRemote(wire).plan('download', refs)
    assert len(plan.refused) == len(refs)


def test_a_blob_over_an_unannounced_size_limit_is_refused():
    near, wire = pair('upload', [LARGE])
    remote = PeerRemote(wire)
    (plan,) = remote.plan('upload', [refto(LARGE, b'a')])
    wire.most = len(LARGE) - 1
    with pytest.raises(BlobRefused) as caught:
        plan.transfers[0].run(remote.connect(), near, RecordingWatch())
    assert caught.value.message == SAID
    assert wire.store.blobs == {}


def test_a_partial_blob_counts_as_missing():
    wire = LocalWire()
    keep(wire.store, 5000)
    (plan,) = PeerRemote(wire).plan('download', [refto(LARGE)])
    assert len(plan.refused) == 1


def test_a_blob_of_another_size_counts_as_missing():
    _near, wire = pair('download', SMALL[:1])
    wrong = BlobRef(oidof(SMALL[0]), len(SMALL[0]) + 1)
    for operation, transfers, refused in [('download', 0, 1), ('upload', 1, 0)]:
        (plan,) = PeerRemote(wire).plan(operation, [wrong])
        assert (len(plan.transfers), len(plan.refused)) == (transfers, refused)


def test_a_complete_but_unverified_upload_is_sent_again():
    near, wire = pair('upload')
    keep(wire.store, len(LARGE))
    carry(PeerRemote(wire), 'upload', near, [refto(LARGE)])
    assert wire.store.blobs == {OID: LARGE}


@pytest.mark.parametrize('answer', [b'', b'x', b'end', b'%s 1\nend\n' % OID, b'\xff\n'])
@OPERATIONS
def test_an_invalid_reply_is_an_error(operation, answer):
    _near, wire = pair(operation)
    wire.altered = lambda right: answer
    with pytest.raises(
        RemoteError, match='ssh://far.example.com sent a broken blob stream'
    ):
        list(PeerRemote(wire).plan(operation, [refto(LARGE)]))


@given(st.binary())
def test_any_reply_raises_lfs_errors_only(answer):
    for operation in ('download', 'upload'):
        near, wire = pair(operation, SMALL[:2])
        (transfer, line) = planned(wire, operation, SMALL[:2])
        wire.alter = wire.altered = lambda right: answer
        with pytest.raises(LfsError):
            transfer.run(line, near, RecordingWatch())


# errors on the way


def keep(store, upto: int) -> None:
    """Let the start of the large blob arrive."""

    def source():
        yield LARGE[:upto]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.receive(OID, len(LARGE), lambda offset: (0, source()))


def test_a_large_download_is_resumed():
    near, wire = pair('download', [LARGE])
    wire.breaks = [100000, 500000]
    transfer, line = planned(wire, 'download', [LARGE])
    watch = RecordingWatch()
    errors = stubborn(transfer, line, near, watch)
    assert [type(error) for error in errors] == [ConnectionFailed] * 2
    head = len(blobstream.Item(OID, len(LARGE)).encode())
    offsets = [item.offset for (item,) in asked(wire, 'get')]
    assert offsets[0] == 0
    assert offsets[1] == 100000 - head
    assert 600000 - 3 * head < offsets[2] < 600000
    assert near.blobs == {OID: LARGE}


def test_a_large_upload_is_resumed():
    near, wire = pair('upload', [LARGE])
    wire.breaks = [100000]
    transfer, line = planned(wire, 'upload', [LARGE])
    with pytest.raises(ConnectionFailed):
        transfer.run(line, near, RecordingWatch())
    there = wire.store.partial(OID)
    assert 99000 < there < 100000
    watch = carry(PeerRemote(wire), 'upload', near, [refto(LARGE)])
    assert [[item.offset for item in items] for items in sent(wire)] == [[0], [there]]
    assert wire.store.blobs == {OID: LARGE}
    assert (watch.there, watch.passed) == (there, len(LARGE) - there)


def test_an_upload_retried_without_a_new_query_completes():
    near, wire = pair('upload', [LARGE])
    wire.breaks = [100000]
    transfer, line = planned(wire, 'upload', [LARGE])
    stubborn(transfer, line, near, RecordingWatch())
    assert wire.store.blobs == {OID: LARGE}


@OPERATIONS
@pytest.mark.parametrize('upto', [0, 50, 1000, 1900])
def test_a_retry_moves_the_remaining_blobs(operation, upto):
    near, wire = pair(operation, SMALL)
    wire.breaks = [upto]
    transfer, line = planned(wire, operation, SMALL)
    watch = RecordingWatch()
    stubborn(transfer, line, near, watch)
    assert near.blobs == wire.store.blobs
    assert sorted(watch.done) == sorted(map(oidof, SMALL))


def test_received_blobs_are_not_requested_again():
    near, wire = pair('download', SMALL)
    wire.breaks = [1000]
    transfer, line = planned(wire, 'download', SMALL)
    stubborn(transfer, line, near, RecordingWatch())
    first, second = asked(wire, 'get')
    assert len(first) == 20
    assert 10 < len(second) < 20


def test_a_blob_that_another_process_receives_is_retried_later():
    near, wire = pair('download', [LARGE])
    transfer, line = planned(wire, 'download', [LARGE])

    def source(offset):
        def chunks():
            yield LARGE[:5000]
            with pytest.raises(RemoteError, match='goes on') as caught:
                transfer.run(line, near, RecordingWatch())
            assert caught.value.transient
            yield LARGE[5000:]

        return offset, chunks()

    near.receive(OID, len(LARGE), source)
    assert near.blobs == {OID: LARGE}


@pytest.mark.parametrize('cut', [1, 4, 1000, 2000])
def test_a_truncated_pack_is_transient(cut):
    near, wire = pair('download', SMALL)
    wire.alter = lambda stream: stream[:-cut]
    transfer, line = planned(wire, 'download', SMALL)
    with pytest.raises(RemoteError, match='ends too early') as caught:
        transfer.run(line, near, RecordingWatch())
    assert caught.value.transient
    assert wire.asked[-1] == ('close', b'')
    if cut <= len('end\n'):  # all has come
        transfer.run(line, near, RecordingWatch())
        assert [name for name, _text in wire.asked].count('get') == 1
    wire.alter = lambda stream: stream
    transfer.run(line, near, RecordingWatch())
    assert near.blobs == wire.store.blobs


def test_a_borrowed_connection_is_not_retried():
    near, wire = pair('download', SMALL)
    wire.reopens, wire.alter = False, lambda stream: stream[:-1000]
    transfer, line = planned(wire, 'download', SMALL)
    with pytest.raises(RemoteError, match='ends too early') as caught:
        transfer.run(line, near, RecordingWatch())
    assert not caught.value.transient


def answered(*frames, near=None):
    near = near or MemoryStore()
    _near, wire = pair('download', SMALL[:2])
    transfer, line = planned(wire, 'download', SMALL[:2])
    wire.alter = lambda stream: b''.join(blobstream.encode(frames))
    watch = RecordingWatch()
    try:
        transfer.run(line, near, watch)
    finally:
        # the connection has other uses: whatever comes is read
        assert wire.asked[-1][0] == 'read to its end'


def whole(content):
    return blobstream.Item(oidof(content), len(content)), [content]


def test_a_blob_removed_since_the_query_is_refused_with_its_file():
    gone = blobstream.Item(oidof(SMALL[0]), code=404), []
    with pytest.raises(BlobRefused, match='some/file.bin'):
        answered(gone, whole(SMALL[1]))


def test_an_unsolicited_blob_is_refused():
    with pytest.raises(RemoteError, match='Unsolicited'):
        answered(whole(LARGE), whole(SMALL[0]), whole(SMALL[1]))


def test_an_omitted_blob_is_an_error():
    with pytest.raises(RemoteError, match='no answer for oid'):
        answered(whole(SMALL[0]))


def test_a_damaged_blob_is_refused():
    item = blobstream.Item(oidof(SMALL[0]), len(SMALL[0]))
    near = MemoryStore()
    with pytest.raises(BlobMangled):
        answered((item, [b'x' * item.size]), whole(SMALL[1]), near=near)
    assert not near.blobs


def test_a_blob_of_another_size_is_refused():
    with pytest.raises(BlobMangled):
        answered((blobstream.Item(oidof(SMALL[0]), 3), [b'abc']), whole(SMALL[1]))


def test_a_full_disk_ends_the_transfer():
    class Full(MemoryStore):
        def ingest(self, chunks, oid=None, size=None, durable=False):
            raise StoreFailed(b'no space left on device')

    with pytest.raises(StoreFailed):
        answered(whole(SMALL[0]), whole(SMALL[1]), near=Full())


@pytest.mark.parametrize('code', [400, 404, 409, 507])
def test_the_error_for_a_refused_upload_names_its_file(code):
    near, wire = pair('upload', SMALL[:2])
    transfer, line = planned(wire, 'upload', SMALL[:2])
    codes = [
        blobstream.Item(oidof(SMALL[0]), code=201),
        blobstream.Item(oidof(SMALL[1]), code=code),
    ]
    wire.altered = lambda answer: blobstream.encodelist(codes)
    with pytest.raises(BlobRefused, match='some/file.bin'):
        transfer.run(line, near, RecordingWatch())
    assert [ref.oid for ref in transfer.refs] == [oidof(SMALL[1])]


def test_an_upload_omitted_in_the_reply_is_an_error():
    near, wire = pair('upload', SMALL[:2])
    transfer, line = planned(wire, 'upload', SMALL[:2])
    wire.altered = lambda answer: blobstream.encodelist([])
    with pytest.raises(RemoteError, match='no answer for oid'):
        transfer.run(line, near, RecordingWatch())


def test_a_blob_damaged_locally_is_not_sent():
    near, wire = pair('upload')
    near.blobs[OID] = b'A' + LARGE[1:]
    with pytest.raises(BlobCorrupt):
        carry(PeerRemote(wire), 'upload', near, [refto(LARGE)])
    assert not wire.store.blobs
