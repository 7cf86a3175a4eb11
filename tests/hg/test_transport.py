"""Mercurial's HTTP behind our Transport, against a real server that misbehaves."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from email.utils import formatdate

import pytest
from support.blobs import pieces

from hgext3rd.hglfs.hg.transport import HgTransport
from hgext3rd.hglfs.lfs.errors import (
    ConnectionFailed,
    HttpFailed,
    LfsError,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote.streams import SentBody, counted
from hgext3rd.hglfs.lfs.remote.transport import Request

CONTENT = b'0123456789abcdef' * (1 << 17)  # more than sockets buffer


class Handler(http.server.BaseHTTPRequestHandler):
    """Answer by path; record requests in ``server.seen``."""

    protocol_version = 'HTTP/1.1'
    timeout = 5  # a read of a body that never comes must not hang

    def log_message(self, *args):
        pass

    def do_GET(self):
        self._note(b'')
        if self.path == '/elsewhere':
            self._reply(302, Location='http://localhost:%d/x' % self.server.other)
        elif self.path == '/short':
            self.send_response(200)
            self.send_header('Content-Length', '1000')
            self.end_headers()
            self.wfile.write(b'abc')
            self.close_connection = True
        elif self.path == '/chunked':
            self.send_response(200)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            self.wfile.write(b'3\r\nabc\r\n9\r\nd')
            self.close_connection = True
        elif self.path == '/part':
            self._reply(206, b'bc', ETag='"x"', **{'Content-Range': 'bytes 1-2/3'})
        elif self.path == '/garbage':
            self.wfile.write(b'what is this\r\n\r\n')
            self.close_connection = True
        elif self.path.startswith('/status/'):
            self._reply(int(self.path[len('/status/') :]), **self.server.headers)
        else:
            self._reply(200, b'abc')
        # without notice, as servers do with an idle connection
        self.close_connection = self.close_connection or self.path == '/close'

    def do_HEAD(self):
        self._note(b'')
        self._reply(200, **{'Upload-Offset': '7'})

    def do_PUT(self):
        if self.path == '/auth' and 'Authorization' not in self.headers:
            self.rfile.read(int(self.headers['Content-Length']))
            self._reply(401, **{'WWW-Authenticate': 'Basic realm="here"'})
            return
        body = self.rfile.read(int(self.headers['Content-Length']))
        self._note(body)
        self._reply(200)

    do_PATCH = do_PUT

    def _note(self, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers, body))

    def _reply(self, status, body=b'', **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def servers():
    """Start two servers that have each other's addresses."""
    made = [
        http.server.ThreadingHTTPServer(('localhost', 0), Handler) for _ in range(2)
    ]
    for server, other in zip(made, reversed(made)):
        server.daemon_threads, server.seen, server.headers = True, [], {}
        server.other = other.server_port
        server.base = 'http://localhost:%d' % server.server_port
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server(servers):
    return servers[0]


@pytest.fixture
def transport(ui, server):
    ui.setconfig(b'http', b'timeout', b'10')
    ui.setconfig(b'http_proxy', b'host', b'')
    return HgTransport(ui, server.base, None, b'git-lfs/test')


def get(transport, url, **headers) -> bytes:
    with transport.send(Request('GET', url, headers)) as response:
        return b''.join(iter(lambda: response.read(100), b''))


def put(transport, url) -> list[int]:
    """Send CONTENT; return the progress that was reported."""
    progress = []
    body = SentBody(
        lambda count: counted(pieces(CONTENT, 1 << 18), count), progress.append
    )
    with transport.send(Request('PUT', url, {}, body, len(CONTENT))) as response:
        assert response.status == 200
        response.read(100)
    return progress


def test_a_body_is_sent_whole_and_counted(transport, server):
    assert sum(put(transport, server.base + '/x')) == len(CONTENT)
    assert server.seen[0][2] == CONTENT
    assert server.seen[0][1]['user-agent'] == 'git-lfs/test'


def test_a_body_is_sent_again_after_a_password_request(ui, server):
    for name, value in [(b'prefix', b'*'), (b'username', b'me'), (b'password', b'pw')]:
        ui.setconfig(b'auth', b'a.' + name, value)
    ui.setconfig(b'auth', b'a.schemes', b'http')
    ui.setconfig(b'http', b'timeout', b'10')
    progress = put(
        HgTransport(ui, server.base, None, b'git-lfs/test'), server.base + '/auth'
    )
    assert server.seen[0][2] == CONTENT
    assert sum(progress) == len(CONTENT)


def test_a_repository_may_have_passwords_of_its_own(ui, server):
    plain = ui.copy()
    for name, value in [(b'prefix', b'*'), (b'username', b'me'), (b'password', b'pw')]:
        ui.setconfig(b'auth', b'a.' + name, value)
    ui.setconfig(b'auth', b'a.schemes', b'http')
    ui.copy = plain.copy  # as a repository's ui has it
    url = server.base + '/auth'
    assert put(HgTransport(ui, server.base, None, b'git-lfs/test'), url)


def test_a_body_is_sent_again_if_a_kept_connection_is_dead(transport, server):
    get(transport, server.base + '/close')
    progress = put(transport, server.base + '/x')
    assert server.seen[-1][2] == CONTENT
    assert sum(progress) == len(CONTENT)


def test_an_http_error_has_its_status_and_reason(transport, server):
    for status, reason in [(404, b'Not Found'), (503, b'Service Unavailable')]:
        with pytest.raises(HttpFailed) as caught:
            get(transport, '%s/status/%d' % (server.base, status))
        assert caught.value.status == status
        assert caught.value.message == b'HTTP Error %d: %s' % (status, reason)


