"""Basic transfers: resumed downloads, expired actions, busy servers."""

from __future__ import annotations

import datetime
import json

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, OBJECTS, Reply, Server
from support.transfers import RecordingWatch, carry, stubborn

from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    BlobRefused,
    HttpFailed,
    RemoteError,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote import basic
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.wire.batch import BASIC, Action, Answer, BatchReply

LARGE = b'0123456789abcdef' * (100 << 10)  # a download that is worth resuming
OID = oidof(LARGE)
REF = refto(LARGE, b'dir/art.bin')
SMALL = b'a small file'


@pytest.fixture
def server():
    return Server(MemoryStore(LARGE, SMALL))


def over(server) -> HttpRemote:
    return HttpRemote(BASE, server, Notes(), (BASIC,))


def planned(server, operation='download', ref=REF):
    """Return the one transfer of a blob, and its connection."""
    remote = over(server)
    (plan,) = remote.plan(operation, [ref])
    (transfer,) = plan.transfers
    return transfer, remote.connect()


def gets(server) -> list[str | None]:
    """Return the ranges of the requests for objects."""
    return [
        request.headers.get('Range')
        for request in server.requests
        if request.method == 'GET'
    ]


def after(offset: int) -> str:
    return 'bytes=%d-%d' % (offset, len(LARGE) - 1)


# downloads that break off


def test_a_large_download_is_resumed(server):
    server.breaks = [1000, 500000, 0]
    transfer, line = planned(server)
    store, watch = MemoryStore(), RecordingWatch()
    errors = stubborn(transfer, line, store, watch)
    assert [type(error) for error in errors] == [ReplyBroken] * 3
    assert gets(server) == [None, after(1000), after(501000), after(501000)]
    assert store.blobs == {OID: LARGE}
    assert watch.passed == len(LARGE)
    assert watch.there == 1000 + 501000 + 501000
    assert watch.done == [OID]


def test_a_small_download_starts_over(server):
    server.breaks = [3]
    transfer, line = planned(server, ref=refto(SMALL))
    store = MemoryStore()
    stubborn(transfer, line, store, RecordingWatch())
    assert gets(server) == [None, None]
    assert store.blobs == {oidof(SMALL): SMALL}


def test_a_download_is_resumed_by_another_process(server):
    server.breaks = [1000]
    store = MemoryStore()
    with pytest.raises(ReplyBroken):
        carry(over(server), 'download', store, [REF])
    assert store.partial(OID) == 1000
    carry(over(server), 'download', store, [REF])
    assert gets(server) == [None, after(1000)]
    assert store.blobs == {OID: LARGE}


def test_without_ranges_the_whole_is_sent_again(server):
    server.ranges = False
    server.breaks = [1000]
    transfer, line = planned(server)
    store, watch = MemoryStore(), RecordingWatch()
    stubborn(transfer, line, store, watch)
    assert gets(server) == [None, after(1000)]
    assert store.blobs == {OID: LARGE}
    assert (watch.there, watch.passed) == (0, 1000 + len(LARGE))


@pytest.mark.parametrize(
    'place',
    [
        '',
        'bytes',
        'bytes */%d' % len(LARGE),
        'bytes 0-%d/%d' % (len(LARGE) - 1, len(LARGE)),
        'bytes 1001-%d/%d' % (len(LARGE) - 1, len(LARGE)),
        'bytes 1000-%d/%d' % (len(LARGE) - 2, len(LARGE)),
        'bytes 1000-%d/%d' % (len(LARGE) - 1, len(LARGE) + 1),
        'bytes 1000-%d/%s' % (len(LARGE) - 1, '9' * 5000),
        'items 1000-%d/%d' % (len(LARGE) - 1, len(LARGE)),
    ],
)
def test_a_reply_with_another_range_is_refused(server, place):
    server.breaks = [1000]
    transfer, line = planned(server)
    store = MemoryStore()
    with pytest.raises(ReplyBroken):
        transfer.run(line, store, RecordingWatch())
    server.headers = {'content-range': place}
    transfer.run(line, store, RecordingWatch())
    assert 'Range' in server.requests[-2].headers
    assert 'Range' not in server.requests[-1].headers
    assert store.blobs == {OID: LARGE}


