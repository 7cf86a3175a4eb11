"""Uploads that go on where they broke off."""

from __future__ import annotations

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.told import Told, carry, stubborn

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
    """Has a server have the start of the blob."""
    with pytest.raises(RemoteError, match='ended after'):
        server.store.receive(OID, len(CONTENT), lambda offset: (0, [start]))


def offsets(server) -> list[str]:
    return [
        request.headers['Upload-Offset']
        for request in server.requests
        if request.method == 'PATCH'
    ]


def test_an_upload_is_one_question_and_one_answer(server, near):
    transfer, line = planned(server)
    told = Told()
    transfer.run(line, near, told)
    assert server.bytype() == ['HEAD', 'PATCH', 'POST']
    assert offsets(server) == ['0']
    assert {item.headers['Tus-Resumable'] for item in server.requests[:2]} == {'1.0.0'}
    assert server.store.blobs == {OID: CONTENT}
    assert (told.there, told.passed, told.done) == (0, len(CONTENT), [OID])


def test_an_upload_goes_on_where_it_broke_off(server, near):
    server.breaks = [1000, 500000, 0]
    transfer, line = planned(server)
    told = Told()
    errors = stubborn(transfer, line, near, told)
    assert [type(error) for error in errors] == [ConnectionFailed] * 3
    assert offsets(server) == ['0', '999', '500999', '500999']
    assert server.store.blobs == {OID: CONTENT}
    assert told.there == 999 + 500999 + 500999


def test_it_goes_on_in_another_process_too(server, near):
    server.breaks = [1000]
    transfer, line = planned(server)
    with pytest.raises(ConnectionFailed):
        transfer.run(line, near, Told())
    transfer, line = planned(server)
    transfer.run(line, near, Told())
    assert offsets(server) == ['999']
    assert server.store.blobs == {OID: CONTENT}


def test_a_server_that_has_it_all_is_sent_nothing(server, near):
    transfer, line = planned(server)
    server.store.ingest([CONTENT])
    told = Told()
    transfer.run(line, near, told)
    assert server.bytype() == ['HEAD', 'POST']
    assert (told.there, told.passed, told.done) == (len(CONTENT), 0, [OID])


def test_what_is_all_there_but_not_proven_is_finished(server, near):
    with pytest.raises(ZeroDivisionError):
        server.store.receive(OID, len(CONTENT), lambda offset: (0, _all()))
    transfer, line = planned(server)
    transfer.run(line, near, Told())
    assert offsets(server) == [str(len(CONTENT) - 1)]
    assert server.store.blobs == {OID: CONTENT}


def _all():
    yield CONTENT
    raise ZeroDivisionError


def test_an_empty_blob_is_sent_too(server):
    transfer, line = planned(server, content=b'')
    transfer.run(line, MemoryStore(b''), Told())
    assert server.store.blobs == {oidof(b''): b''}


def test_a_server_that_knows_nothing_of_the_object_is_sent_all_of_it(server, near):
    transfer, line = planned(server)
    server.errors = [HttpFailed(404, b'Not Found')]
    transfer.run(line, near, Told())
    assert offsets(server) == ['0']
    assert server.store.blobs == {OID: CONTENT}


@pytest.mark.parametrize(
    'said', ['', '-1', 'x', '1.5', str(len(CONTENT) + 1), '9' * 5000, '\xb2']
)
def test_an_offset_that_makes_no_sense_is_told(server, near, said):
    transfer, line = planned(server)
    server.headers = {'upload-offset': said}
    with pytest.raises(RemoteError, match='does not say how much'):
        transfer.run(line, near, Told())
    assert server.bytype() == ['HEAD']


@pytest.mark.parametrize('status', [400, 409, 423])
def test_what_cannot_be_gone_on_with_is_sent_whole(server, near, status):
    transfer, line = planned(server)
    head = server.send

    def spoilt(request):
        if request.method == 'PATCH':
            server.errors = [HttpFailed(status, b'Conflict')]
        return head(request)

    server.send = spoilt
    errors = stubborn(transfer, line, near, Told())
    assert all(error.transient for error in errors)
    # another's upload, or what is left of one's own, may be over in a moment
    tries = 1 if status == 400 else 3
    assert server.bytype() == [*['HEAD', 'PATCH'] * tries, 'PUT', 'POST']
    assert server.store.blobs == {OID: CONTENT}


def test_a_beginning_of_something_else_costs_one_try(server, near):
    keep(server, b'x' * 1000)
    transfer, line = planned(server)
    errors = stubborn(transfer, line, near, Told())
    assert len(errors) == 1
    assert server.bytype() == ['HEAD', 'PATCH', 'PUT', 'POST']
    assert server.store.blobs == {OID: CONTENT}


def test_where_it_cannot_be_sent_whole_either_it_ends(server, near):
    transfer, line = planned(server)
    server.refuse = {'PATCH': 409, 'PUT': 409}
    with pytest.raises(RemoteError):
        stubborn(transfer, line, near, Told())
    assert server.bytype() == [*['HEAD', 'PATCH'] * 3, 'PUT']


@pytest.mark.parametrize('status', [401, 403, 500])
@pytest.mark.parametrize('method', ['HEAD', 'PATCH'])
def test_other_errors_are_told_with_the_oid(server, near, method, status):
    transfer, line = planned(server)
    server.refuse = {method: status}
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, near, Told())
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error %d: because (oid=%s, action=upload)'
        % (status, OID)
    )
    assert caught.value.transient == (status == 500)


@pytest.mark.parametrize('there', [0, 1000, len(CONTENT) - 1])
def test_what_is_damaged_here_is_never_sent_whole(server, there):
    near = MemoryStore()
    near.blobs[OID] = b'A' + CONTENT[1:]
    keep(server, CONTENT[:there])
    transfer, line = planned(server)
    with pytest.raises(BlobCorrupt):
        transfer.run(line, near, Told())
    assert offsets(server) == [str(max(0, there - 1))]
    assert not server.store.blobs


def test_downloads_are_basic(server):
    server.store.ingest([CONTENT])
    store = MemoryStore()
    remote = HttpRemote(BASE, server, Notes(), (TUS, BASIC))
    carry(remote, 'download', store, [refto(CONTENT)])
    assert server.bytype() == ['POST', 'GET']
    assert store.blobs == {OID: CONTENT}


def test_our_server_is_asked_only_where_that_pays(server, near):
    transfer, line = planned(server, (SMALLBLOBS, TUS, BASIC))
    transfer.run(line, near, Told())
    assert server.bytype() == ['PUT']
    huge = CONTENT * 6
    transfer, line = planned(server, (SMALLBLOBS, TUS, BASIC), huge)
    transfer.run(line, MemoryStore(huge), Told())
    assert server.bytype() == ['HEAD', 'PATCH']
    assert server.store.blobs[oidof(huge)] == huge
