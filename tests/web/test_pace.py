"""Clients that send or receive slowly: their connection is closed, others are answered.

The servers are real ones: gunicorn with eight threads, and ``hg serve``.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from support import processes
from support.blobs import oidof

from hgext3rd.hglfs.web import pace

#: Seconds to wait for an expected event; an unexpected one is not waited for.
ENOUGH = 60.0
HG = os.path.join(os.path.dirname(sys.executable), 'hg')
JSON = 'application/vnd.git-lfs+json'
CONTENT = b'a large file, as it were\n' * 4000
OID = oidof(CONTENT).decode('ascii')
WSGI = """
import sys
from mercurial.hgweb import hgweb
from hgext3rd.hglfs.web import pace
pace.RATE, pace.DOCUMENT, pace._CROWDED = {rate}, {document}, 0.0
pace.UNWANTED = {document}
application = hgweb({path!r})
"""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_missed_deadline_closes_the_connection():
    hungup = threading.Event()
    with pace.Watchdog().within(0.01, hungup.set) as deadline:
        assert hungup.wait(ENOUGH)
    assert deadline.missed


def test_a_deadline_that_is_met_does_not_close_the_connection():
    watchdog, hungup = pace.Watchdog(), threading.Event()
    with watchdog.within(0.01, threading.Event().set), contextlib.ExitStack() as stack:
        deadline = stack.enter_context(watchdog.within(ENOUGH, hungup.set))
    late = threading.Event()
    with watchdog.within(0.01, late.set):
        assert late.wait(ENOUGH)
    assert not hungup.is_set()
    assert not deadline.missed


def test_a_short_deadline_is_not_delayed_by_a_long_one():
    watchdog, hungup, other = pace.Watchdog(), threading.Event(), threading.Event()
    with watchdog.within(1e6, other.set), watchdog.within(0.01, hungup.set):
        assert hungup.wait(ENOUGH)
    assert not other.is_set()


def test_the_slowest_document_is_closed_for_a_new_one():
    clock = Clock()
    documents = pace.Documents(pace.Watchdog(clock))
    ended: list[str] = []
    first = documents.reading(2, lambda: ended.append('first'), 60.0)
    second = documents.reading(2, lambda: ended.append('second'), 60.0)
    third = documents.reading(2, lambda: ended.append('third'), 60.0)
    with first, second:
        with third:
            assert ended == []  # none of them is slow
        clock.now = 10.0
        with documents.reading(2, lambda: ended.append('fourth'), 60.0) as deadline:
            assert ended == ['first']
            assert not deadline.missed
    with documents.reading(1, lambda: ended.append('fifth'), 60.0):
        assert ended == ['first']


def test_without_a_limit_any_number_of_documents_is_read():
    clock = Clock()
    documents = pace.Documents(pace.Watchdog(clock))
    ended: list[int] = []
    with contextlib.ExitStack() as stack:
        for number in range(20):
            clock.now += 1.0
            end = lambda number=number: ended.append(number)  # noqa: E731
            stack.enter_context(documents.reading(0, end, 60.0))
    assert ended == []


def test_a_forked_process_has_its_own_watchdog():
    with pace.watchdog._changed, pace.documents._lock:  # held by another thread
        child = processes.fork(test_a_late_document_is_closed)
    assert processes.succeeded(child)


def test_a_late_document_is_closed():
    hungup = threading.Event()
    with pace.documents.reading(0, hungup.set, 0.01) as deadline:
        assert hungup.wait(ENOUGH)
    assert deadline.missed


def test_a_reply_ends_without_waiting_for_the_watchdogs_lock():
    """At the end of a process, the lock may be held by a thread that runs no more."""
    watchdog = pace.Watchdog()
    reply = watchdog.within(1e6, lambda: None)
    reply.__enter__()
    ending = threading.Thread(target=reply.__exit__, args=(None,) * 3, daemon=True)
    with watchdog._changed:
        ending.start()
        ending.join(ENOUGH)
        assert not ending.is_alive()


class Server:
    """A server that listens on ``port``."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self) -> socket.socket:
        return socket.create_connection(('127.0.0.1', self.port), ENOUGH)

    def begin(self, method: str, path: str, length: int, kind=JSON) -> socket.socket:
        """Send the headers of a request, and one byte of its body."""
        connection = self.connect()
        head = (
            '%s /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n'
            'Content-Type: %s\r\nAccept: %s\r\n\r\n{'
        )
        text = head % (method, path, length, kind, JSON)
        connection.sendall(text.encode('ascii'))
        return connection

    def ask(self, path: str, document: object) -> bytes:
        """Make a whole request; return the reply's status line."""
        body = json.dumps(document).encode('ascii')
        with self.begin('POST', path, len(body)) as connection:
            connection.sendall(body[1:])
            return statusof(connection)


