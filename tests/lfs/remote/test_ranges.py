"""One large object over several connections, by ranges."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Reply, Server
from support.transfers import RecordingWatch

from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    HttpFailed,
    RemoteError,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote import ranges
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.store import segments
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.transfer import queue
from hgext3rd.hglfs.lfs.transfer.retry import Retry
from hgext3rd.hglfs.lfs.wire.batch import BASIC

PART = 100000
CONTENT = b'0123456789abcdef' * (80 << 10)  # fourteen parts
OID = oidof(CONTENT)
COUNT = -(-len(CONTENT) // PART)


@pytest.fixture(autouse=True)
def smaller(monkeypatch):
    """Lower the limits so that an object of a megabyte is a large one."""
    monkeypatch.setattr(ranges, '_WORTHWHILE', 1 << 20)
    monkeypatch.setattr(segments, 'PART', PART)


@pytest.fixture
def server():
    return Server(MemoryStore(CONTENT))


@pytest.fixture(params=['memory', 'disk'])
def near(request, folder):
    return MemoryStore() if request.param == 'memory' else DiskStore(folder + b'/near')


def planned(server, parallel=4):
    remote = HttpRemote(BASE, server, Notes(), (BASIC,), parallel)
    (plan,) = remote.plan('download', [refto(CONTENT)])
    server.requests.clear()
    return plan.transfers[0], remote


def asked(server) -> list[str | None]:
    return [request.headers.get('Range') for request in server.requests]


def part(index: int) -> str:
    end = min((index + 1) * PART, len(CONTENT))
    return 'bytes=%d-%d' % (index * PART, end - 1)


def got(store) -> bytes:
    with store.open(OID) as handle:
        return handle.read()


def test_a_large_object_is_requested_in_ranges(server, near):
    transfer, remote = planned(server)
    watch = RecordingWatch()
    transfer.run(remote.connect(), near, watch)
    assert asked(server) == [part(index) for index in range(COUNT)]
    assert got(near) == CONTENT
    assert (watch.there, watch.passed, watch.helpers) == (0, len(CONTENT), 3)
    assert watch.done == [OID]


def test_with_one_connection_the_whole_is_requested(server, near):
    transfer, remote = planned(server, 1)
    transfer.run(remote.connect(), near, RecordingWatch())
    assert asked(server) == [None]


def test_idle_threads_fetch_ranges_too(server, near):
    transfer, remote = planned(server)
    together, threads = threading.Barrier(4), []
    get = server._get

    def meeting(oid, request):
        if request.headers['Range'] in (part(1), part(2), part(3), part(4)):
            together.wait(20)
        return get(oid, request)

    server._get = meeting

    def help(helpers):
        for helper in helpers:
            line = remote.connect(Notes())
            work = threading.Thread(
                target=helper.run, args=(line, near, RecordingWatch())
            )
            threads.append(work)
            work.start()

    watch = RecordingWatch(help)
    transfer.run(remote.connect(), near, watch)
    for thread in threads:
        thread.join()
    assert sorted(asked(server)) == sorted(part(index) for index in range(COUNT))
    assert got(near) == CONTENT
    assert watch.passed == len(CONTENT)


def test_the_first_range_arrives_before_helpers_start(server, near):
    transfer, remote = planned(server)
    seen = []
    transfer.run(
        remote.connect(),
        near,
        RecordingWatch(lambda helpers: seen.extend(asked(server))),
    )
    assert seen == [part(0)]


@pytest.mark.parametrize('parallel', [2, 4])
@pytest.mark.parametrize('breaks', [[], [0], [5000] * 9, [99999, 0, 50000]])
def test_workers_complete_the_download_after_interruptions(
    server, near, parallel, breaks
):
    server.breaks = list(breaks)
    remote = HttpRemote(BASE, server, Notes(), (BASIC,), parallel)
    meter, policy = Sum(), queue.Policy(Retry(20, 0.0), parallel)
    # the first is moved before the others, so that must be another blob
    server.store.ingest([b'another'])
    refs = [refto(CONTENT), refto(b'another')]
    queue.move(remote, 'download', refs, near, meter, policy)
    assert got(near) == CONTENT
    assert meter.moved == len(CONTENT) + 7


class Sum:
    """A meter that adds up what moves."""

    moved = 0

    def advanced(self, size):
        self.moved += size

    def __getattr__(self, name):
        return lambda *args: None


def test_an_interrupted_download_is_resumed(server, near):
    transfer, remote = planned(server)
    server.breaks = [None, None, 1000]
    with pytest.raises(ReplyBroken):
        transfer.run(remote.connect(), near, RecordingWatch())
    server.requests.clear()
    transfer, remote = planned(server)
    watch = RecordingWatch()
    transfer.run(remote.connect(), near, watch)
    rest = 'bytes=%d-%d' % (2 * PART + 1000, 3 * PART - 1)
    assert asked(server)[0] == rest
    assert asked(server)[1:] == [part(index) for index in range(3, COUNT)]
    assert (watch.there, watch.total) == (2 * PART + 1000, len(CONTENT))
    assert got(near) == CONTENT


def test_a_server_without_ranges_sends_the_whole(server, near):
    server.ranges = False
    transfer, remote = planned(server)
    watch = RecordingWatch()
    transfer.run(remote.connect(), near, watch)
    assert asked(server) == [part(0)]
    assert watch.helpers == 0
    assert (watch.there, watch.passed) == (0, len(CONTENT))
    assert got(near) == CONTENT


def test_a_server_that_drops_ranges_on_a_retry_sends_the_whole(server, near):
    transfer, remote = planned(server)
    server.breaks = [None, 1000]
    with pytest.raises(ReplyBroken):
        transfer.run(remote.connect(), near, RecordingWatch())
    server.ranges = False
    watch = RecordingWatch()
    transfer.run(remote.connect(), near, watch)
    assert watch.total == len(CONTENT)
    assert got(near) == CONTENT
    if isinstance(near, DiskStore):
        assert not [name for name in os.listdir(near.root) if name[:6] == b'parts-']


def test_a_server_that_drops_ranges_midway_sends_the_whole(server, near):
    transfer, remote = planned(server)
    sound, asked = server.send, []

    def send(request):
        asked.append(request)
        server.ranges = len(asked) < 4
        return sound(request)

    server.send = send
    watch = RecordingWatch()
    transfer.run(remote.connect(), near, watch)
    assert watch.total == len(CONTENT)
    assert got(near) == CONTENT
    if isinstance(near, DiskStore):
        assert not [name for name in os.listdir(near.root) if name[:6] == b'parts-']


@pytest.mark.parametrize(
    'place', ['', 'bytes 0-5/*', 'bytes 1-%d/%d' % (PART, len(CONTENT)), 'bytes */*']
)
def test_a_reply_with_another_range_is_refused(server, near, place):
    server.headers = {'content-range': place}
    transfer, remote = planned(server)
    transfer.run(remote.connect(), near, RecordingWatch())
    assert asked(server) == [part(0), None]
    assert got(near) == CONTENT


def test_an_oversized_range_is_refused(server, near):
    class Long(Server):
        def _get(self, oid, request):
            reply = super()._get(oid, request)
            return Reply(reply.body + b'!', reply.headers, None, reply.status)

    server = Long(server.store)
    transfer, remote = planned(server)
    with pytest.raises(BlobMangled):
        transfer.run(remote.connect(), near, RecordingWatch())
    assert not near.has(OID)


def test_a_short_range_is_requested_again(server, near):
    class Short(Server):
        def _get(self, oid, request):
            reply = super()._get(oid, request)
            if len(self.requests) > 3:
                return reply
            headers = {'content-range': reply.headers['content-range']}
            half = reply.body[: (len(reply.body) + 1) // 2]
            return Reply(half, headers, None, reply.status)

    server = Short(server.store)
    transfer, remote = planned(server)
    transfer.run(remote.connect(), near, RecordingWatch())
    assert got(near) == CONTENT


def test_a_wrong_object_is_a_permanent_error(server, near):
    server.spoil = lambda body: b'A' + body[1:]
    transfer, remote = planned(server)
    with pytest.raises(BlobMangled) as caught:
        transfer.run(remote.connect(), near, RecordingWatch())
    assert not caught.value.transient
    assert not near.has(OID)


def test_all_ranges_are_conditional_on_the_same_etag(server, near):
    server.headers = {'etag': '"v1"'}
    transfer, remote = planned(server)
    transfer.run(remote.connect(), near, RecordingWatch())
    conditions = [request.headers.get('If-Range') for request in server.requests]
    assert conditions == [None] + ['"v1"'] * (COUNT - 1)


@pytest.mark.parametrize('status', [403, 404, 416, 500])
def test_an_http_error_names_the_oid(server, near, status):
    transfer, remote = planned(server)
    server.errors = [HttpFailed(status, b'because')] * 3
    with pytest.raises(RemoteError) as caught:
        transfer.run(remote.connect(), near, RecordingWatch())
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error %d: because (oid=%s, action=download)'
        % (status, OID)
    )


def test_ranges_are_not_used_while_another_process_has_the_parts(server, folder):
    near = DiskStore(folder + b'/near')
    transfer, remote = planned(server)
    with contextlib.suppress(ZeroDivisionError), near.segments(OID, len(CONTENT)):
        transfer.run(remote.connect(), DiskStore(near.root), RecordingWatch())
        raise ZeroDivisionError
    assert asked(server) == [None]
    assert got(near) == CONTENT


def test_received_ranges_survive_an_exception_of_the_watch(server, near):
    class Ending(RecordingWatch):
        def moved(self, size):
            super().moved(size)
            if self.passed > 3 * PART:
                raise KeyboardInterrupt

    transfer, remote = planned(server)
    with pytest.raises(KeyboardInterrupt):
        transfer.run(remote.connect(), near, Ending())
    watch = RecordingWatch()
    transfer.run(remote.connect(), near, watch)
    assert watch.there > 3 * PART
    assert got(near) == CONTENT
