"""A Git LFS server that misbehaves: nothing corrupt gets in, and files are named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.told import carry

from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    HttpFailed,
    LfsError,
    RemoteError,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote import replies
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.wire.batch import BASIC

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)
REF = refto(CONTENT, b'dir/art.bin')


@pytest.fixture
def server():
    return Server(MemoryStore(CONTENT))


def fetch(server, ref=REF, debugging=False) -> MemoryStore:
    """Downloads a blob; where that fails nothing may have got in."""
    store = MemoryStore()
    remote = HttpRemote(BASE, server, Notes(debugging), (BASIC,))
    try:
        carry(remote, 'download', store, [ref])
    except LfsError:
        assert not store.blobs
        raise
    return store


def send(server, ref=REF) -> None:
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    carry(remote, 'upload', MemoryStore(CONTENT), [ref])


def test_the_request_is_what_git_lfs_servers_take(server):
    fetch(server)
    asked, got = server.requests
    assert asked.headers == {
        'Accept': 'application/vnd.git-lfs+json',
        'Content-Type': 'application/vnd.git-lfs+json',
    }
    assert json.loads(asked.body) == {
        'operation': 'download',
        'objects': [{'oid': OID.decode('ascii'), 'size': len(CONTENT)}],
    }
    assert got.headers == {'Accept': 'application/vnd.git-lfs'}


def test_a_batch_asks_for_a_hundred_at_most():
    contents = [b'%d' % number for number in range(250)]
    server = Server(MemoryStore(*contents))
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    plans = list(remote.plan('download', list(map(refto, contents))))
    assert [plan.asked for plan in plans] == _sizes(server) == [100, 100, 50]


def test_a_server_of_ours_is_asked_for_more_once_it_is_known_to_be_one():
    contents = [b'%d' % number for number in range(1250)]
    server = Server(MemoryStore(*contents))
    plans = list(
        HttpRemote(BASE, server, Notes()).plan('upload', [*map(refto, contents)])
    )
    assert [plan.asked for plan in plans] == _sizes(server) == [100, 1000, 150]


class Narrow(Server):
    """Refuses requests that are about more objects than ``most``."""

    most = 0
    status = 413

    def send(self, request):
        if len(json.loads(request.body)['objects']) > self.most:
            self.requests.append(request)
            raise HttpFailed(self.status, b'because')
        return super().send(request)


@pytest.mark.parametrize('status', [413, 422])
def test_a_server_that_takes_fewer_objects_is_asked_for_fewer(status):
    contents = [b'%d' % number for number in range(70)]
    server = Narrow(MemoryStore(*contents))
    server.most, server.status = 30, status
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    plans = list(remote.plan('download', [*map(refto, contents)]))
    assert _sizes(server) == [70, 35, 17, 17, 17, 17, 2]
    assert sum(len(plan.transfers) for plan in plans) == 70
    server.requests.clear()
    list(remote.plan('download', [*map(refto, contents)]))
    assert _sizes(server) == [17, 17, 17, 17, 2]


def test_a_server_that_takes_not_even_one_object_is_asked_no_more():
    contents = [b'%d' % number for number in range(5)]
    server = Narrow(MemoryStore(*contents))
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    with pytest.raises(RemoteError) as caught:
        list(remote.plan('download', [*map(refto, contents)]))
    assert _sizes(server) == [5, 2, 1]
    assert caught.value.message == b'LFS HTTP error: HTTP Error 413: because'
    assert caught.value.hint == b'api=%s/objects/batch, action=download' % BASE.encode()


def _sizes(server) -> list[int]:
    return [len(json.loads(item.body)['objects']) for item in server.requests]


def test_adapters_are_offered_the_best_first(server):
    list(HttpRemote(BASE, server, Notes()).plan('download', [REF]))
    offered = json.loads(server.requests[0].body)['transfers']
    assert offered == ['hglfs-packs', 'tus', 'basic']


@pytest.mark.parametrize('named', ['ssh', 'custom', 'tus'])
def test_an_adapter_that_nobody_offered_is_taken_for_basic(server, named):
    server.alter = lambda reply: {**reply, 'transfer': named}
    assert fetch(server).blobs == {OID: CONTENT}
    near = Server()
    near.alter = server.alter
    send(near)
    assert near.bytype() == ['POST', 'PUT']


def test_headers_for_the_batch_api_go_along_with_it_alone(server):
    token = {'Authorization': 'RemoteAuth token'}
    remote = HttpRemote(BASE, server, Notes(), (BASIC,), headers=token)
    carry(remote, 'download', MemoryStore(), [REF])
    asked, got = server.requests
    assert asked.headers['Authorization'] == 'RemoteAuth token'
    assert 'Authorization' not in got.headers


def test_a_line_for_a_thread_is_a_fork_with_a_journal_of_its_own(server):
    notes, here = Notes(), Notes()
    remote = HttpRemote(BASE, server, here)
    assert remote.connect() is remote.connect()
    assert remote.connect().log is here
    assert server.forks == 0
    assert remote.connect(notes).log is notes
    assert server.forks == 1


def test_objects_that_are_refused_spoil_no_others():
    contents = [b'%d' % number for number in range(10)]
    server = Server(MemoryStore(*contents[2:]))
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    (plan,) = remote.plan('download', list(map(refto, contents)))
    assert [ref.oid for ref, _why in plan.refused] == list(map(oidof, contents[:2]))
    assert len(plan.transfers) == 8


# what arrives


@pytest.mark.parametrize(
    'spoil',
    [
        lambda body: body[:-1],
        lambda body: b'',
        lambda body: body + b'!',
        lambda body: body * 1000,
        lambda body: b'A' + body[1:],
        lambda body: body[:-1] + bytes([body[-1] ^ 1]),
        lambda body: b'<html>captive portal</html>',
    ],
    ids=['short', 'empty', 'long', 'endless', 'first byte', 'last bit', 'html'],
)
def test_a_body_that_is_not_the_blob_is_refused_for_good(server, spoil):
    server.spoil = spoil
    with pytest.raises(BlobMangled) as caught:
        fetch(server)
    assert caught.value.message == b'corrupt remote lfs object: %s' % OID
    assert not caught.value.transient


def test_no_more_is_read_of_an_endless_body_than_the_blob_may_have(server):
    read = []
    server.spoil = lambda body: b'x' * (64 << 20)
    reply = server.send

    def watched(request):
        response = reply(request)
        inner = response.read

        def count(size):
            read.append(size)
            return inner(size)

        response.read = count
        return response

    server.send = watched
    with pytest.raises(BlobMangled):
        fetch(server)
    assert sum(read[-2:]) <= 2 << 20


@pytest.mark.parametrize('length', [0, 1, len(CONTENT) - 1, len(CONTENT) + 1, 1 << 70])
def test_a_content_length_that_lies_is_refused(server, length):
    server.headers = {'content-length': str(length)}
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert OID in caught.value.message


@pytest.mark.parametrize('length', ['', 'many', '-1', '1e3', '\xb2', '9' * 5000])
def test_a_content_length_that_is_no_number_raises_nothing_unforeseen(server, length):
    server.headers = {'content-length': length}
    try:
        assert fetch(server).blobs == {OID: CONTENT}
    except RemoteError as exc:
        assert OID in exc.message  # noqa: PT017


def test_a_broken_line_may_be_tried_again_and_says_where_to(server):
    server.breaks = [10]
    with pytest.raises(ReplyBroken) as caught:
        fetch(server)
    assert caught.value.transient
    assert caught.value.hint.startswith(b'attempted connection to https://lfs.example')


def test_a_body_shorter_than_announced_may_be_tried_again(server):
    server.spoil = lambda body: body[:-1]
    server.headers = {'content-length': str(len(CONTENT))}
    with pytest.raises(RemoteError, match='does not match') as caught:
        fetch(server)
    assert caught.value.transient


@pytest.mark.parametrize('method', ['GET', 'PUT'])
@pytest.mark.parametrize('status', [400, 403, 404, 422, 500])
def test_an_http_error_on_a_transfer_is_told_with_the_oid(method, status):
    server = Server(MemoryStore(CONTENT) if method == 'GET' else MemoryStore())
    server.refuse = {method: status}
    operation = b'download' if method == 'GET' else b'upload'
    with pytest.raises(RemoteError) as caught:
        fetch(server) if method == 'GET' else send(server)
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error %d: because (oid=%s, action=%s)'
        % (status, OID, operation)
    )


# what is answered to a batch


CODES = [
    (404, 'The object does not exist'),
    (410, 'The object was removed by the owner'),
    (422, 'Validation error'),
    (500, 'Internal server error'),
    (507, 'the server has no room for it (status code 507)'),
    (418, 'status code 418'),
]


@pytest.mark.parametrize(('code', 'words'), CODES)
@pytest.mark.parametrize('operation', [fetch, send])
@pytest.mark.parametrize('message', ['', None, 'same'])
def test_an_error_about_one_object_is_told_with_its_file(
    code, words, operation, message
):
    server = Server(MemoryStore(CONTENT) if operation is fetch else MemoryStore())
    error = {'code': code, 'message': words if message == 'same' else message}
    if message is None:
        del error['message']
    server.alter = lambda reply: _first(reply, error=error, actions={})
    with pytest.raises(BlobRefused) as caught:
        operation(server)
    said = b'LFS server error for "dir/art.bin": ' + words.encode()
    assert caught.value.message == said
    assert not server.asked('GET') + server.asked('PUT')


@pytest.mark.parametrize(('code', 'words'), CODES)
def test_the_reason_that_a_server_gives_follows(code, words):
    server = Server()
    error = {'code': code, 'message': 'Your plan\nallows 5 GB\x1b[2J'}
    server.alter = lambda reply: _first(reply, error=error, actions={})
    with pytest.raises(BlobRefused) as caught:
        send(server)
    assert caught.value.message == (
        b'LFS server error for "dir/art.bin": %s: Your plan\\nallows 5 GB\\x1b[2J'
        % words.encode()
    )


def test_a_reason_that_begins_with_the_status_is_shown_without_it():
    said = b'LFS HTTP error: HTTP Error 404: NOT FOUND'
    for message, shown in (
        ('404 Not Found: no such project', b': no such project'),
        ('Not found: no such project', b': no such project'),
        ('404: no such project', b': 404: no such project'),
        ('bound: no such project', b': bound: no such project'),
        ('Not found', b''),
    ):
        assert replies.reason(message, said) == shown


def test_the_reason_of_an_object_is_not_repeated_with_the_reply_that_has_it(server):
    error = {'code': 422, 'message': 'The object is corrupt'}
    server.alter = lambda reply: _first(reply, error=error, actions={})
    with pytest.raises(BlobRefused, match=': Validation error$'):
        fetch(server, debugging=True)
    with pytest.raises(BlobRefused, match=': The object is corrupt$'):
        fetch(server)


@pytest.mark.parametrize(
    ('body', 'said'),
    [
        (b'{"message": "Your plan allows 5 GB"}', b': Your plan allows 5 GB'),
        (b'{"message": "because"}', b''),
        (b'{"message": "Because"}', b''),
        (b'{"message": 7}', b''),
        (b'{"message": "\\u001b[2J"}', b': \\x1b[2J'),
        (b'["message"]', b''),
        (b'<html>', b''),
        (b'', b''),
        (b'[' * 100000, b''),
    ],
)
def test_the_message_of_an_http_error_follows(body, said):
    class Refusing(Server):
        def send(self, request):
            if request.method in self.refuse:
                raise HttpFailed(403, b'because', body)
            return super().send(request)

    server = Refusing(MemoryStore(CONTENT), refuse={'POST': 403})
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert caught.value.message == b'LFS HTTP error: HTTP Error 403: because' + said
    server.refuse = {'GET': 403}
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    where = b' (oid=%s, action=download)' % OID
    assert caught.value.message == (
        b'LFS HTTP error: HTTP Error 403: because' + where + said
    )


@pytest.mark.parametrize('operation', [fetch, send])
def test_an_error_with_the_code_0_is_an_error(operation):
    server = Server(MemoryStore(CONTENT) if operation is fetch else MemoryStore())
    server.alter = lambda reply: _first(reply, error={'code': 0}, actions={})
    with pytest.raises(BlobRefused, match='dir/art.bin'):
        operation(server)


def test_an_error_without_a_code_is_an_error(server):
    server.alter = lambda reply: _first(reply, error={'message': 'no'})
    with pytest.raises(BlobRefused, match='dir/art.bin'):
        fetch(server)


@pytest.mark.parametrize('actions', [{}, None, {'upload': {'href': 'x:'}}])
def test_a_download_without_its_action_does_not_exist(server, actions):
    server.alter = lambda reply: _first(reply, actions=actions)
    with pytest.raises(BlobRefused) as caught:
        fetch(server)
    assert caught.value.message == (
        b'LFS server error for "dir/art.bin": The object does not exist'
    )


@pytest.mark.parametrize('operation', [fetch, send])
def test_an_object_that_the_server_forgets_is_told_with_its_file(operation):
    server = Server(MemoryStore(CONTENT))
    server.alter = lambda reply: {**reply, 'objects': []}
    with pytest.raises(BlobRefused) as caught:
        operation(server)
    assert b'"dir/art.bin"' in caught.value.message


def test_an_answer_that_nobody_asked_for_may_be_meant_for_one_that_is_missing(server):
    other = 'e' * 64
    server.alter = lambda reply: _first(reply, oid=other)
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert b'Unsolicited response for oid ' + b'e' * 64 in caught.value.message


def test_answers_that_nobody_asked_for_lose_no_others(server):
    extra = {'oid': 'e' * 64, 'size': 3}
    server.alter = lambda reply: {
        **reply,
        'objects': [extra, *reply['objects'], *reply['objects'], extra, {}, 7],
    }
    assert fetch(server).blobs == {OID: CONTENT}


ODD = [
    {'size': 'many'},
    {'size': -1},
    {'error': 7},
    {'error': {'code': 'x'}},
    {'error': {'code': 1, 'message': 7}},
    {'actions': 7},
    {'actions': {'download': 7}},
    {'actions': {'download': {'href': 7}}},
    {'actions': {'download': {'href': 'https://x/\n'}}},
    {'actions': {'download': {'href': 'https://x/' + 'x' * 20000}}},
    {'actions': {'download': {'href': 'https://x', 'header': 7}}},
    {'actions': {'download': {'href': 'https://x', 'header': {'X': 7}}}},
    {'actions': {'download': {'href': 'https://x', 'header': {'X': 'a\r\nY: b'}}}},
    {
        'actions': {
            'download': {'href': 'x:', 'header': dict.fromkeys(map(str, range(99)), '')}
        }
    },
]


@pytest.mark.parametrize('odd', ODD)
def test_an_odd_object_is_named_and_loses_no_others(odd):
    contents = [b'%d' % number for number in range(3)]
    server = Server(MemoryStore(*contents))
    server.alter = lambda reply: {
        'objects': [{**reply['objects'][0], **odd}, *reply['objects'][1:]]
    }
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    refs = [refto(content, b'file%s' % content) for content in contents]
    (plan,) = remote.plan('download', refs)
    assert [item.ref for item in plan.transfers] == refs[1:]
    ((ref, why),) = plan.refused
    assert ref == refs[0]
    said = b'LFS server error for "file0": malformed answer: '
    assert why.message.startswith(said)
    assert len(why.message) > len(said) + 5


def test_a_size_that_the_server_makes_up_is_not_believed(server):
    server.alter = lambda reply: _first(reply, size=1)
    assert fetch(server).blobs == {OID: CONTENT}


@pytest.mark.parametrize(
    'raw',
    [
        b'',
        b'<html>login</html>',
        b'[]',
        b'null',
        b'{"objects": 1}',
        b'\xff\xfe\0',
        b'{',
    ],
)
@pytest.mark.parametrize('debugging', [False, True])
def test_a_reply_that_is_no_batch_reply_is_shown(server, raw, debugging):
    server.raw = raw
    with pytest.raises(RemoteError) as caught:
        fetch(server, debugging=debugging)
    if raw == b'[]' or raw == b'null' or raw.startswith(b'{'):
        assert raw in caught.value.message
    assert caught.value.message.startswith(b'LFS server returns invalid JSON: ')
    assert b'is %s a Git LFS server?' % BASE.encode('ascii') in caught.value.hint


def test_a_long_reply_that_is_none_is_shown_in_part(server):
    server.raw = b'<html>' + b'x' * 100000
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert len(caught.value.message) < 300


def test_a_reply_without_end_is_not_read_to_it(server):
    server.raw = b' ' * (20 << 20)
    with pytest.raises(RemoteError, match='reply of more than'):
        fetch(server)


@pytest.mark.parametrize('debugging', [False, True])
@pytest.mark.parametrize(
    'raw',
    [
        b'[' * 100000,
        b'{"objects": ' + b'[' * 100000,
        b'{"objects": [{"oid": "\\ud800", "size": 1}]}',
        b'{"objects": [{"oid": "%s", "size": "\\udfff"}]}' % OID,
        b'{"objects": [{"oid": 1}, {"oid": "a"}]}',
        b'{"objects": [{"oid": "%s", "size": %s}]}' % (OID, b'9' * 9999),
        b'{"objects": [{"oid": "%s", "size": 1, "error": {"code": 1e99}}]}' % OID,
    ],
    ids=['deep', 'deep objects', 'oid', 'size', 'mixed', 'huge', 'code'],
)
def test_hostile_replies_are_remote_errors(server, raw, debugging):
    server.raw = raw
    with pytest.raises(RemoteError):
        fetch(server, debugging=debugging)


def test_a_hostile_href_is_a_remote_error_when_the_line_breaks(server):
    class Unreachable:
        def fork(self):
            return self

        def send(self, request):
            if request.method == 'POST':
                return server.send(request)
            raise ConnectionFailed(b'no route to host')

    server.alter = lambda reply: _first(
        reply, actions={'download': {'href': 'https://\ud800.example.com'}}
    )
    with pytest.raises(RemoteError):
        fetch(Unreachable())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.just('\ud800'),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=6,
    ),
    st.sampled_from(['oid', 'size', 'error', 'actions', 'authenticated']),
    st.booleans(),
)
def test_any_value_in_a_reply_raises_errors_of_the_tree_only(value, key, debugging):
    server = Server(MemoryStore(CONTENT))
    server.alter = lambda reply: _first(reply, **{key: value})
    try:
        fetch(server, debugging=debugging)
    except LfsError as exc:
        assert exc.message  # noqa: PT017


@pytest.mark.parametrize(
    ('status', 'hint'),
    [
        (400, b'check that lfs serving is enabled on %s and "download" is supported'),
        (404, b'the "lfs.url" config may be used to override %s'),
        (503, b'api=%s/objects/batch, action=download'),
    ],
)
def test_an_http_error_on_a_batch_has_the_hint_for_it(server, status, hint):
    server.refuse = {'POST': status}
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert caught.value.message == b'LFS HTTP error: HTTP Error %d: because' % status
    assert caught.value.hint == hint % BASE.encode('ascii')


def test_what_was_sent_is_asked_for_by_its_size_and_type():
    server = Server()
    send(server)
    put = server.requests[-1]
    assert (put.method, put.length) == ('PUT', len(CONTENT))
    assert put.headers['Content-Type'] == 'application/octet-stream'
    assert server.store.blobs == {OID: CONTENT}


def test_the_actions_headers_come_along(server):
    header = {'Authorization': 'Basic Zm9v', 'X-Odd': 'caf\xe9'}
    server.alter = lambda reply: _first(
        reply,
        actions={
            'download': {**reply['objects'][0]['actions']['download'], 'header': header}
        },
    )
    fetch(server)
    assert server.requests[-1].headers == header


def test_debugging_shows_the_headers_and_the_reply_in_order():
    notes = Notes(debugging=True)
    server = Server(MemoryStore(CONTENT))
    list(HttpRemote(BASE, server, notes).plan('download', [REF]))
    shown = b''.join(notes.debugged)
    assert b'Status: 200\ncontent-type: application/vnd.git-lfs+json\n{\n' in shown
    assert b'"oid": "%s"' % OID in shown


def _first(reply: dict, **changes: object) -> dict:
    """Returns a reply whose first object is changed."""
    return {**reply, 'objects': [{**reply['objects'][0], **changes}]}