def statusof(connection: socket.socket) -> bytes:
    """Return the status line of a reply, or nothing if the connection just ends."""
    text = b''
    with contextlib.suppress(ConnectionError):
        while b'\n' not in text:
            piece = connection.recv(1000)
            if not piece:
                break
            text += piece
    return text.partition(b'\r\n')[0]


@contextlib.contextmanager
def running(command: list[str], port: int, folder):
    env = {**os.environ, 'HGRCPATH': str(folder / 'hgrc')}
    env['PYTHONPATH'] = os.pathsep.join([str(folder), *filter(None, sys.path)])
    with open(folder / 'log', 'wb') as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        for _attempt in range(600):
            with contextlib.suppress(OSError):
                Server(port).connect().close()
                break
            assert server.poll() is None, (folder / 'log').read_text()
            time.sleep(0.1)
        yield Server(port)
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def site(tmp_path):
    (tmp_path / 'hgrc').write_text(
        '[extensions]\nhglfs =\n[web]\nallow-push = *\npush_ssl = no\n'
        '[lfs]\nusercache = %s\nmaxtransfers = 6\n' % (tmp_path / 'cache')
    )
    hg = [sys.executable, HG, 'init', str(tmp_path / 'repo')]
    subprocess.run(hg, check=True, env={**os.environ, 'HGRCPATH': ''})
    return tmp_path


def freeport() -> int:
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


@pytest.fixture
def gunicorn(site):
    """Return a running gunicorn with a rate, and a deadline for documents."""

    @contextlib.contextmanager
    def run(rate: int = 1, document: float = 1e6):
        path = os.fsencode(site / 'repo')
        text = WSGI.format(rate=rate, document=document, path=path)
        (site / 'slowly.py').write_text(text)
        port = freeport()
        command = [sys.executable, '-m', 'gunicorn', '-k', 'gthread', '--threads', '8']
        command += ['-b', '127.0.0.1:%d' % port, '--no-control-socket', 'slowly']
        with running(command, port, site) as server:
            yield server

    return run


def asked(server: Server) -> list[bytes]:
    """Return the answers of a server to requests other than transfers."""
    ref = {'oid': OID, 'size': len(CONTENT)}
    return [
        server.ask(path, document).partition(b' ')[2]
        for path, document in (
            ('.git/info/lfs/objects/batch', {'operation': 'upload', 'objects': [ref]}),
            ('.git/info/lfs/locks', {'path': 'a'}),
            ('.hg/lfs/verify', ref),
        )
    ]


ANSWERS = [b'200 OK', b'404 Not Found', b'404 Not Found']


def test_slow_uploads_leave_threads_for_other_requests(gunicorn):
    with gunicorn() as server, contextlib.ExitStack() as stack:
        path = '.hg/lfs/objects/' + OID
        for _number in range(8):
            slow = server.begin('PUT', path, len(CONTENT))
            stack.enter_context(slow)
        packs = '.hg/lfs/packs/upload'
        slow = server.begin('POST', packs, 1 << 20, 'application/vnd.hg-lfs.pack')
        stack.enter_context(slow)
        assert asked(server) == ANSWERS