def test_a_range_of_an_unknown_total_is_accepted(server):
    server.breaks = [1000]
    transfer, line = planned(server)
    store = MemoryStore()
    with pytest.raises(ReplyBroken):
        transfer.run(line, store, RecordingWatch())
    server.headers = {'content-range': 'bytes 1000-%d/*' % (len(LARGE) - 1)}
    transfer.run(line, store, RecordingWatch())
    assert store.blobs == {OID: LARGE}


def test_after_416_the_whole_is_requested(server):
    server.breaks = [1000]
    transfer, line = planned(server)
    store, watch = MemoryStore(), RecordingWatch()
    with pytest.raises(ReplyBroken):
        transfer.run(line, store, watch)
    server.errors = [HttpFailed(416, b'Range Not Satisfiable')]
    transfer.run(line, store, watch)
    assert gets(server) == [None, after(1000), None]
    assert store.blobs == {OID: LARGE}


def test_without_a_range_416_is_an_error(server):
    server.errors = [HttpFailed(416, b'Range Not Satisfiable')]
    transfer, line = planned(server)
    with pytest.raises(RemoteError, match='416'):
        transfer.run(line, MemoryStore(), RecordingWatch())
    assert gets(server) == [None]


@pytest.mark.parametrize(
    ('etag', 'condition'),
    [('"v1"', '"v1"'), ('W/"v1"', None), ('', None), ('v1', None)],
)
def test_a_resumed_download_is_conditional_on_the_etag(server, etag, condition):
    server.headers = {'etag': etag}
    server.breaks = [1000]
    transfer, line = planned(server)
    stubborn(transfer, line, MemoryStore(), RecordingWatch())
    first, second = [item for item in server.requests if item.method == 'GET']
    assert 'If-Range' not in first.headers
    assert second.headers.get('If-Range') == condition


def test_a_changed_object_is_downloaded_from_the_start(server):
    server.headers = {'etag': '"v1"'}
    server.breaks = [1000]
    server.spoil = lambda body: b'x' * len(body)
    transfer, line = planned(server)
    store = MemoryStore()
    with pytest.raises(ReplyBroken):
        transfer.run(line, store, RecordingWatch())
    server.headers, server.spoil = {'etag': '"v2"'}, lambda body: body
    transfer.run(line, store, RecordingWatch())
    assert store.blobs == {OID: LARGE}


def test_a_mismatch_after_resuming_is_retried_from_the_start(server):
    server.breaks = [1000]
    server.spoil = lambda body: b'x' * len(body)
    transfer, line = planned(server)
    store = MemoryStore()
    with pytest.raises(ReplyBroken):
        transfer.run(line, store, RecordingWatch())
    server.spoil = lambda body: body
    with pytest.raises(BlobMangled) as caught:
        transfer.run(line, store, RecordingWatch())
    assert caught.value.transient
    transfer.run(line, store, RecordingWatch())
    assert gets(server) == [None, after(1000), None]
    assert store.blobs == {OID: LARGE}


def test_a_truncated_body_is_resumed(server):
    server.spoil = lambda body: body[: len(body) - 100]
    transfer, line = planned(server)
    store = MemoryStore()
    with pytest.raises(RemoteError, match='ended after') as caught:
        transfer.run(line, store, RecordingWatch())
    assert caught.value.transient
    server.spoil = lambda body: body
    transfer.run(line, store, RecordingWatch())
    assert gets(server) == [None, after(len(LARGE) - 100)]


def test_an_oversized_body_is_a_permanent_error(server):
    server.spoil = lambda body: body + b'!'
    transfer, line = planned(server)
    store = MemoryStore()
    with pytest.raises(BlobMangled) as caught:
        transfer.run(line, store, RecordingWatch())
    assert not caught.value.transient
    assert not store.blobs
    assert not store.partial(OID)


