"""Uploads that are resumed."""

from __future__ import annotations

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.transfers import RecordingWatch, carry, stubborn

from hgext3rd.hglfs.lfs.errors import (
    BlobCorrupt,
    ConnectionFailed,
    HttpFailed,
    RemoteError,
)
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.wire.batch import BASIC, SMALLBLOBS, TUS

CONTENT = b'0123456789abcdef' * (100 << 10)
OID = oidof(CONTENT)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def near():
    return MemoryStore(CONTENT)


def planned(server, adapters=(TUS, BASIC), content=CONTENT):
    remote = HttpRemote(BASE, server, Notes(), adapters)
    (plan,) = remote.plan('upload', [refto(content)])
    (transfer,) = plan.transfers
    server.requests.clear()
    return transfer, remote.connect()


def keep(server, start: bytes) -> None:
    """Let the start of the blob arrive at a server."""
    with pytest.raises(RemoteError, match='ended after'):
        server.store.receive(OID, len(CONTENT), lambda offset: (0, [start]))


def offsets(server) -> list[str]:
    return [
        request.headers['Upload-Offset']
        for request in server.requests
        if request.method == 'PATCH'
    ]


def test_an_upload_is_a_head_and_a_patch_request(server, near):
    transfer, line = planned(server)
    watch = RecordingWatch()
    transfer.run(line, near, watch)
    assert server.bytype() == ['HEAD', 'PATCH', 'POST']
    assert offsets(server) == ['0']
    assert {item.headers['Tus-Resumable'] for item in server.requests[:2]} == {'1.0.0'}
    assert server.store.blobs == {OID: CONTENT}
    assert (watch.there, watch.passed, watch.done) == (0, len(CONTENT), [OID])


def test_an_interrupted_upload_is_resumed(server, near):
    server.breaks = [1000, 500000, 0]
    transfer, line = planned(server)
    watch = RecordingWatch()
    errors = stubborn(transfer, line, near, watch)
    assert [type(error) for error in errors] == [ConnectionFailed] * 3
    assert offsets(server) == ['0', '999', '500999', '500999']
    assert server.store.blobs == {OID: CONTENT}
    assert watch.there == 999 + 500999 + 500999


def test_an_upload_is_resumed_by_another_process(server, near):
    server.breaks = [1000]
    transfer, line = planned(server)
    with pytest.raises(ConnectionFailed):
        transfer.run(line, near, RecordingWatch())
    transfer, line = planned(server)
    transfer.run(line, near, RecordingWatch())
    assert offsets(server) == ['999']
    assert server.store.blobs == {OID: CONTENT}


def test_a_complete_upload_is_not_sent_again(server, near):
    transfer, line = planned(server)
    server.store.ingest([CONTENT])
    watch = RecordingWatch()
    transfer.run(line, near, watch)
    assert server.bytype() == ['HEAD', 'POST']
    assert (watch.there, watch.passed, watch.done) == (len(CONTENT), 0, [OID])


def test_a_complete_but_unverified_upload_is_finished(server, near):
    with pytest.raises(ZeroDivisionError):
        server.store.receive(OID, len(CONTENT), lambda offset: (0, _all()))
    transfer, line = planned(server)
    transfer.run(line, near, RecordingWatch())
    assert offsets(server) == [str(len(CONTENT) - 1)]
    assert server.store.blobs == {OID: CONTENT}


def _all():
    yield CONTENT
    raise ZeroDivisionError


def test_an_empty_blob_is_sent(server):
    transfer, line = planned(server, content=b'')
    transfer.run(line, MemoryStore(b''), RecordingWatch())
    assert server.store.blobs == {oidof(b''): b''}


def test_an_upload_unknown_to_the_server_is_sent_whole(server, near):
    transfer, line = planned(server)
    server.errors = [HttpFailed(404, b'Not Found')]
    transfer.run(line, near, RecordingWatch())
    assert offsets(server) == ['0']
    assert server.store.blobs == {OID: CONTENT}