def test_slow_documents_leave_threads_for_other_requests(gunicorn):
    with gunicorn() as server, contextlib.ExitStack() as stack:
        for number in range(8):
            path = ('.git/info/lfs/objects/batch', '.hg/lfs/verify')[number % 2]
            stack.enter_context(server.begin('POST', path, 4000))
        assert asked(server) == ANSWERS


def test_a_slow_body_is_closed(gunicorn):
    with gunicorn(rate=1 << 20) as server:
        with server.begin('PUT', '.hg/lfs/objects/' + OID, len(CONTENT)) as slow:
            assert statusof(slow) in (b'HTTP/1.1 408 Request Timeout', b'')
        packs = '.hg/lfs/packs/upload'
        kind = 'application/vnd.hg-lfs.pack'
        with server.begin('POST', packs, 1 << 20, kind) as slow:
            assert statusof(slow) in (b'HTTP/1.1 408 Request Timeout', b'')


def test_a_slow_document_is_closed(gunicorn):
    with gunicorn(document=0.1) as server:
        for path in ('.git/info/lfs/objects/batch', '.git/info/lfs/locks'):
            with server.begin('POST', path, 4000) as slow:
                assert statusof(slow) in (b'HTTP/1.1 408 Request Timeout', b'')
        # refused bodies, too
        with server.begin('PUT', '.hg/lfs/objects/nonsense', 4000) as slow:
            assert statusof(slow) in (b'HTTP/1.1 404 Not Found', b'')


def test_a_body_at_the_required_rate_is_not_closed(gunicorn):
    with gunicorn(rate=1 << 10) as server:
        connection = server.begin('PUT', '.hg/lfs/objects/' + OID, len(CONTENT))
        with connection:
            connection.sendall(CONTENT[1:])
            assert statusof(connection).startswith(b'HTTP/1.1 400 ')  # it starts with {


SERVE = """
from mercurial import extensions
def extsetup(ui):
    from mercurial.hgweb import server
    pace = extensions.find(b'hglfs').__package__ + '.web.pace'
    import importlib
    module = importlib.import_module(pace)
    module.RATE, module.DOCUMENT, module.HEADERS = 1 << 20, 0.1, 0.1
"""


@pytest.fixture
def hgserve(site):
    (site / 'hurry.py').write_text(SERVE)
    with open(site / 'hgrc', 'a') as config:
        config.write('[extensions]\nhurry = %s\n' % (site / 'hurry.py'))
    port = freeport()
    command = [sys.executable, HG, '-R', str(site / 'repo'), 'serve']
    command += ['-p', str(port), '-a', '127.0.0.1']
    with running(command, port, site) as server:
        yield server


def test_hg_serve_closes_slow_bodies(hgserve):
    for method, path in (
        ('PUT', '.hg/lfs/objects/' + OID),
        ('POST', '.git/info/lfs/objects/batch'),
    ):
        with hgserve.begin(method, path, len(CONTENT)) as slow:
            assert statusof(slow) in (b'HTTP/1.1 408 Request Timeout', b'')


def test_hg_serve_closes_slow_headers(hgserve):
    for text in (b'GET / HT', b'GET / HTTP/1.1\r\nHost: local'):
        with hgserve.connect() as slow:
            slow.sendall(text)
            assert statusof(slow) == b''


def test_hg_serve_keeps_an_idle_connection(hgserve):
    connection = http.client.HTTPConnection('127.0.0.1', hgserve.port, timeout=ENOUGH)
    with contextlib.closing(connection):
        connection.connect()
        kept = connection.sock
        for _number in range(2):
            # the headers of another connection are late at the same time
            with hgserve.connect() as slow:
                slow.sendall(b'GET / HT')
                assert statusof(slow) == b''
            connection.request('GET', '/?cmd=capabilities')
            reply = connection.getresponse()
            assert reply.status == 200
            assert b'batch' in reply.read()
            assert connection.sock is kept