def test_a_complete_partial_download_is_not_requested(server):
    store, watch = MemoryStore(), RecordingWatch()
    with pytest.raises(ZeroDivisionError):
        store.receive(OID, len(LARGE), lambda offset: (0, _whole()))
    carry(over(server), 'download', store, [REF], watch)
    assert gets(server) == []
    assert store.blobs == {OID: LARGE}


def _whole():
    yield LARGE
    raise ZeroDivisionError


# actions that expire


def aged(server, seconds, operation='download', content=SMALL, **action):
    """Return a transfer whose action is so many seconds old, and its connection."""
    ref, now = refto(content), datetime.datetime.now(datetime.timezone.utc)
    asked = now - datetime.timedelta(seconds=seconds)
    href = OBJECTS + ref.oid.decode('ascii') + '?old'
    answer = Answer(ref, {operation: Action(href, **action)})
    order = basic.Order(operation, BASIC, 1, asked)
    (transfer,) = basic.transfers(order, [answer], BatchReply([answer]))
    return transfer, over(server).connect()


def stamp(seconds: float) -> str:
    """Return the time so many seconds from now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    when = now + datetime.timedelta(seconds=seconds)
    return when.strftime('%Y-%m-%dT%H:%M:%SZ')


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize(
    ('age', 'ends', 'renewed'),
    [
        (60, {}, False),
        (60, {'expires_in': 3600}, False),
        (60, {'expires_in': 50}, True),
        (60, {'expires_in': 62}, True),
        (60, {'expires_at': stamp(3600)}, False),
        (60, {'expires_at': stamp(-10)}, True),
        (60, {'expires_at': stamp(2)}, True),
        (60, {'expires_in': 3600, 'expires_at': stamp(-10)}, False),
        (60, {'expires_at': 'nonsense'}, False),
        (60, {'expires_at': '0001-01-01T00:00:00Z'}, False),
        (0, {'expires_at': stamp(-3600)}, False),
    ],
)
def test_an_expired_action_is_renewed(operation, age, ends, renewed):
    server = Server(MemoryStore(SMALL) if operation == 'download' else MemoryStore())
    transfer, line = aged(server, age, operation, **ends)
    transfer.run(line, MemoryStore(SMALL), RecordingWatch())
    method = 'GET' if operation == 'download' else 'PUT'
    assert server.bytype() == (['POST', method] if renewed else [method])
    assert server.requests[-1].url.endswith('?old') == (not renewed)
    if renewed:
        asked = json.loads(server.requests[0].body)
        assert asked['operation'] == operation
        assert [item['oid'] for item in asked['objects']] == [oidof(SMALL).decode()]


@pytest.mark.parametrize('status', [401, 403])
@pytest.mark.parametrize('operation', ['download', 'upload'])
def test_a_refused_old_action_is_renewed_once(operation, status):
    server = Server(MemoryStore(SMALL) if operation == 'download' else MemoryStore())
    server.errors = [HttpFailed(status, b'no') for _ in range(2)]
    transfer, line = aged(server, 60, operation)
    store = MemoryStore(SMALL)
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, store, RecordingWatch())
    assert caught.value.transient
    assert caught.value.after == 0
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, store, RecordingWatch())
    assert not caught.value.transient
    assert server.asked('POST') == 1
    transfer.run(line, store, RecordingWatch())
    assert server.asked('POST') == 1


@pytest.mark.parametrize('status', [401, 403])
def test_a_refused_fresh_action_is_a_permanent_error(server, status):
    server.errors = [HttpFailed(status, b'no')]
    transfer, line = aged(server, 0)
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, MemoryStore(), RecordingWatch())
    assert not caught.value.transient


def test_an_object_missing_at_renewal_is_refused_with_its_file():
    server = Server()
    transfer, line = aged(server, 60, expires_in=1)
    with pytest.raises(BlobRefused, match='some/file.bin'):
        transfer.run(line, MemoryStore(), RecordingWatch())


def test_an_upload_not_needed_at_renewal_counts_as_done(server):
    transfer, line = aged(server, 60, 'upload', expires_in=1)
    watch = RecordingWatch()
    transfer.run(line, MemoryStore(SMALL), watch)
    assert server.bytype() == ['POST']
    assert (watch.total, watch.done) == (len(SMALL), [oidof(SMALL)])


# servers that are busy


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize(('status', 'seconds'), [(429, 17.0), (503, None), (503, 0.0)])
def test_a_busy_server_delays_the_retry(operation, status, seconds):
    server = Server(MemoryStore(SMALL) if operation == 'download' else MemoryStore())
    transfer, line = planned(server, operation, refto(SMALL))
    server.errors = [HttpFailed(status, b'busy', after=seconds)]
    store = MemoryStore(SMALL)
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, store, RecordingWatch())
    assert caught.value.transient
    assert caught.value.after == seconds
    transfer.run(line, store, RecordingWatch())
    assert server.store.has(oidof(SMALL))


def test_a_busy_batch_route_delays_the_retry():
    class Busy(Server):
        def send(self, request):
            raise HttpFailed(429, b'busy', after=17.0)

    with pytest.raises(RemoteError) as caught:
        list(over(Busy()).plan('download', [REF]))
    assert caught.value.transient
    assert caught.value.after == 17.0


# uploads


def test_an_interrupted_upload_starts_over():
    server = Server(breaks=[1000, 0])
    transfer, line = planned(server, 'upload')
    watch = RecordingWatch()
    errors = stubborn(transfer, line, MemoryStore(LARGE), watch)
    assert len(errors) == 2
    assert server.asked('PUT') == 3
    assert server.store.blobs == {OID: LARGE}
    assert watch.done == [OID]


@pytest.mark.parametrize('there', [True, False])
def test_an_upload_is_verified_if_the_server_asks_for_it(there):
    class Forgetful(Server):
        def _put(self, oid, request):
            reply = super()._put(oid, request)
            if not there:
                self.store.remove(oid)
            return reply

    server = Forgetful()

    def alter(reply):
        (item,) = reply['objects']
        place = {'href': OBJECTS + item['oid'], 'header': {'X-Token': 'abc'}}
        item['actions']['verify'] = place
        return reply

    server.alter = alter
    transfer, line = planned(server, 'upload', refto(SMALL))
    if there:
        transfer.run(line, MemoryStore(SMALL), RecordingWatch())
    else:
        with pytest.raises(RemoteError, match='404'):
            transfer.run(line, MemoryStore(SMALL), RecordingWatch())
    asked = server.requests[-1]
    assert server.bytype() == ['POST', 'PUT', 'POST']
    assert json.loads(asked.body) == {'oid': oidof(SMALL).decode(), 'size': len(SMALL)}
    assert asked.headers['X-Token'] == 'abc'


def test_an_upload_can_be_sent_again_after_a_password_request():
    class Asking(Server):
        def _put(self, oid, request):
            assert request.body.read(5) == LARGE[:5]
            assert request.body.read(5) == LARGE[5:10]
            request.body.seek(0)
            return super()._put(oid, request)

    server, watch = Asking(), RecordingWatch()
    transfer, line = planned(server, 'upload')
    transfer.run(line, MemoryStore(LARGE), watch)
    assert server.store.blobs == {OID: LARGE}
    assert watch.passed == len(LARGE)


def test_an_endless_reply_to_an_upload_is_not_read_to_its_end():
    class Talking(Server):
        def _put(self, oid, request):
            super()._put(oid, request)
            return Reply(b' ' * (20 << 20), {})

    transfer, line = planned(Talking(), 'upload', refto(SMALL))
    with pytest.raises(RemoteError, match='reply of more than'):
        transfer.run(line, MemoryStore(SMALL), RecordingWatch())
