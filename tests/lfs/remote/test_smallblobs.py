"""Many small objects in one request, to and from an hg-lfs server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.transfers import RecordingWatch, carry, stubborn

from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.errors import (
    BlobCorrupt,
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    HttpFailed,
    LfsError,
    RemoteError,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.remote.smallblobs import grouped
from hgext3rd.hglfs.lfs.wire import blobstream

SMALL = [b'%d' % number * 50 for number in range(300)]
LARGE = b'x' * ((1 << 20) + 1)
OPERATIONS = pytest.mark.parametrize('operation', ['download', 'upload'])


def pair(operation, contents=SMALL):
    """Return the local store and a server; the sending end has the blobs."""
    stores = MemoryStore(*contents), MemoryStore()
    far, near = stores if operation == 'download' else reversed(stores)
    return near, Server(far)


def planned(server, operation, contents=SMALL):
    remote = HttpRemote(BASE, server, Notes())
    plans = list(remote.plan(operation, list(map(refto, contents))))
    server.requests.clear()
    return [item for plan in plans for item in plan.transfers], remote.connect()


@OPERATIONS
def test_small_objects_move_in_packs(operation):
    near, server = pair(operation)
    transfers, line = planned(server, operation)
    assert [len(item.refs) for item in transfers] == [100, 200]
    watch = RecordingWatch()
    for transfer in transfers:
        transfer.run(line, near, watch)
        assert transfer.refs == []
    assert server.bytype() == ['POST', 'POST']
    assert near.blobs == server.store.blobs == MemoryStore(*SMALL).blobs
    assert sorted(watch.done) == sorted(watch.begun) == sorted(map(oidof, SMALL))
    assert watch.total == sum(map(len, SMALL))


@OPERATIONS
def test_large_objects_move_alone(operation):
    contents = [*SMALL[:10], LARGE]
    near, server = pair(operation, contents)
    transfers, line = planned(server, operation, contents)
    assert sorted(len(item.refs) for item in transfers) == [1, 10]
    for transfer in transfers:
        transfer.run(line, near, RecordingWatch())
    method = 'GET' if operation == 'download' else 'PUT'
    assert sorted(server.bytype()) == sorted(['POST', method])
    assert near.blobs == server.store.blobs


def test_without_a_pack_url_objects_move_alone():
    near, server = pair('download', SMALL[:5])
    server.alter = lambda reply: {**reply, 'packs': None}
    transfers, line = planned(server, 'download', SMALL[:5])
    assert [len(item.refs) for item in transfers] == [1] * 5
    for transfer in transfers:
        transfer.run(line, near, RecordingWatch())
    assert near.blobs == server.store.blobs


refs = st.lists(st.builds(BlobRef, st.just(b''), st.integers(0, 50)), max_size=30)


@given(refs, st.integers(1, 10), st.integers(1, 100))
def test_packs_are_bounded_in_objects_and_bytes(some, count, size):
    groups = list(grouped(some, count, size))
    assert [ref for group in groups for ref in group] == some
    for group in groups:
        assert 1 <= len(group) <= count
        assert len(group) == 1 or sum(ref.size for ref in group) <= size


def test_a_request_has_its_media_types():
    near, server = pair('upload', SMALL[:3])
    (transfer,), line = planned(server, 'upload', SMALL[:3])
    transfer.run(line, near, RecordingWatch())
    (request,) = server.requests
    assert request.headers['Content-Type'] == 'application/vnd.hg-lfs.pack'
    assert request.headers['Accept'] == 'application/vnd.git-lfs'
    assert request.url.endswith('/packs/upload')


# errors


@OPERATIONS
@pytest.mark.parametrize('breaks', [[0], [5000], [9000, 100, 2000]])
def test_a_retry_moves_the_remaining_objects(operation, breaks):
    near, server = pair(operation, SMALL[:100])
    server.breaks = list(breaks)
    (transfer,), line = planned(server, operation, SMALL[:100])
    watch = RecordingWatch()
    errors = stubborn(transfer, line, near, watch)
    assert len(errors) == len(breaks)
    assert all(isinstance(error, (ConnectionFailed, ReplyBroken)) for error in errors)
    assert errors[0].hint.startswith(b'attempted connection to https://')
    assert near.blobs == server.store.blobs == MemoryStore(*SMALL[:100]).blobs
    assert sorted(watch.done) == sorted(map(oidof, SMALL[:100]))


def test_received_objects_are_not_requested_again():
    near, server = pair('download', SMALL[:100])
    server.breaks = [10000]
    (transfer,), line = planned(server, 'download', SMALL[:100])
    with pytest.raises(ReplyBroken):
        transfer.run(line, near, RecordingWatch())
    left = len(transfer.refs)
    assert left == 100 - len(near.blobs) < 100
    transfer.run(line, near, RecordingWatch())
    asked = list(blobstream.Reader([server.requests[-1].body]).items())
    assert len(asked) == left


@OPERATIONS
@pytest.mark.parametrize('status', [401, 404, 413, 429, 500, 503])
def test_an_http_error_has_the_number_of_objects(operation, status):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.errors = [HttpFailed(status, b'because', after=3.0)]
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, near, RecordingWatch())
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error %d: because (7 objects, action=%s)'
        % (status, operation.encode('ascii'))
    )
    assert caught.value.transient == (status in (429, 500, 503))
    assert caught.value.after == 3.0


@OPERATIONS
@pytest.mark.parametrize(
    'spoil',
    [
        lambda stream: b'',
        lambda stream: stream[:-5],
        lambda stream: stream[: len(stream) // 2],
        lambda stream: b'<html>login</html>\n' * 10,
        lambda stream: b'x' * 1000000,
    ],
    ids=['empty', 'short', 'half', 'html', 'one line'],
)
def test_a_broken_pack_is_transient(operation, spoil):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.spoil = spoil
    with pytest.raises(RemoteError, match='broken blob stream') as caught:
        transfer.run(line, near, RecordingWatch())
    assert caught.value.transient
    server.spoil = lambda stream: stream
    transfer.run(line, near, RecordingWatch())
    assert near.blobs == server.store.blobs


@OPERATIONS
@pytest.mark.parametrize(
    'spoil',
    [
        lambda stream: stream[:-4],
        lambda stream: stream[:-1],
        lambda stream: stream + b'x',
        lambda stream: stream[:-4] + b'<html>',
    ],
    ids=['no end', 'half an end', 'more', 'html'],
)
def test_bytes_after_the_last_object_are_ignored(operation, spoil):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.spoil = spoil
    transfer.run(line, near, RecordingWatch())
    assert near.blobs == server.store.blobs
    asked = server.asked('POST')
    transfer.run(line, near, RecordingWatch())  # nothing is left to request
    assert server.asked('POST') == asked


@given(st.binary() | st.binary().map(lambda tail: b'%s - 4' % oidof(SMALL[0]) + tail))
def test_any_reply_raises_lfs_errors_only(reply):
    for operation in ('download', 'upload'):
        near, server = pair(operation, SMALL[:2])
        (transfer,), line = planned(server, operation, SMALL[:2])
        server.spoil = lambda stream: reply
        with pytest.raises(LfsError):
            transfer.run(line, near, RecordingWatch())


def answering(operation, *items_and_bodies):
    """Run a transfer that is answered with other lines than expected."""
    near, server = pair(operation, SMALL[:2])
    (transfer,), line = planned(server, operation, SMALL[:2])
    server.spoil = lambda stream: b''.join(blobstream.encode(items_and_bodies))
    before = dict(near.blobs)
    try:
        transfer.run(line, near, RecordingWatch())
    finally:
        assert set(near.blobs) - set(before) <= set(map(oidof, SMALL[:2]))


def code(content, number):
    return blobstream.Item(oidof(content), code=number), []


@OPERATIONS
@pytest.mark.parametrize(
    ('number', 'words'),
    [
        (404, b'The object does not exist'),
        (422, b'Validation error'),
    ],
)
def test_the_error_for_an_object_names_its_file(operation, number, words):
    with pytest.raises(BlobRefused) as caught:
        answering(operation, code(SMALL[0], number))
    assert caught.value.message == b'LFS server error for "some/file.bin": ' + words
    assert not caught.value.transient


@pytest.mark.parametrize(
    ('number', 'words'), [(400, b'damaged'), (409, b'goes on'), (507, b'disk is full')]
)
def test_the_reason_for_a_refused_upload_is_shown(number, words):
    with pytest.raises(BlobRefused) as caught:
        answering('upload', code(SMALL[0], number))
    assert caught.value.message.startswith(b'LFS server error for "some/file.bin": ')
    assert words in caught.value.message
    with pytest.raises(BlobRefused, match='status code %d' % number):
        answering('download', code(SMALL[0], number))


@OPERATIONS
def test_an_unsolicited_object_is_refused(operation):
    with pytest.raises(RemoteError, match='Unsolicited response for oid'):
        answering(operation, code(SMALL[7], 201))


@OPERATIONS
def test_an_omitted_object_is_an_error(operation):
    with pytest.raises(RemoteError, match='no answer for oid'):
        answering(operation)


@OPERATIONS
def test_an_expired_pack_url_is_renewed_in_one_request(operation):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    transfer._asked = transfer._asked.replace(year=2020)
    transfer._action = replace(transfer._action, expires_at=None, expires_in=1)
    transfer.run(line, near, RecordingWatch())
    assert near.blobs == server.store.blobs
    assert [item.url.rpartition('/')[2] for item in server.requests] == [
        'batch',
        operation,
    ]


@OPERATIONS
def test_a_refused_token_is_renewed(operation):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.errors = [HttpFailed(401, b'too late')]
    transfer._asked = transfer._asked.replace(year=2020)
    transfer._action = replace(transfer._action, expires_at=None)
    (error,) = stubborn(transfer, line, near, RecordingWatch())
    assert error.transient
    assert near.blobs == server.store.blobs


def test_a_failed_renewal_is_reported_once():
    near, server = pair('download', SMALL[:7])
    (transfer,), line = planned(server, 'download', SMALL[:7])
    transfer._refused = True

    def send(request):
        raise ConnectionFailed(b'timed out')

    server.send = send
    with pytest.raises(ConnectionFailed) as caught:
        transfer.run(line, near, RecordingWatch())
    assert caught.value.message == b'LFS error: timed out'


def test_a_damaged_object_is_refused():
    item = blobstream.Item(oidof(SMALL[0]), len(SMALL[0]))
    with pytest.raises(BlobMangled):
        answering('download', (item, [b'x' * len(SMALL[0])]))


@pytest.mark.parametrize(
    ('more', 'offset'), [(1, 0), (-1, 0), (1 << 40, 0), (0, 1), (0, 50)]
)
def test_an_object_with_a_wrong_size_or_offset_is_refused(more, offset):
    size = len(SMALL[0]) + more
    item = blobstream.Item(oidof(SMALL[0]), size, offset)
    with pytest.raises(BlobMangled):
        answering('download', (item, [b'x' * 10]))


def test_a_blob_in_place_of_a_code_confirms_no_upload():
    item = blobstream.Item(oidof(SMALL[0]), 0)
    with pytest.raises(BlobRefused):
        answering('upload', (item, []))


def test_a_blob_damaged_locally_is_not_sent():
    near, server = pair('upload', SMALL[:3])
    near.blobs[oidof(SMALL[1])] = b'A' + SMALL[1][1:]
    (transfer,), line = planned(server, 'upload', SMALL[:3])
    with pytest.raises(BlobCorrupt) as caught:
        transfer.run(line, near, RecordingWatch())
    assert oidof(SMALL[1]) in caught.value.message
    assert not server.store.has(oidof(SMALL[1]))


def test_a_pack_can_be_sent_again_after_a_password_request():
    class Asking(Server):
        def _taken(self, request):
            request.body.read(100)
            request.body.read(100)
            request.body.seek(0)
            return super()._taken(request)

    near, watch = MemoryStore(*SMALL[:9]), RecordingWatch()
    server = Asking()
    (transfer,), line = planned(server, 'upload', SMALL[:9])
    transfer.run(line, near, watch)
    assert server.store.blobs == near.blobs
    assert watch.passed == sum(map(len, SMALL[:9]))


@OPERATIONS
def test_many_objects_are_uploaded_and_downloaded(operation):
    contents = [b'%d' % number for number in range(1500)]
    near, server = pair(operation, contents)
    remote = HttpRemote(BASE, server, Notes())
    watch = carry(remote, operation, near, list(map(refto, contents)))
    assert near.blobs == server.store.blobs
    assert len(watch.done) == len(contents)
    assert server.asked('POST') < 15
