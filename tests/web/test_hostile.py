"""Requests of a hostile client: never a traceback, a 500, or a file somewhere else."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.blobs import oidof
from support.web import JSON, serve

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT).decode('ascii')
ROUTES = [
    '/.git/info/lfs/objects/batch',
    '/.hg/lfs/objects/' + OID,
    '/.hg/lfs/objects/../../../hgrc',
    '/.hg/lfs/objects',
    '/.hg/lfs/packs/upload',
    '/.hg/lfs/packs/download',
    '/.hg/lfs/verify',
]
METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', '']

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 80), 1 << 80)
    | st.floats()
    | st.text()
    | st.sampled_from([OID, 'upload', 'download', 'basic', 'tus', 'hglfs-packs']),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(['oid', 'size', 'objects', 'operation', 'transfers', 'x']),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
headers = st.dictionaries(
    st.sampled_from(
        [
            'HTTP_RANGE',
            'HTTP_IF_RANGE',
            'HTTP_TUS_RESUMABLE',
            'HTTP_UPLOAD_OFFSET',
            'HTTP_EXPECT',
            'HTTP_ACCEPT',
            'HTTP_HGLFS_TOKEN',
            'CONTENT_TYPE',
            'HTTP_AUTHORIZATION',
        ]
    ),
    st.text(st.characters(max_codepoint=255, exclude_characters='\r\n\0'), max_size=40)
    | st.sampled_from(
        ['bytes=0-', 'bytes=-1', 'bytes=9999999999-', '1.0.0', '7', JSON]
    ),
    max_size=4,
)


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    return os.fsencode(tmp_path_factory.mktemp('hostile'))


@pytest.fixture(scope='module')
def web(place):
    items = [(b'lfs', b'signed-actions', b'yes'), (b'web', b'allow_read', b'*')]
    made = serve(place, *items)
    made.always['REMOTE_USER'] = 'alice'  # or tokens are required first
    made.put(OID, CONTENT)
    return made


def everything(place):
    """Return every file, except those of which a store of blobs is made."""
    found = set()
    for folder, _folders, names in os.walk(place):
        if b'/store/lfs/objects/' not in folder + b'/' and b'/cache' not in folder:
            found.update(os.path.join(folder, name) for name in names)
    return found


def sound(status: str, reply: bytes) -> bool:
    return 200 <= int(status[:3]) < 500 and b'Traceback' not in reply


@settings(max_examples=300, deadline=None)
@given(anything)
def test_any_batch_is_answered(web, asked):
    status, _headers, reply = web.batch(asked)
    assert sound(status, reply)
    json.loads(reply)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(METHODS),
    st.sampled_from(ROUTES) | st.text(max_size=30).map('/.hg/lfs/objects/'.__add__),
    st.binary(max_size=300),
    headers,
    st.text(st.characters(max_codepoint=127), max_size=30),  # core has no others
    st.none() | st.sampled_from(['0', '1', '400', '', '-5', '1e3', '9' * 30, ' 7']),
)
def test_any_request_is_answered(web, place, method, path, body, extra, query, size):
    before = everything(place)
    extra = {
        **extra,
        'QUERY_STRING': query,
        **({} if size is None else {'CONTENT_LENGTH': size}),
    }
    path = path.encode('utf-8').decode('latin-1')  # paths as in WSGI
    if (size or '').strip().isdigit() or not size:
        status, _headers, reply = web.ask(method, path, body, **extra)
        assert sound(status, reply) or '/.hg/lfs/objects/' not in path
    assert everything(place) <= before | {place + b'/repo/.hg/lfs/signing-key'}


@pytest.mark.parametrize(
    'body',
    [
        b'[' * 100_000,
        b'{"objects":' * 50_000,
        b'"' + b'x' * (1 << 20) + b'"',
        b'{"operation": "upload", "objects": [{"oid": "%s", "size": %s}]}'
        % (OID.encode(), b'9' * 10_000),
        b'\xff\xfe\x00',
        b'',
    ],
)
def test_json_that_overloads_parsers_is_a_bad_request(web, body):
    assert web.batch(body)[0].startswith('400 ')


def test_many_clients_may_send_one_object_at_once(folder):
    web = serve(folder)
    statuses = []

    def send(content: bytes) -> None:
        statuses.append(web.put(OID, content)[0][:3])

    contents = [CONTENT, CONTENT[:-1] + b'!'] * 8
    threads = [threading.Thread(target=send, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(statuses)) in (['200', '201', '400'], ['201', '400'])
    assert web.get(OID)[2] == CONTENT


# over a real socket: as a web server reads it


@pytest.fixture(scope='module')
def address(web, place):
    """Run ``hg serve`` for the module's repository."""
    config = {'extensions.hglfs': '', 'web.allow-push': '*', 'web.push_ssl': 'no'}
    run = 'from mercurial import dispatch; dispatch.run()'  # hg 6.3 has no -m
    command = [sys.executable, '-c', run, '-R', os.fsdecode(place + b'/repo')]
    for item, value in config.items():
        command += ['--config', '%s=%s' % (item, value)]
    log = os.fsdecode(place + b'/errors.log')
    served = subprocess.Popen(
        [*command, 'serve', '-p', '0', '-a', '127.0.0.1', '-E', log, '--print-url'],
        stdout=subprocess.PIPE,
        env={**os.environ, 'HGRCPATH': '', 'HGPLAIN': '1'},
    )
    url = served.stdout.readline().decode()
    yield '127.0.0.1', int(url.rstrip('/\n').rpartition(':')[2])
    served.kill()
    served.wait()
    with open(log) as errors:
        assert 'Traceback' not in errors.read()