@pytest.mark.parametrize(
    'said', ['', '-1', 'x', '1.5', str(len(CONTENT) + 1), '9' * 5000, '\xb2']
)
def test_an_invalid_offset_is_an_error(server, near, said):
    transfer, line = planned(server)
    server.headers = {'upload-offset': said}
    with pytest.raises(RemoteError, match='does not say how much'):
        transfer.run(line, near, RecordingWatch())
    assert server.bytype() == ['HEAD']


@pytest.mark.parametrize('status', [400, 409, 423])
def test_an_upload_that_cannot_be_resumed_is_sent_whole(server, near, status):
    transfer, line = planned(server)
    head = server.send

    def spoilt(request):
        if request.method == 'PATCH':
            server.errors = [HttpFailed(status, b'Conflict')]
        return head(request)

    server.send = spoilt
    errors = stubborn(transfer, line, near, RecordingWatch())
    assert all(error.transient for error in errors)
    # another client's upload, or an earlier one of our own, may end at any moment
    tries = 1 if status == 400 else 3
    assert server.bytype() == [*['HEAD', 'PATCH'] * tries, 'PUT', 'POST']
    assert server.store.blobs == {OID: CONTENT}


def test_a_wrong_partial_upload_costs_one_attempt(server, near):
    keep(server, b'x' * 1000)
    transfer, line = planned(server)
    errors = stubborn(transfer, line, near, RecordingWatch())
    assert len(errors) == 1
    assert server.bytype() == ['HEAD', 'PATCH', 'PUT', 'POST']
    assert server.store.blobs == {OID: CONTENT}


def test_a_conflict_when_sent_whole_is_an_error(server, near):
    transfer, line = planned(server)
    server.refuse = {'PATCH': 409, 'PUT': 409}
    with pytest.raises(RemoteError):
        stubborn(transfer, line, near, RecordingWatch())
    assert server.bytype() == [*['HEAD', 'PATCH'] * 3, 'PUT']


@pytest.mark.parametrize('status', [401, 403, 500])
@pytest.mark.parametrize('method', ['HEAD', 'PATCH'])
def test_other_errors_name_the_oid(server, near, method, status):
    transfer, line = planned(server)
    server.refuse = {method: status}
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, near, RecordingWatch())
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error %d: because (oid=%s, action=upload)'
        % (status, OID)
    )
    assert caught.value.transient == (status == 500)


@pytest.mark.parametrize('there', [0, 1000, len(CONTENT) - 1])
def test_a_blob_damaged_locally_is_not_completed(server, there):
    near = MemoryStore()
    near.blobs[OID] = b'A' + CONTENT[1:]
    keep(server, CONTENT[:there])
    transfer, line = planned(server)
    with pytest.raises(BlobCorrupt):
        transfer.run(line, near, RecordingWatch())
    assert offsets(server) == [str(max(0, there - 1))]
    assert not server.store.blobs


def test_downloads_are_basic(server):
    server.store.ingest([CONTENT])
    store = MemoryStore()
    remote = HttpRemote(BASE, server, Notes(), (TUS, BASIC))
    carry(remote, 'download', store, [refto(CONTENT)])
    assert server.bytype() == ['POST', 'GET']
    assert store.blobs == {OID: CONTENT}


def test_the_offset_is_queried_for_large_blobs_only(server, near):
    transfer, line = planned(server, (SMALLBLOBS, TUS, BASIC))
    transfer.run(line, near, RecordingWatch())
    assert server.bytype() == ['PUT']
    huge = CONTENT * 6
    transfer, line = planned(server, (SMALLBLOBS, TUS, BASIC), huge)
    transfer.run(line, MemoryStore(huge), RecordingWatch())
    assert server.bytype() == ['HEAD', 'PATCH']
    assert server.store.blobs[oidof(huge)] == huge
