"""A server that misbehaves: nothing corrupt is stored, and errors name files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.transfers import carry

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
    """Download a blob; check that nothing was stored if it fails."""
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


def test_requests_are_those_of_git_lfs(server):
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


def test_a_batch_has_a_hundred_objects_at_most():
    contents = [b'%d' % number for number in range(250)]
    server = Server(MemoryStore(*contents))
    remote = HttpRemote(BASE, server, Notes(), (BASIC,))
    plans = list(remote.plan('download', list(map(refto, contents))))
    assert [plan.asked for plan in plans] == _sizes(server) == [100, 100, 50]


def test_batches_grow_once_the_server_is_known_to_be_hglfs():
    contents = [b'%d' % number for number in range(1250)]
    server = Server(MemoryStore(*contents))
    plans = list(
        HttpRemote(BASE, server, Notes()).plan('upload', [*map(refto, contents)])
    )
    assert [plan.asked for plan in plans] == _sizes(server) == [100, 1000, 150]


class Narrow(Server):
    """A server that refuses requests about more objects than ``most``."""

    most = 0
    status = 413

    def send(self, request):
        if len(json.loads(request.body)['objects']) > self.most:
            self.requests.append(request)
            raise HttpFailed(self.status, b'because')
        return super().send(request)


@pytest.mark.parametrize('status', [413, 422])
def test_batches_shrink_if_the_server_refuses_them(status):
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


def test_a_server_that_refuses_single_objects_is_an_error():
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
def test_an_adapter_that_was_not_offered_is_treated_as_basic(server, named):
    server.alter = lambda reply: {**reply, 'transfer': named}
    assert fetch(server).blobs == {OID: CONTENT}
    near = Server()
    near.alter = server.alter
    send(near)
    assert near.bytype() == ['POST', 'PUT']


def test_headers_of_the_batch_api_are_not_sent_with_objects(server):
    token = {'Authorization': 'RemoteAuth token'}
    remote = HttpRemote(BASE, server, Notes(), (BASIC,), headers=token)
    carry(remote, 'download', MemoryStore(), [REF])
    asked, got = server.requests
    assert asked.headers['Authorization'] == 'RemoteAuth token'
    assert 'Authorization' not in got.headers


def test_a_connection_for_a_thread_is_a_fork_with_its_own_log(server):
    notes, here = Notes(), Notes()
    remote = HttpRemote(BASE, server, here)
    assert remote.connect() is remote.connect()
    assert remote.connect().log is here
    assert server.forks == 0
    assert remote.connect(notes).log is notes
    assert server.forks == 1


def test_refused_objects_do_not_affect_others():
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
def test_a_wrong_body_is_a_permanent_error(server, spoil):
    server.spoil = spoil
    with pytest.raises(BlobMangled) as caught:
        fetch(server)
    assert caught.value.message == b'corrupt remote lfs object: %s' % OID
    assert not caught.value.transient


def test_an_endless_body_is_not_read_to_its_end(server):
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
def test_a_wrong_content_length_is_refused(server, length):
    server.headers = {'content-length': str(length)}
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert OID in caught.value.message


@pytest.mark.parametrize('length', ['', 'many', '-1', '1e3', '\xb2', '9' * 5000])
def test_a_malformed_content_length_raises_remote_errors_only(server, length):
    server.headers = {'content-length': length}
    try:
        assert fetch(server).blobs == {OID: CONTENT}
    except RemoteError as exc:
        assert OID in exc.message  # noqa: PT017


def test_a_broken_connection_is_transient_and_names_the_url(server):
    server.breaks = [10]
    with pytest.raises(ReplyBroken) as caught:
        fetch(server)
    assert caught.value.transient
    assert caught.value.hint.startswith(b'attempted connection to https://lfs.example')


def test_a_truncated_body_is_transient(server):
    server.spoil = lambda body: body[:-1]
    server.headers = {'content-length': str(len(CONTENT))}
    with pytest.raises(RemoteError, match='does not match') as caught:
        fetch(server)
    assert caught.value.transient


@pytest.mark.parametrize('method', ['GET', 'PUT'])
@pytest.mark.parametrize('status', [400, 403, 404, 422, 500])
def test_an_http_error_of_a_transfer_names_the_oid(method, status):
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
def test_the_error_for_an_object_names_its_file(code, words, operation, message):
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
def test_the_reason_given_by_the_server_is_appended(code, words):
    server = Server()
    error = {'code': code, 'message': 'Your plan\nallows 5 GB\x1b[2J'}
    server.alter = lambda reply: _first(reply, error=error, actions={})
    with pytest.raises(BlobRefused) as caught:
        send(server)
    assert caught.value.message == (
        b'LFS server error for "dir/art.bin": %s: Your plan\\nallows 5 GB\\x1b[2J'
        % words.encode()
    )


def test_a_status_repeated_in_the_reason_is_dropped():
    said = b'LFS HTTP error: HTTP Error 404: NOT FOUND'
    for message, shown in (
        ('404 Not Found: no such project', b': no such project'),
        ('Not found: no such project', b': no such project'),
        ('404: no such project', b': 404: no such project'),
        ('bound: no such project', b': bound: no such project'),
        ('Not found', b''),
    ):
        assert replies.reason(message, said) == shown


def test_the_reason_is_omitted_where_debug_output_shows_the_reply(server):
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
def test_the_message_in_an_http_error_body_is_appended(body, said):
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
def test_an_error_with_code_0_is_an_error(operation):
    server = Server(MemoryStore(CONTENT) if operation is fetch else MemoryStore())
    server.alter = lambda reply: _first(reply, error={'code': 0}, actions={})
    with pytest.raises(BlobRefused, match='dir/art.bin'):
        operation(server)


def test_an_error_without_a_code_is_an_error(server):
    server.alter = lambda reply: _first(reply, error={'message': 'no'})
    with pytest.raises(BlobRefused, match='dir/art.bin'):
        fetch(server)


@pytest.mark.parametrize('actions', [{}, None, {'upload': {'href': 'x:'}}])
def test_a_download_without_an_action_is_missing(server, actions):
    server.alter = lambda reply: _first(reply, actions=actions)
    with pytest.raises(BlobRefused) as caught:
        fetch(server)
    assert caught.value.message == (
        b'LFS server error for "dir/art.bin": The object does not exist'
    )


@pytest.mark.parametrize('operation', [fetch, send])
def test_the_error_for_an_omitted_object_names_its_file(operation):
    server = Server(MemoryStore(CONTENT))
    server.alter = lambda reply: {**reply, 'objects': []}
    with pytest.raises(BlobRefused) as caught:
        operation(server)
    assert b'"dir/art.bin"' in caught.value.message


def test_an_unsolicited_answer_is_named_if_another_is_missing(server):
    other = 'e' * 64
    server.alter = lambda reply: _first(reply, oid=other)
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert b'Unsolicited response for oid ' + b'e' * 64 in caught.value.message


def test_unsolicited_answers_do_not_affect_others(server):
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
def test_a_malformed_answer_is_reported_and_does_not_affect_others(odd):
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


def test_a_wrong_size_in_a_reply_is_ignored(server):
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
def test_the_error_for_an_invalid_reply_quotes_it(server, raw, debugging):
    server.raw = raw
    with pytest.raises(RemoteError) as caught:
        fetch(server, debugging=debugging)
    if raw == b'[]' or raw == b'null' or raw.startswith(b'{'):
        assert raw in caught.value.message
    assert caught.value.message.startswith(b'LFS server returns invalid JSON: ')
    assert b'is %s a Git LFS server?' % BASE.encode('ascii') in caught.value.hint


def test_a_long_invalid_reply_is_quoted_in_part(server):
    server.raw = b'<html>' + b'x' * 100000
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert len(caught.value.message) < 300


def test_an_endless_reply_is_not_read_to_its_end(server):
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
def test_hostile_replies_raise_remote_errors(server, raw, debugging):
    server.raw = raw
    with pytest.raises(RemoteError):
        fetch(server, debugging=debugging)


def test_a_malformed_href_raises_a_remote_error_when_the_connection_breaks(server):
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
def test_any_value_in_a_reply_raises_lfs_errors_only(value, key, debugging):
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
def test_an_http_error_of_a_batch_has_a_hint(server, status, hint):
    server.refuse = {'POST': status}
    with pytest.raises(RemoteError) as caught:
        fetch(server)
    assert caught.value.message == b'LFS HTTP error: HTTP Error %d: because' % status
    assert caught.value.hint == hint % BASE.encode('ascii')


def test_an_upload_has_its_size_and_type():
    server = Server()
    send(server)
    put = server.requests[-1]
    assert (put.method, put.length) == ('PUT', len(CONTENT))
    assert put.headers['Content-Type'] == 'application/octet-stream'
    assert server.store.blobs == {OID: CONTENT}


def test_the_headers_of_an_action_are_sent(server):
    header = {'Authorization': 'Basic Zm9v', 'X-Odd': 'caf\xe9'}
    server.alter = lambda reply: _first(
        reply,
        actions={
            'download': {**reply['objects'][0]['actions']['download'], 'header': header}
        },
    )
    fetch(server)
    assert server.requests[-1].headers == header


def test_debug_output_shows_headers_and_reply_in_order():
    notes = Notes(debugging=True)
    server = Server(MemoryStore(CONTENT))
    list(HttpRemote(BASE, server, notes).plan('download', [REF]))
    shown = b''.join(notes.debugged)
    assert b'Status: 200\ncontent-type: application/vnd.git-lfs+json\n{\n' in shown
    assert b'"oid": "%s"' % OID in shown


def _first(reply: dict, **changes: object) -> dict:
    """Return a reply whose first object is changed."""
    return {**reply, 'objects': [{**reply['objects'][0], **changes}]}