@pytest.mark.parametrize(
    ('said', 'seconds'),
    [
        ('0', 0),
        ('120', 120),
        ('999999999', 999999999),
        ('-1', None),
        ('1.5', None),
        ('soon', None),
        ('', None),
        ('9' * 5000, None),
    ],
)
def test_retry_after_in_seconds_is_read(transport, server, said, seconds):
    server.headers = {'Retry-After': said}
    with pytest.raises(HttpFailed) as caught:
        get(transport, server.base + '/status/429')
    assert caught.value.transient
    assert caught.value.after == seconds


def test_retry_after_as_a_date_is_read(transport, server):
    server.headers = {'Retry-After': formatdate(time.time() + 3600, usegmt=True)}
    with pytest.raises(HttpFailed) as caught:
        get(transport, server.base + '/status/503')
    assert 0 < caught.value.after <= 3600


def test_a_partial_reply_has_its_headers(transport, server):
    asked = {'Range': 'bytes=1-2', 'If-Range': '"x"'}
    with transport.send(Request('GET', server.base + '/part', asked)) as response:
        assert (response.status, response.read(100)) == (206, b'bc')
        assert response.header('content-range') == 'bytes 1-2/3'
        assert response.header('etag') == '"x"'
    seen = server.seen[0][1]
    assert (seen['range'], seen['if-range']) == ('bytes=1-2', '"x"')


def test_uploads_can_be_resumed(transport, server):
    with transport.send(Request('HEAD', server.base + '/x')) as response:
        assert response.header('upload-offset') == '7'
    body = SentBody(lambda count: counted([b'rest'], count), lambda size: None)
    asked = Request('PATCH', server.base + '/x', {'Upload-Offset': '7'}, body, 4)
    with transport.send(asked) as response:
        assert response.status == 200
    assert server.seen[-1][2] == b'rest'
    assert server.seen[-1][1]['upload-offset'] == '7'


def test_a_fork_works_in_a_thread_of_its_own(transport, server):
    forks, got = [transport.fork() for _ in range(3)], []
    work = [
        threading.Thread(target=lambda fork=fork: got.append(get(fork, server.base)))
        for fork in forks
    ]
    for thread in work:
        thread.start()
    got.append(get(transport, server.base))
    for thread in work:
        thread.join()
    assert got == [b'abc'] * 4


def test_a_fork_never_prompts(ui, server):
    ui.setconfig(b'ui', b'interactive', True)
    fork = HgTransport(ui, server.base, None, b'git-lfs/test').fork()
    assert not fork._ui.interactive()
    assert ui.interactive()


def test_a_fork_has_the_password_of_the_original(ui, server):
    known = (None, (server.base,), b'me', b'pw')
    fork = HgTransport(ui, server.base, known, b'git-lfs/test').fork()
    put(fork, server.base + '/auth')
    assert server.seen[0][2] == CONTENT


def test_a_refused_connection_fails(transport):
    with pytest.raises(ConnectionFailed, match='Connection refused'):
        get(transport, 'http://localhost:1/x')


def test_a_truncated_body_is_short_or_raises(transport, server):
    assert get(transport, server.base + '/short') == b'abc'
    with pytest.raises(ReplyBroken) as caught:
        get(transport, server.base + '/chunked')
    assert caught.value.transient
    with pytest.raises(ConnectionFailed):
        get(transport, server.base + '/garbage')


def test_authorization_is_not_sent_to_another_server(transport, servers):
    one, other = servers
    secret = {'Authorization': 'Basic c2VjcmV0'}
    assert get(transport, one.base + '/elsewhere', **secret) == b'abc'
    assert one.seen[0][1]['authorization'] == secret['Authorization']
    assert 'authorization' not in other.seen[0][1]


@pytest.mark.parametrize(
    'url', ['file:///etc/passwd', 'data:text/plain,abc', 'ftp://localhost:1/x']
)
def test_a_redirect_to_another_scheme_is_refused(transport, url):
    with pytest.raises(LfsError):
        get(transport, url)


@pytest.mark.parametrize(
    'url',
    [
        '',
        '/relative',
        'foo:bar',
        'http://localhost:port/',
        'http://localhost/\u4e2d',
        'http://localhost/\ud800',
        'http://localhost/a b',
        'http://localhost/a\r\nX: y',
        'http://[/',
        'http://',
    ],
)
def test_a_malformed_url_raises_an_lfs_error(transport, url):
    with pytest.raises(LfsError):
        get(transport, url)


@pytest.mark.parametrize(
    'header',
    [{'X': '\u4e2d'}, {'X': '\ud800'}, {'X': 'a\rb'}, {'X:': 'a'}, {'': 'a'}],
    ids=ascii,
)
def test_a_malformed_header_raises_an_lfs_error(transport, server, header):
    with pytest.raises(LfsError):
        get(transport, server.base + '/x', **header)


def test_connection_and_reply_timeouts_differ_in_being_transient(ui):
    ui.setconfig(b'http_proxy', b'host', b'')
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(('localhost', 0)))
        base = 'http://localhost:%d/' % listening.getsockname()[1]
        transport = HgTransport(ui, base, None, b'git-lfs/test', 0.2)
        with pytest.raises(ConnectionFailed, match='timed out') as caught:
            get(transport, base)
        assert caught.value.transient
        # nothing accepts, and the backlog is full
        full = stack.enter_context(socket.create_server(('localhost', 0), backlog=0))
        base = 'http://localhost:%d/' % full.getsockname()[1]
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with pytest.raises(ConnectionFailed, match='timed out') as caught:
            get(transport, base)
        assert not caught.value.transient
