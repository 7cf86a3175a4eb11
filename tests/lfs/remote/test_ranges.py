"""One large object over several connections, by ranges."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Reply, Server
from support.told import Told

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
    """Makes an object of a megabyte a large one."""
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


def test_it_is_asked_for_in_parts(server, near):
    transfer, remote = planned(server)
    told = Told()
    transfer.run(remote.connect(), near, told)
    assert asked(server) == [part(index) for index in range(COUNT)]
    assert got(near) == CONTENT
    assert (told.there, told.passed, told.helpers) == (0, len(CONTENT), 3)
    assert told.done == [OID]


def test_with_one_connection_it_is_asked_for_at_once(server, near):
    transfer, remote = planned(server, 1)
    transfer.run(remote.connect(), near, Told())
    assert asked(server) == [None]


def test_others_help(server, near):
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
            work = threading.Thread(target=helper.run, args=(line, near, Told()))
            threads.append(work)
            work.start()

    told = Told(help)
    transfer.run(remote.connect(), near, told)
    for thread in threads:
        thread.join()
    assert sorted(asked(server)) == sorted(part(index) for index in range(COUNT))
    assert got(near) == CONTENT
    assert told.passed == len(CONTENT)


def test_the_first_part_comes_before_others_may_help(server, near):
    transfer, remote = planned(server)
    seen = []
    transfer.run(
        remote.connect(), near, Told(lambda helpers: seen.extend(asked(server)))
    )
    assert seen == [part(0)]


@pytest.mark.parametrize('parallel', [2, 4])
@pytest.mark.parametrize('breaks', [[], [0], [5000] * 9, [99999, 0, 50000]])
def test_workers_move_it_whatever_breaks(server, near, parallel, breaks):
    server.breaks = list(breaks)
    remote = HttpRemote(BASE, server, Notes(), (BASIC,), parallel)
    meter, policy = Sum(), queue.Policy(Retry(20, 0.0), parallel)
    # the first is moved before the others: that is somebody else
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


def test_it_goes_on_where_it_broke_off(server, near):
    transfer, remote = planned(server)
    server.breaks = [None, None, 1000]
    with pytest.raises(ReplyBroken):
        transfer.run(remote.connect(), near, Told())
    server.requests.clear()
    transfer, remote = planned(server)
    told = Told()
    transfer.run(remote.connect(), near, told)
    rest = 'bytes=%d-%d' % (2 * PART + 1000, 3 * PART - 1)
    assert asked(server)[0] == rest
    assert asked(server)[1:] == [part(index) for index in range(3, COUNT)]
    assert (told.there, told.total) == (2 * PART + 1000, len(CONTENT))
    assert got(near) == CONTENT


def test_a_server_without_ranges_sends_it_at_once(server, near):
    server.ranges = False
    transfer, remote = planned(server)
    told = Told()
    transfer.run(remote.connect(), near, told)
    assert asked(server) == [part(0)]
    assert told.helpers == 0
    assert (told.there, told.passed) == (0, len(CONTENT))
    assert got(near) == CONTENT


def test_a_server_that_forgets_about_ranges_does_so_too(server, near):
    transfer, remote = planned(server)
    server.breaks = [None, 1000]
    with pytest.raises(ReplyBroken):
        transfer.run(remote.connect(), near, Told())
    server.ranges = False
    told = Told()
    transfer.run(remote.connect(), near, told)
    assert told.total == len(CONTENT)
    assert got(near) == CONTENT
    if isinstance(near, DiskStore):
        assert not [name for name in os.listdir(near.root) if name[:6] == b'parts-']


def test_one_that_forgets_about_them_in_the_middle_does_so_too(server, near):
    transfer, remote = planned(server)
    sound, asked = server.send, []

    def send(request):
        asked.append(request)
        server.ranges = len(asked) < 4
        return sound(request)

    server.send = send
    told = Told()
    transfer.run(remote.connect(), near, told)
    assert told.total == len(CONTENT)
    assert got(near) == CONTENT
    if isinstance(near, DiskStore):
        assert not [name for name in os.listdir(near.root) if name[:6] == b'parts-']


@pytest.mark.parametrize(
    'place', ['', 'bytes 0-5/*', 'bytes 1-%d/%d' % (PART, len(CONTENT)), 'bytes */*']
)
def test_another_part_than_the_one_asked_for_is_not_taken_in(server, near, place):
    server.headers = {'content-range': place}
    transfer, remote = planned(server)
    transfer.run(remote.connect(), near, Told())
    assert asked(server) == [part(0), None]
    assert got(near) == CONTENT


def test_a_part_that_is_too_long_is_refused(server, near):
    class Long(Server):
        def _get(self, oid, request):
            reply = super()._get(oid, request)
            return Reply(reply.body + b'!', reply.headers, None, reply.status)

    server = Long(server.store)
    transfer, remote = planned(server)
    with pytest.raises(BlobMangled):
        transfer.run(remote.connect(), near, Told())
    assert not near.has(OID)


def test_a_part_that_is_short_is_asked_for_again(server, near):
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
    transfer.run(remote.connect(), near, Told())
    assert got(near) == CONTENT


def test_what_is_not_the_blob_is_refused(server, near):
    server.spoil = lambda body: b'A' + body[1:]
    transfer, remote = planned(server)
    with pytest.raises(BlobMangled) as caught:
        transfer.run(remote.connect(), near, Told())
    assert not caught.value.transient
    assert not near.has(OID)


def test_parts_are_all_asked_for_of_the_same_object(server, near):
    server.headers = {'etag': '"v1"'}
    transfer, remote = planned(server)
    transfer.run(remote.connect(), near, Told())
    conditions = [request.headers.get('If-Range') for request in server.requests]
    assert conditions == [None] + ['"v1"'] * (COUNT - 1)


@pytest.mark.parametrize('status', [403, 404, 416, 500])
def test_an_http_error_is_told_with_the_oid(server, near, status):
    transfer, remote = planned(server)
    server.errors = [HttpFailed(status, b'because')] * 3
    with pytest.raises(RemoteError) as caught:
        transfer.run(remote.connect(), near, Told())
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error %d: because (oid=%s, action=download)'
        % (status, OID)
    )


def test_where_another_process_has_the_parts_it_goes_at_once(server, folder):
    near = DiskStore(folder + b'/near')
    transfer, remote = planned(server)
    with contextlib.suppress(ZeroDivisionError), near.segments(OID, len(CONTENT)):
        transfer.run(remote.connect(), DiskStore(near.root), Told())
        raise ZeroDivisionError
    assert asked(server) == [None]
    assert got(near) == CONTENT


def test_a_watch_that_raises_ends_it_and_what_came_is_kept(server, near):
    class Ending(Told):
        def moved(self, size):
            super().moved(size)
            if self.passed > 3 * PART:
                raise KeyboardInterrupt

    transfer, remote = planned(server)
    with pytest.raises(KeyboardInterrupt):
        transfer.run(remote.connect(), near, Ending())
    told = Told()
    transfer.run(remote.connect(), near, told)
    assert told.there > 3 * PART
    assert got(near) == CONTENT
