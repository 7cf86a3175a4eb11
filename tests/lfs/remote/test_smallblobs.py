"""Many small objects in one request, to and from a server of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.told import Told, carry, stubborn

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
    """Returns the store here, and a server; one of them has the blobs."""
    stores = MemoryStore(*contents), MemoryStore()
    far, near = stores if operation == 'download' else reversed(stores)
    return near, Server(far)


def planned(server, operation, contents=SMALL):
    remote = HttpRemote(BASE, server, Notes())
    plans = list(remote.plan(operation, list(map(refto, contents))))
    server.requests.clear()
    return [item for plan in plans for item in plan.transfers], remote.connect()


@OPERATIONS
def test_small_objects_go_many_at_a_time(operation):
    near, server = pair(operation)
    transfers, line = planned(server, operation)
    assert [len(item.refs) for item in transfers] == [100, 200]
    told = Told()
    for transfer in transfers:
        transfer.run(line, near, told)
        assert transfer.refs == []
    assert server.bytype() == ['POST', 'POST']
    assert near.blobs == server.store.blobs == MemoryStore(*SMALL).blobs
    assert sorted(told.done) == sorted(told.begun) == sorted(map(oidof, SMALL))
    assert told.total == sum(map(len, SMALL))


@OPERATIONS
def test_large_ones_go_alone(operation):
    contents = [*SMALL[:10], LARGE]
    near, server = pair(operation, contents)
    transfers, line = planned(server, operation, contents)
    assert sorted(len(item.refs) for item in transfers) == [1, 10]
    for transfer in transfers:
        transfer.run(line, near, Told())
    method = 'GET' if operation == 'download' else 'PUT'
    assert sorted(server.bytype()) == sorted(['POST', method])
    assert near.blobs == server.store.blobs


def test_without_a_place_for_packs_all_go_alone():
    near, server = pair('download', SMALL[:5])
    server.alter = lambda reply: {**reply, 'packs': None}
    transfers, line = planned(server, 'download', SMALL[:5])
    assert [len(item.refs) for item in transfers] == [1] * 5
    for transfer in transfers:
        transfer.run(line, near, Told())
    assert near.blobs == server.store.blobs


refs = st.lists(st.builds(BlobRef, st.just(b''), st.integers(0, 50)), max_size=30)


@given(refs, st.integers(1, 10), st.integers(1, 100))
def test_groups_have_so_many_objects_and_bytes_at_the_most(some, count, size):
    groups = list(grouped(some, count, size))
    assert [ref for group in groups for ref in group] == some
    for group in groups:
        assert 1 <= len(group) <= count
        assert len(group) == 1 or sum(ref.size for ref in group) <= size


def test_a_request_says_what_it_is():
    near, server = pair('upload', SMALL[:3])
    (transfer,), line = planned(server, 'upload', SMALL[:3])
    transfer.run(line, near, Told())
    (request,) = server.requests
    assert request.headers['Content-Type'] == 'application/vnd.hg-lfs.pack'
    assert request.headers['Accept'] == 'application/vnd.git-lfs'
    assert request.url.endswith('/packs/upload')


# what goes wrong


@OPERATIONS
@pytest.mark.parametrize('breaks', [[0], [5000], [9000, 100, 2000]])
def test_on_another_try_those_go_that_are_left(operation, breaks):
    near, server = pair(operation, SMALL[:100])
    server.breaks = list(breaks)
    (transfer,), line = planned(server, operation, SMALL[:100])
    told = Told()
    errors = stubborn(transfer, line, near, told)
    assert len(errors) == len(breaks)
    assert all(isinstance(error, (ConnectionFailed, ReplyBroken)) for error in errors)
    assert errors[0].hint.startswith(b'attempted connection to https://')
    assert near.blobs == server.store.blobs == MemoryStore(*SMALL[:100]).blobs
    assert sorted(told.done) == sorted(map(oidof, SMALL[:100]))


def test_what_has_arrived_is_not_asked_for_again():
    near, server = pair('download', SMALL[:100])
    server.breaks = [10000]
    (transfer,), line = planned(server, 'download', SMALL[:100])
    with pytest.raises(ReplyBroken):
        transfer.run(line, near, Told())
    left = len(transfer.refs)
    assert left == 100 - len(near.blobs) < 100
    transfer.run(line, near, Told())
    asked = list(blobstream.Reader([server.requests[-1].body]).items())
    assert len(asked) == left


@OPERATIONS
@pytest.mark.parametrize('status', [401, 404, 413, 429, 500, 503])
def test_an_http_error_is_told_with_how_many_it_is_about(operation, status):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.errors = [HttpFailed(status, b'because', after=3.0)]
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, near, Told())
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
def test_a_broken_pack_may_be_tried_again(operation, spoil):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.spoil = spoil
    with pytest.raises(RemoteError, match='broken blob stream') as caught:
        transfer.run(line, near, Told())
    assert caught.value.transient
    server.spoil = lambda stream: stream
    transfer.run(line, near, Told())
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
def test_what_is_wrong_behind_the_last_object_harms_none(operation, spoil):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.spoil = spoil
    transfer.run(line, near, Told())
    assert near.blobs == server.store.blobs
    asked = server.asked('POST')
    transfer.run(line, near, Told())  # nothing is left to be asked for
    assert server.asked('POST') == asked


@given(st.binary() | st.binary().map(lambda tail: b'%s - 4' % oidof(SMALL[0]) + tail))
def test_any_reply_raises_errors_of_the_tree_only(reply):
    for operation in ('download', 'upload'):
        near, server = pair(operation, SMALL[:2])
        (transfer,), line = planned(server, operation, SMALL[:2])
        server.spoil = lambda stream: reply
        with pytest.raises(LfsError):
            transfer.run(line, near, Told())


def answering(operation, *items_and_bodies):
    """Runs a transfer that is answered with other lines than it should be."""
    near, server = pair(operation, SMALL[:2])
    (transfer,), line = planned(server, operation, SMALL[:2])
    server.spoil = lambda stream: b''.join(blobstream.encode(items_and_bodies))
    before = dict(near.blobs)
    try:
        transfer.run(line, near, Told())
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
def test_a_word_about_one_object_is_told_with_its_file(operation, number, words):
    with pytest.raises(BlobRefused) as caught:
        answering(operation, code(SMALL[0], number))
    assert caught.value.message == b'LFS server error for "some/file.bin": ' + words
    assert not caught.value.transient


@pytest.mark.parametrize(
    ('number', 'words'), [(400, b'damaged'), (409, b'goes on'), (507, b'disk is full')]
)
def test_why_an_object_was_not_taken_is_told(number, words):
    with pytest.raises(BlobRefused) as caught:
        answering('upload', code(SMALL[0], number))
    assert caught.value.message.startswith(b'LFS server error for "some/file.bin": ')
    assert words in caught.value.message
    with pytest.raises(BlobRefused, match='status code %d' % number):
        answering('download', code(SMALL[0], number))


@OPERATIONS
def test_an_object_that_nobody_asked_for_is_refused(operation):
    with pytest.raises(RemoteError, match='Unsolicited response for oid'):
        answering(operation, code(SMALL[7], 201))


@OPERATIONS
def test_an_object_that_is_forgotten_is_told(operation):
    with pytest.raises(RemoteError, match='no answer for oid'):
        answering(operation)


@OPERATIONS
def test_a_pack_that_has_run_out_is_asked_for_anew_in_one_request(operation):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    transfer._asked = transfer._asked.replace(year=2020)
    transfer._action = replace(transfer._action, expires_at=None, expires_in=1)
    transfer.run(line, near, Told())
    assert near.blobs == server.store.blobs
    assert [item.url.rpartition('/')[2] for item in server.requests] == [
        'batch',
        operation,
    ]


@OPERATIONS
def test_one_whose_token_is_refused_after_a_while_is_too(operation):
    near, server = pair(operation, SMALL[:7])
    (transfer,), line = planned(server, operation, SMALL[:7])
    server.errors = [HttpFailed(401, b'too late')]
    transfer._asked = transfer._asked.replace(year=2020)
    transfer._action = replace(transfer._action, expires_at=None)
    (error,) = stubborn(transfer, line, near, Told())
    assert error.transient
    assert near.blobs == server.store.blobs


def test_a_new_one_that_can_not_be_had_is_told_once():
    near, server = pair('download', SMALL[:7])
    (transfer,), line = planned(server, 'download', SMALL[:7])
    transfer._refused = True

    def send(request):
        raise ConnectionFailed(b'timed out')

    server.send = send
    with pytest.raises(ConnectionFailed) as caught:
        transfer.run(line, near, Told())
    assert caught.value.message == b'LFS error: timed out'


def test_an_object_that_is_not_what_it_should_be_is_refused():
    item = blobstream.Item(oidof(SMALL[0]), len(SMALL[0]))
    with pytest.raises(BlobMangled):
        answering('download', (item, [b'x' * len(SMALL[0])]))


@pytest.mark.parametrize(
    ('more', 'offset'), [(1, 0), (-1, 0), (1 << 40, 0), (0, 1), (0, 50)]
)
def test_an_object_of_another_size_or_a_part_of_one_is_refused(more, offset):
    size = len(SMALL[0]) + more
    item = blobstream.Item(oidof(SMALL[0]), size, offset)
    with pytest.raises(BlobMangled):
        answering('download', (item, [b'x' * 10]))


def test_a_blob_in_place_of_a_code_confirms_nothing():
    item = blobstream.Item(oidof(SMALL[0]), 0)
    with pytest.raises(BlobRefused):
        answering('upload', (item, []))


def test_what_is_damaged_here_is_never_sent_whole():
    near, server = pair('upload', SMALL[:3])
    near.blobs[oidof(SMALL[1])] = b'A' + SMALL[1][1:]
    (transfer,), line = planned(server, 'upload', SMALL[:3])
    with pytest.raises(BlobCorrupt) as caught:
        transfer.run(line, near, Told())
    assert oidof(SMALL[1]) in caught.value.message
    assert not server.store.has(oidof(SMALL[1]))


def test_a_pack_can_be_sent_again_for_a_password():
    class Asking(Server):
        def _taken(self, request):
            request.body.read(100)
            request.body.read(100)
            request.body.seek(0)
            return super()._taken(request)

    near, told = MemoryStore(*SMALL[:9]), Told()
    server = Asking()
    (transfer,), line = planned(server, 'upload', SMALL[:9])
    transfer.run(line, near, told)
    assert server.store.blobs == near.blobs
    assert told.passed == sum(map(len, SMALL[:9]))


@OPERATIONS
def test_many_go_there_and_come_back(operation):
    contents = [b'%d' % number for number in range(1500)]
    near, server = pair(operation, contents)
    remote = HttpRemote(BASE, server, Notes())
    told = carry(remote, operation, near, list(map(refto, contents)))
    assert near.blobs == server.store.blobs
    assert len(told.done) == len(contents)
    assert server.asked('POST') < 15