def talk(address, *pieces: bytes, shut: bool = False) -> bytes:
    """Send bytes to the server, and return all that it sends until it closes."""
    with socket.create_connection(address, timeout=20) as line:
        for piece in pieces:
            line.sendall(piece)
        if shut:
            line.shutdown(socket.SHUT_WR)
        said = b''
        while more := line.recv(65536):
            said += more
        return said


def head(method: str, path: str, *lines: str) -> bytes:
    start = ['%s %s HTTP/1.1' % (method, path), 'Host: localhost', 'Connection: close']
    return '\r\n'.join([*start, *lines, '', '']).encode('latin-1')


def test_the_server_runs(address):
    assert talk(address, head('GET', '/.hg/lfs/objects/' + OID)).endswith(CONTENT)


@pytest.mark.parametrize('oid', [OID, '0' * 64, 'nonsense'])
@pytest.mark.parametrize('more', [[], ['Tus-Resumable: 1.0.0']])
def test_a_reply_to_head_has_no_body(address, oid, more):
    path = '/.hg/lfs/objects/' + oid
    first = head('HEAD', path, *more).replace(b'Connection: close\r\n', b'')
    said = talk(address, first, head('GET', '/.hg/lfs/objects/' + OID))
    answers = said.split(b'\r\n\r\n')
    assert [len(answer) for answer in answers[2:]] == [len(CONTENT)]
    assert answers[1].startswith(b'HTTP/1.1 200')


@pytest.mark.parametrize(
    ('lines', 'code'),
    [
        (['Content-Length: -1'], b'400'),
        (['Content-Length: five'], b'400'),
        (['Transfer-Encoding: chunked'], b'411'),
        ([], b'411'),
        (['Content-Length: 99999999999999999999999'], b'400'),
        (['Content-Length: 999999999999999'], b'507'),
    ],
)
def test_a_body_without_a_valid_length_ends_the_connection(address, lines, code):
    request = head('PUT', '/.hg/lfs/objects/' + OID, *lines)
    said = talk(address, request.replace(b'Connection: close\r\n', b''), b'smuggled')
    assert said.split()[1] == code
    assert said.count(b'HTTP/1.1 ') == 1


@pytest.mark.parametrize('path', ['/.hg/lfs/objects/' + OID, '/?cmd=heads'])
@pytest.mark.parametrize(
    'lines',
    [
        ['Content-Length: \xb2'],
        ['Content-Length: 3', 'Content-Length: 5'],
        ['Content-Length: 3', 'Content-Length: 3'],
        ['Content-Length: 3', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: chunked'],
        ['Content-Length: -1'],
        ['Content-Length: +3'],
        ['Content-Length: 3, 3'],
        ['Content-Length: 1_0'],
    ],
)
def test_a_body_of_ambiguous_length_is_not_read_as_a_request(address, path, lines):
    request = head('PUT', path, *lines).replace(b'Connection: close\r\n', b'')
    said = talk(address, request, b'abc' + head('GET', '/?cmd=heads'))
    assert said.split()[1] in (b'400', b'411')
    assert said.count(b'HTTP/1.1 ') == 1


def test_a_truncated_body_is_not_stored(address):
    other = oidof(b'another content').decode()
    request = head('PUT', '/.hg/lfs/objects/' + other, 'Content-Length: 500')
    assert talk(address, request, b'another content', shut=True).split()[1] == b'400'


def test_a_refused_body_is_not_read_as_a_request(address):
    inner = head('GET', '/.hg/lfs/objects/' + OID)
    request = head(
        'PUT', '/.hg/lfs/objects/nonsense', 'Content-Length: %d' % len(inner)
    )
    said = talk(
        address, request.replace(b'Connection: close\r\n', b''), inner, shut=True
    )
    assert said.startswith(b'HTTP/1.1 404')
    assert CONTENT not in said


def test_expect_100_continue_is_answered_before_the_body(address):
    waits = 'Expect: 100-continue', 'Content-Length: %d' % len(CONTENT)
    request = head('PUT', '/.hg/lfs/objects/' + OID, *waits)
    assert talk(address, request, CONTENT).startswith(b'HTTP/1.1 100 Continue')
    request = head('PUT', '/.hg/lfs/objects/nonsense', *waits)
    assert talk(address, request).startswith(b'HTTP/1.1 404')


def test_a_path_cannot_inject_headers(address):
    said = talk(address, head('GET', '/.hg/lfs/objects/%0d%0aX-Evil:%201'))
    assert said.startswith(b'HTTP/1.1 404')
    assert b'Evil' not in said
