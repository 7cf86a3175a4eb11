"""Mercurial's HTTP behind our Transport, against a real server that misbehaves."""

from __future__ import annotations

import http.server
import io
import threading

import pytest

from hgext3rd.hglfs.bridge.transport import HgTransport
from hgext3rd.hglfs.model.errors import ConnectionFailed, HttpFailed, LfsError
from hgext3rd.hglfs.remote.streams import CountedFile
from hgext3rd.hglfs.remote.transport import Request

CONTENT = b'0123456789abcdef' * (1 << 17)  # more than sockets buffer


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by path; notes what it was asked in ``server.seen``."""

    protocol_version = 'HTTP/1.1'
    timeout = 5  # whoever waits for a body that never comes is not to hang

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
        elif self.path == '/garbage':
            self.wfile.write(b'what is this\r\n\r\n')
            self.close_connection = True
        elif self.path.startswith('/status/'):
            self._reply(int(self.path[len('/status/') :]))
        else:
            self._reply(200, b'abc')
        # without having said so, as servers do when a connection is idle
        self.close_connection = self.close_connection or self.path == '/close'

    def do_PUT(self):
        if self.path == '/auth' and 'Authorization' not in self.headers:
            self.rfile.read(int(self.headers['Content-Length']))
            self._reply(401, **{'WWW-Authenticate': 'Basic realm="here"'})
            return
        body = self.rfile.read(int(self.headers['Content-Length']))
        self._note(body)
        self._reply(200)

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
    """Two servers that know of each other."""
    made = [
        http.server.ThreadingHTTPServer(('localhost', 0), Handler) for _ in range(2)
    ]
    for server, other in zip(made, reversed(made)):
        server.daemon_threads, server.seen = True, []
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
    """Sends CONTENT; returns what was told of how it went."""
    told = []
    body = CountedFile(io.BytesIO(CONTENT), told.append)
    with transport.send(Request('PUT', url, {}, body, len(CONTENT))) as response:
        assert response.status == 200
        response.read(100)
    return told


def test_a_body_is_sent_whole_and_told(transport, server):
    assert sum(put(transport, server.base + '/x')) == len(CONTENT)
    assert server.seen[0][2] == CONTENT
    assert server.seen[0][1]['user-agent'] == 'git-lfs/test'


def test_a_body_is_sent_again_from_its_start_where_a_password_is_asked(ui, server):
    for name, value in [(b'prefix', b'*'), (b'username', b'me'), (b'password', b'pw')]:
        ui.setconfig(b'auth', b'a.' + name, value)
    ui.setconfig(b'auth', b'a.schemes', b'http')
    ui.setconfig(b'http', b'timeout', b'10')
    told = put(
        HgTransport(ui, server.base, None, b'git-lfs/test'), server.base + '/auth'
    )
    assert server.seen[0][2] == CONTENT
    assert sum(told) == len(CONTENT)


def test_a_body_is_sent_whole_where_a_kept_connection_is_dead(transport, server):
    get(transport, server.base + '/close')
    told = put(transport, server.base + '/x')
    assert server.seen[-1][2] == CONTENT
    assert sum(told) == len(CONTENT)


def test_an_error_of_the_server_has_its_status_and_words(transport, server):
    for status, reason in [(404, b'Not Found'), (503, b'Service Unavailable')]:
        with pytest.raises(HttpFailed) as caught:
            get(transport, '%s/status/%d' % (server.base, status))
        assert caught.value.status == status
        assert caught.value.message == b'HTTP Error %d: %s' % (status, reason)


def test_nobody_there_is_no_connection(transport):
    with pytest.raises(ConnectionFailed, match='Connection refused'):
        get(transport, 'http://localhost:1/x')


def test_a_body_that_breaks_off_is_told_or_seen_to_be_short(transport, server):
    assert get(transport, server.base + '/short') == b'abc'
    with pytest.raises(ConnectionFailed) as caught:
        get(transport, server.base + '/chunked')
    assert caught.value.transient
    with pytest.raises(ConnectionFailed):
        get(transport, server.base + '/garbage')


def test_authorization_stays_with_the_server_that_it_is_for(transport, servers):
    one, other = servers
    secret = {'Authorization': 'Basic c2VjcmV0'}
    assert get(transport, one.base + '/elsewhere', **secret) == b'abc'
    assert one.seen[0][1]['authorization'] == secret['Authorization']
    assert 'authorization' not in other.seen[0][1]


@pytest.mark.parametrize(
    'url', ['file:///etc/passwd', 'data:text/plain,abc', 'ftp://localhost:1/x']
)
def test_a_server_cannot_point_to_anything_but_http(transport, url):
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
def test_an_url_that_is_none_is_an_error_of_the_tree(transport, url):
    with pytest.raises(LfsError):
        get(transport, url)


@pytest.mark.parametrize(
    'header',
    [{'X': '\u4e2d'}, {'X': '\ud800'}, {'X': 'a\rb'}, {'X:': 'a'}, {'': 'a'}],
    ids=ascii,
)
def test_a_header_that_is_none_is_an_error_of_the_tree(transport, server, header):
    with pytest.raises(LfsError):
        get(transport, server.base + '/x', **header)
