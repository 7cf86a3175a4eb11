"""The client as commands use it, against a server on a socket that misbehaves.

With any fault: the call ends, the store holds only blobs that match their oids, the
error names the file, and once the server behaves the same call works and leaves
nothing behind.
"""

from __future__ import annotations

import random
import re

import pytest
from support import faulty
from support.blobs import Notes, oidof, readall, refto
from support.crowd import Meter
from support.faulty import Faulty, Reply, altered, endless, rewritten, saying

from hgext3rd.hglfs.hg.abort import translate
from hgext3rd.hglfs.hg.transport import HgTransport
from hgext3rd.hglfs.lfs import words
from hgext3rd.hglfs.lfs.errors import ConnectionFailed, LfsError, RemoteError
from hgext3rd.hglfs.lfs.remote import ranges
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.store import segments
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.transfer import queue
from hgext3rd.hglfs.lfs.transfer.retry import Retry
from hgext3rd.hglfs.lfs.wire.batch import BASIC, SMALLBLOBS, TUS

SMALL = [random.Random(number).randbytes(1000 + number) for number in range(6)]
LARGE = random.Random('large').randbytes((3 << 20) // 2)
PART = 128 << 10
ALL = [*SMALL, LARGE]
PATHS = {oidof(content): b'art/%d.bin' % n for n, content in enumerate(ALL)}
#: A bound for a reply, in bytes, that a client may read without harm.
BOUNDED = 64 << 20
STRANGER = oidof(b'a stranger')
#: The error for a pack that has all the files, and more, or no end.
ABOUT_STRANGER = re.compile(STRANGER)


class Site:
    """A store, a server, and the remote between them."""

    def __init__(self, ui, folder: bytes, server: Faulty) -> None:
        self.ui, self.folder, self.server = ui, folder, server
        self.store = DiskStore(folder + b'/objects')
        self.authinfo = None
        self.meter = Meter()

    def have(self, operation: str, contents=ALL) -> None:
        """Put blobs where they are to be moved from."""
        self.operation, self.contents = operation, contents
        target = self.server.store if operation == 'download' else self.store
        for content in contents:
            target.ingest([content])

    def move(self, lines: int = 3, retries: int = 1) -> None:
        """Move them, as a command would."""
        base = self.server.base
        transport = HgTransport(self.ui, base, self.authinfo, b'git-lfs/test', 0.3)
        remote = HttpRemote(base, transport, Notes(True), parallel=lines)
        refs = [refto(content, PATHS[oidof(content)]) for content in self.contents]
        policy = queue.Policy(Retry(retries, 0.0), lines)
        self.meter = Meter()
        queue.move(remote, self.operation, refs, self.store, self.meter, policy)

    def fails(self, **how) -> LfsError:
        """Return the error of a move that fails, after a check of what is left."""
        with pytest.raises(LfsError) as caught:
            self.move(**how)
        self.checksound()
        return caught.value

    def recovers(self) -> None:
        """Move them with a server that behaves."""
        self.server.behave()
        self.move()
        self.checksound()
        for store in (self.store, self.server.store):
            assert sorted(store) == sorted(map(oidof, self.contents))
        names = self.root('*')
        assert names == self.root('[0-9a-f][0-9a-f]')

    def root(self, pattern: str) -> list[str]:
        import pathlib

        return sorted(
            path.name for path in pathlib.Path(self.store.root.decode()).glob(pattern)
        )

    def checksound(self) -> None:
        for oid in self.store:
            assert oidof(readall(self.store, oid)) == oid
        for oid, content in self.server.store.blobs.items():
            assert oidof(content) == oid


@pytest.fixture
def server():
    with Faulty() as made:
        yield made


@pytest.fixture
def site(ui, folder, server):
    ui.setconfig(b'http_proxy', b'host', b'')
    return Site(ui, folder, server)


@pytest.fixture
def inparts(monkeypatch):
    """Lower the limits so that large objects are fetched in parts."""
    monkeypatch.setattr(ranges, '_WORTHWHILE', 1 << 20)
    monkeypatch.setattr(segments, 'PART', PART)


def named(error: LfsError) -> bool:
    """Return whether the error names the file.

    With the messages of stock lfs, the oid is enough.
    """
    shown, known = translate(error).message, [*PATHS.values(), *PATHS]
    stock = type(error) in (RemoteError, ConnectionFailed)
    return any(word in shown for word in known) or (stock and error.path in known)


BREAKS = [
    faulty.nothing,
    faulty.cut,
    faulty.stall,
    faulty.silence,
    faulty.longer,
    faulty.shorter,
    faulty.overannounced,
    faulty.unannounced,
    faulty.chunked,
    faulty.flipped,
    faulty.garbage,
]
BYNAME = {fault.__name__: fault for fault in BREAKS}
#: Faults that send all of a body, which may be accepted.
WHOLE = ('overannounced',)
#: Faults that send all objects of a pack, and a wrong end.
WHOLEPACKS = (*WHOLE, 'longer', 'shorter', 'unannounced')


@pytest.mark.parametrize('fault', BYNAME)
@pytest.mark.parametrize('contents', [SMALL, [LARGE]], ids=['small', 'large'])
def test_damaged_objects(site, server, fault, contents):
    site.have('download', contents)
    server.fail('get', BYNAME[fault])
    if fault in WHOLE and contents == [LARGE]:
        site.move()
    else:
        assert named(site.fails())
    site.recovers()


@pytest.mark.parametrize('fault', BYNAME)
def test_damaged_ranges_of_an_object(site, server, inparts, fault):
    site.have('download', [LARGE])
    server.fail('get', BYNAME[fault])
    assert named(site.fails())
    site.recovers()


@pytest.mark.parametrize('fault', BYNAME)
def test_damaged_packs(site, server, fault):
    server.adapter = SMALLBLOBS
    site.have('download')
    server.fail('packs', BYNAME[fault])
    if fault in WHOLEPACKS:
        site.move()
        site.checksound()
    else:
        assert named(site.fails())
    site.recovers()


@pytest.mark.parametrize('fault', sorted({*BYNAME} - {*WHOLE, 'flipped'}))
@pytest.mark.parametrize('operation', ['download', 'upload'])
def test_damaged_batch_replies(site, server, operation, fault):
    site.have(operation, SMALL)
    server.fail('batch', BYNAME[fault])
    error = site.fails()
    assert error.message.startswith((b'LFS error: ', b'LFS server'))
    assert server.base.encode() in error.hint
    site.recovers()


@pytest.mark.parametrize('fault', ['nothing', 'silence', 'garbage'])
@pytest.mark.parametrize('kind', ['put', 'packs', 'head', 'patch'])
def test_damaged_upload_replies(site, server, kind, fault):
    server.adapter = {'put': BASIC, 'packs': SMALLBLOBS}.get(kind, TUS)
    site.have('upload')
    server.fail(kind, BYNAME[fault])
    assert named(site.fails())
    site.recovers()


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize('fault', ['nothing', 'cut', 'stall', 'silence'])
def test_a_single_failure_is_retried(site, server, operation, fault):
    for adapter in (BASIC, SMALLBLOBS):
        server.adapter = adapter
        for kind in ('batch', 'get', 'put', 'packs'):
            server.fail(kind, BYNAME[fault], 1)
    site.have(operation)
    site.move(retries=2)
    assert site.meter.left
    site.recovers()


# ranges


def begun(site, size: int = 1 << 20, content: bytes = LARGE) -> None:
    """Leave the start of a large object, as an earlier attempt would."""
    site.have('download', [LARGE])

    def source(there: int):
        return there, [content[:size]]

    with pytest.raises(LfsError):
        site.store.receive(oidof(LARGE), len(LARGE), source)
    assert site.store.partial(oidof(LARGE)) == size


def wrongpart(handler, reply: Reply) -> None:
    handler.reply(
        Reply(LARGE[7:99], 206, {'Content-Range': 'bytes 7-98/%d' % len(LARGE)})
    )


def nopart(handler, reply: Reply) -> None:
    handler.reply(Reply(reply.body, 206))


def oddpart(handler, reply: Reply) -> None:
    place = 'bytes 5-2/' + '9' * 400
    handler.reply(Reply(reply.body, 206, {'Content-Range': place}))


PARTS = {'wrong': wrongpart, 'none': nopart, 'odd': oddpart}


def test_a_partial_download_is_resumed(site, server):
    begun(site)
    site.move()
    assert [headers['range'] for kind, headers in server.seen if kind == 'get'] == [
        'bytes=%d-%d' % (1 << 20, len(LARGE) - 1)
    ]
    assert site.meter.moved == len(LARGE)
    site.recovers()


def test_a_whole_reply_to_a_range_request_is_accepted(site, server):
    begun(site)
    server.fail('get', saying(LARGE))
    site.move()
    assert server.kinds() == ['batch', 'get']
    assert site.meter.moved == len(LARGE)
    site.recovers()


@pytest.mark.parametrize('fault', PARTS)
def test_a_wrong_range_when_resuming(site, server, fault):
    begun(site)
    server.fail('get', PARTS[fault])
    assert named(site.fails())
    site.recovers()


@pytest.mark.parametrize('fault', PARTS)
def test_a_wrong_range_among_parallel_ones(site, server, inparts, fault):
    site.have('download', [LARGE])
    server.fail('get', PARTS[fault])
    assert named(site.fails())
    site.recovers()


def test_after_a_416_the_download_starts_over(site, server):
    begun(site)
    server.fail('get', saying(b'', 416), 1)
    site.move()
    assert server.kinds() == ['batch', 'get', 'get']
    site.recovers()


def unranged(fault, times: float = float('inf')):
    """Return a fault that affects only requests for a range, so many times."""
    left = [times]

    def chosen(handler, reply: Reply) -> None:
        if 'Range' not in handler.headers or left[0] <= 0:
            handler.reply(reply)
            return
        left[0] -= 1
        fault(handler, reply)

    return chosen


def fromthestart(handler, reply: Reply) -> None:
    place = 'bytes 0-%d/%d' % (len(LARGE) - 1, len(LARGE))
    handler.reply(Reply(LARGE, 206, {'Content-Range': place}))


REFUSALS = {
    **PARTS,
    'from 0': fromthestart,
    **{str(status): saying(b'no', status) for status in (400, 403, 404, 416, 429)},
    **{str(status): saying(b'no', status) for status in (500, 501, 503)},
}


@pytest.mark.parametrize('retries', [0, 2])
@pytest.mark.parametrize('refusal', REFUSALS)
def test_a_server_that_refuses_ranges_when_resuming(site, server, refusal, retries):
    begun(site)
    server.fail('get', unranged(REFUSALS[refusal]))
    site.move(retries=retries)
    ranges = [headers.get('range') for kind, headers in server.seen if kind == 'get']
    assert ranges[-1] is None
    transient = refusal in ('429', '500', '503')
    renewed = refusal in ('403', '404')
    assert len(ranges) == 2 + (retries if transient else renewed)
    assert server.kinds().count('batch') == 1 + renewed
    site.recovers()


@pytest.mark.parametrize('refusal', REFUSALS)
def test_a_server_that_refuses_parallel_ranges(site, server, inparts, refusal):
    site.have('download', [LARGE])
    server.fail('get', unranged(REFUSALS[refusal]))
    site.move(retries=0)
    site.recovers()


@pytest.mark.parametrize('refusal', REFUSALS)
def test_a_server_that_refuses_ranges_and_then_the_whole(site, server, refusal):
    begun(site)
    server.fail('get', REFUSALS[refusal])
    assert named(site.fails(retries=0))
    assert site.store.partial(oidof(LARGE)) == 1 << 20
    site.recovers()


@pytest.mark.parametrize('status', [403, 404])
def test_a_renewed_action_serves_the_range(site, server, status):
    begun(site)
    server.fail('get', saying(b'', status), 1)
    site.move(retries=0)
    assert server.kinds() == ['batch', 'get', 'batch', 'get']
    assert 'range' in server.seen[-1][1]
    site.recovers()


def test_received_parts_stay_while_the_whole_is_refused(site, server, inparts):
    site.have('download', [LARGE])
    server.fail('get', unranged(faulty.cut))
    assert named(site.fails(retries=0))
    came = site.root('parts-*')
    assert came
    server.fail('get', saying(b'', 501))
    assert named(site.fails(retries=0))
    assert site.root('parts-*') == came
    site.recovers()


def test_a_server_that_answers_416_to_the_whole(site, server):
    begun(site)
    server.fail('get', saying(b'', 416, 'Not Any Of It'))
    error = site.fails()
    assert named(error)
    assert b'416: Not Any Of It' in error.message
    site.recovers()


def test_a_wrong_partial_download_starts_over(site, server):
    begun(site, content=bytes(len(LARGE)))
    site.move()
    assert server.kinds() == ['batch', 'get', 'get']
    assert 'range' not in server.seen[-1][1]
    site.recovers()


# statuses


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize('status', [408, 429, 500, 502, 503, 504])
def test_transient_statuses_are_retried(site, server, operation, status):
    site.have(operation, SMALL)
    for kind in ('batch', 'get', 'put'):
        server.fail(kind, saying(b'later', status, Retry_After='0'), 1)
    site.move()
    assert site.meter.left == [1, 1]
    site.recovers()


@pytest.mark.parametrize('adapter', [BASIC, SMALLBLOBS])
@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize('status', [400, 401, 403, 404, 410, 418, 429, 500, 507])
def test_permanent_statuses_are_reported(site, server, operation, status, adapter):
    server.adapter = adapter
    site.have(operation, SMALL)
    for kind in ('get', 'put', 'packs'):
        server.fail(kind, saying(b'<p>no', status, 'Not Today', Retry_After='0'))
    error = site.fails()
    assert named(error)
    assert b'HTTP Error %d: Not Today' % status in error.message
    site.recovers()


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize('code', [404, 410, 422, 500, 507, -1, 10**30])
def test_the_error_for_one_object_is_reported(site, server, operation, code):
    def refuse(said):
        for item in said['objects']:
            item['error'] = {'code': code, 'message': 'not that one'}

    site.have(operation, SMALL)
    server.fail('batch', rewritten(refuse))
    error = site.fails()
    assert any(path in error.message for path in PATHS.values())
    site.recovers()


# redirects


SECRET = {'Authorization': 'Basic c2VjcmV0', 'X-Token': 'secret', 'Cookie': 'secret'}


def moved(other: Faulty, status: int = 307):
    def move(handler, reply: Reply) -> None:
        place = {'Location': other.base + handler.path}
        handler.reply(Reply(b'', status, place))

    return move


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize('adapter', [BASIC, SMALLBLOBS, TUS])
@pytest.mark.parametrize('status', [302, 307, 308])
def test_secrets_do_not_follow_to_another_server(
    site, server, operation, adapter, status
):
    site.have(operation)
    server.closed, server.adapter, server.headers = True, adapter, SECRET
    site.authinfo = (None, (server.base,), b'me', b'pw')
    with Faulty() as other:
        other.store = server.store
        for kind in ('get', 'put', 'head', 'patch', 'packs'):
            server.fail(kind, moved(other, status))
        site.move()
        assert len(other.seen) >= 2
        for _kind, headers in other.seen:
            assert not {'authorization', 'x-token', 'cookie'} & set(headers)
            assert not any('secret' in value for value in headers.values())
    assert any(headers.get('x-token') == 'secret' for _kind, headers in server.seen)
    site.recovers()


def test_a_password_does_not_follow_a_redirect(site, server):
    site.have('download', SMALL)
    server.closed = True
    site.authinfo = (None, (server.base,), b'me', b'pw')
    with Faulty() as other:
        other.store, other.closed = server.store, True
        server.fail('batch', moved(other))
        error = site.fails()
        assert b'HTTP Error 401' in error.message
        assert b'lfs.trusted-origins' in error.hint
        assert other.seen == []  # no request with any password was made
    site.recovers()


def test_a_cycle_of_redirects_is_an_error(site, server):
    site.have('download', SMALL)
    for kind in ('batch', 'get'):
        server.fail(kind, moved(server))
        assert b'redirected more than' in site.fails().message
        server.faults.clear()
    site.recovers()


@pytest.mark.parametrize('place', ['file:///etc/passwd', 'ftp://x/', 'http://[', ''])
def test_an_invalid_redirect(site, server, place):
    site.have('download', SMALL)
    server.fail('get', saying(b'', 302, Location=place))
    assert named(site.fails())
    site.recovers()


# invalid replies


def forgetting(said) -> None:
    del said['objects'][2]


def unsolicited(said) -> None:
    said['objects'][2]['oid'] = STRANGER.decode()


def twice(said) -> None:
    said['objects'].append(said['objects'][0])


def resized(said) -> None:
    said['objects'][0]['size'] = 1 << 70


def headless(said) -> None:
    for item in said['objects']:
        for action in item['actions'].values():
            action['header'] = {'X': 'a\r\nHost: elsewhere'}


def elsewhere(said) -> None:
    for item in said['objects']:
        for action in item['actions'].values():
            action['href'] = 'file:///etc/passwd'


REWRITES = [forgetting, unsolicited, resized, headless, elsewhere]


@pytest.mark.parametrize('change', REWRITES, ids=lambda change: change.__name__)
@pytest.mark.parametrize('operation', ['download', 'upload'])
def test_answers_about_other_objects(site, server, operation, change):
    site.have(operation, SMALL)
    server.fail('batch', rewritten(change))
    assert site.fails().message.startswith(b'LFS ')
    site.recovers()


def test_an_object_answered_twice(site, server):
    site.have('download', SMALL)
    server.fail('batch', rewritten(twice))
    site.move()
    site.recovers()


NONSENSE = {
    'empty': b'',
    'html': b'<html><body>Please log in to the portal</body></html>',
    'cut': b'{"objects": [{"oid": "',
    'list': b'[]',
    'null': b'null',
    'deep': b'[' * 100000,
    'objects': b'{"objects": {}}',
    'transfer': b'{"transfer": ["x"], "objects": []}',
    'binary': bytes(range(256)),
    'number': b'{"objects": [{"oid": "%s", "size": %s}]}' % (STRANGER, b'9' * 5000),
}


@pytest.mark.parametrize('name', NONSENSE)
def test_replies_that_are_no_json(site, server, name):
    site.have('download', SMALL)
    server.fail('batch', saying(NONSENSE[name], Content_Type='text/html'))
    error = site.fails()
    assert error.message.startswith(b'LFS server returns invalid JSON: ')
    assert words.quoted(NONSENSE[name])[:100] in error.message
    assert b'is %s a Git LFS server?' % server.base.encode() in error.hint
    site.recovers()


@pytest.mark.parametrize(
    'body',
    [
        b'{}',
        b'{"objects": [7]}',
        b'{"objects": [{"oid": "../../../etc/passwd", "size": 7}]}',
    ],
)
def test_an_empty_reply(site, server, body):
    site.have('download', SMALL)
    server.fail('batch', saying(body))
    assert b'no answer for oid' in site.fails().message
    site.recovers()


# endless replies


@pytest.mark.parametrize('operation', ['download', 'upload'])
@pytest.mark.parametrize('status', [200, 403, 503])
def test_endless_batch_replies(site, server, operation, status):
    site.have(operation, SMALL)
    server.fail('batch', endless(b'{"objects": [', b'{"oid": "x"}, ', status))
    assert site.fails().message.startswith(b'LFS ')
    assert server.sent < BOUNDED
    site.recovers()


@pytest.mark.parametrize('contents', [SMALL, [LARGE]], ids=['small', 'large'])
@pytest.mark.parametrize('status', [200, 404])
def test_endless_objects(site, server, contents, status):
    site.have('download', contents)
    server.fail('get', endless(b'x', b'yz', status))
    assert named(site.fails())
    assert server.sent < BOUNDED
    site.recovers()


@pytest.mark.parametrize('kind', ['put', 'patch', 'packs'])
def test_endless_upload_replies(site, server, kind):
    server.adapter = {'put': BASIC, 'packs': SMALLBLOBS}.get(kind, TUS)
    site.have('upload')
    server.fail(kind, endless(b'thank you ', b'very much '))
    assert named(site.fails())
    assert server.sent < BOUNDED
    site.recovers()


def test_endless_headers(site, server):
    def headers(handler, reply):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\n')
        for number in range(100000):
            handler.wfile.write(b'X-%d: y\r\n' % number)

    site.have('download', SMALL)
    server.fail('batch', headers)
    assert site.fails().message.startswith(b'LFS ')
    site.recovers()


# packs

LINE = b'%s 10 0\n' % STRANGER
SMALLPACKS = {
    'stranger': altered(lambda body: LINE + b'0123456789' + body),
    'word': altered(lambda body: b'what is this\n' + body),
    'cut': altered(lambda body: body[:-5]),
    'refused': altered(lambda body: b'%s - 404\n' % oidof(SMALL[3]) + body[-4:]),
    'forgets': altered(lambda body: b'end\n'),
    'empty': saying(b''),
    'size': altered(lambda body: body[:64] + b' 99' + body[body.index(b' 0\n') :]),
    'offset': altered(lambda body: body.replace(b' 0\n', b' 5\n', 1)),
    'endless line': endless(b'', b'x'),
    'endless word': endless(b'end\n', b'end\n'),
    'endless blob': endless(b'%s %d 0\n' % (oidof(SMALL[0]), 10**18), b'x'),
    'endless codes': endless(b'', b'%s - 500\n' % STRANGER),
    'again': endless(b'', b'%s %d 0\n' % (oidof(SMALL[0]), len(SMALL[0])) + SMALL[0]),
}


@pytest.mark.parametrize('name', SMALLPACKS)
def test_malformed_packs(site, server, name):
    server.adapter = SMALLBLOBS
    site.have('download', SMALL)
    server.fail('packs', SMALLPACKS[name])
    error = site.fails()
    assert named(error) or ABOUT_STRANGER.search(error.message)
    assert server.sent < BOUNDED
    site.recovers()


CONFIRMED = {
    'stranger': altered(lambda body: b'%s - 200\n' % STRANGER + body),
    'refused': altered(lambda body: body.replace(b' - 201', b' - 507', 1)),
    'forgets': altered(lambda body: b'end\n'),
    'cut': altered(lambda body: body[:-5]),
    'nonsense': saying(b'<html>'),
    'endless': endless(b'', b'end\n'),
}


@pytest.mark.parametrize('name', CONFIRMED)
def test_malformed_pack_confirmations(site, server, name):
    server.adapter = SMALLBLOBS
    site.have('upload', SMALL)
    server.fail('packs', CONFIRMED[name])
    error = site.fails()
    assert named(error) or ABOUT_STRANGER.search(error.message)
    site.recovers()


# tus

OFFSETS = ['-1', str(len(LARGE) + 1), '9' * 400, 'soon', '', '1.5', '0x10']


@pytest.mark.parametrize('offset', OFFSETS)
def test_invalid_upload_offsets(site, server, offset):
    server.adapter = TUS
    site.have('upload', [LARGE])
    server.fail('head', saying(b'', Upload_Offset=offset))
    error = site.fails()
    assert named(error)
    assert 'patch' not in server.kinds()
    site.recovers()


def test_an_upload_with_a_wrong_offset_is_queried_again(site, server):
    server.adapter = TUS
    site.have('upload', [LARGE])
    server.fail('head', saying(b'', Upload_Offset='1000'), 1)
    site.move()
    assert server.kinds()[:5] == ['batch', *['head', 'patch'] * 2]
    assert site.meter.moved == len(LARGE)
    site.recovers()


def test_a_blob_lost_by_the_server_stays_in_the_local_store(site, server):
    site.have('upload', SMALL)
    server.fail('put', saying(b'got it'))
    server.answer = lambda kind, handler, body, sound=server.answer: (
        Reply()
        if kind == 'put' and 'put' in server.faults
        else sound(kind, handler, body)
    )
    site.move()
    assert sorted(site.store) == sorted(map(oidof, SMALL))
    site.recovers()
