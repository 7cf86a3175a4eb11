"""The LFS server in hgweb, asked as any web server asks: by WSGI."""

from __future__ import annotations

import io
import json
import sys

import pytest
from mercurial import commands, extensions, hg, templatekw
from mercurial import ui as uimod
from mercurial.hgweb import hgweb_mod
from support.blobs import oidof

# an extension is set up in a Mercurial that has loaded what it adds to
assert commands
assert templatekw

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT).decode('ascii')
JSON = 'application/vnd.git-lfs+json'


class Web:
    """Asks an hgweb; ``get``, ``put`` and ``batch`` return (status, headers, body)."""

    def __init__(self, app) -> None:
        self._app = app

    def ask(self, method: str, path: str, body: bytes = b'', **environ: str):
        answered = []
        environ = {
            'REQUEST_METHOD': method,
            'PATH_INFO': path,
            'SCRIPT_NAME': '',
            'QUERY_STRING': '',
            'SERVER_NAME': 'localhost',
            'SERVER_PORT': '80',
            'SERVER_PROTOCOL': 'HTTP/1.1',
            'REMOTE_ADDR': '127.0.0.1',
            'CONTENT_LENGTH': str(len(body)),
            'CONTENT_TYPE': JSON,
            'HTTP_ACCEPT': JSON,
            'wsgi.url_scheme': 'http',
            'wsgi.version': (1, 0),
            'wsgi.input': io.BytesIO(body),
            'wsgi.errors': sys.stderr,
            'wsgi.multithread': False,
            'wsgi.multiprocess': False,
            'wsgi.run_once': False,
            **environ,
        }
        chunks = self._app(environ, lambda *args: answered.extend(args))
        read = b''.join(chunks)
        status, headers = answered[:2]
        assert '\r' not in status
        assert '\n' not in status
        return status, dict(headers), read

    def batch(self, request: object, **environ: str):
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        return self.ask('POST', '/.git/info/lfs/objects/batch', body, **environ)

    def put(self, oid: str, body: bytes, **environ: str):
        return self.ask('PUT', '/.hg/lfs/objects/' + oid, body, **environ)

    def get(self, oid: str):
        return self.ask('GET', '/.hg/lfs/objects/' + oid)


@pytest.fixture
def web(folder):
    ui = uimod.ui.load()
    for section, name, value in [
        (b'extensions', b'hglfs', b''),
        (b'web', b'push_ssl', b'no'),
        (b'web', b'allow-push', b'*'),
        (b'lfs', b'usercache', folder + b'/cache'),
    ]:
        ui.setconfig(section, name, value)
    extensions.loadall(ui)
    extensions.populateui(ui)
    hg.repository(ui, folder + b'/repo', create=True)
    return Web(hgweb_mod.hgweb(folder + b'/repo', baseui=ui))


def about(operation: object, oid: object = OID, size: object = len(CONTENT)) -> dict:
    return {'operation': operation, 'objects': [{'oid': oid, 'size': size}]}


def test_what_is_put_can_be_got(web):
    assert web.put(OID, CONTENT)[0] == '201 Created'
    assert web.put(OID, CONTENT)[0] == '200 OK'
    status, headers, body = web.get(OID)
    assert (status, body) == ('200 OK', CONTENT)
    assert headers['Content-Length'] == str(len(CONTENT))


def test_a_batch_names_what_to_do(web):
    (item,) = json.loads(web.batch(about('upload'))[2])['objects']
    assert item['actions']['upload']['href'].endswith('/.hg/lfs/objects/' + OID)
    (item,) = json.loads(web.batch(about('download'))[2])['objects']
    assert item['error']['code'] == 404
    web.put(OID, CONTENT)
    (item,) = json.loads(web.batch(about('download'))[2])['objects']
    assert item['actions']['download']['href'].endswith('/.hg/lfs/objects/' + OID)


@pytest.mark.parametrize('body', [b'', CONTENT[1:], CONTENT + b'!', b'A' + CONTENT[1:]])
def test_what_is_not_the_blob_is_not_kept_and_never_answered_422(web, body):
    """With 422, git-lfs would go on as if it had been taken."""
    status = web.put(OID, body)[0]
    assert status.startswith('400 ')
    assert web.get(OID)[0] == '404 Not Found'


def test_a_body_shorter_than_announced_is_not_kept(web):
    status = web.put(OID, CONTENT, CONTENT_LENGTH=str(len(CONTENT) + 1))[0]
    assert status.startswith('400 ')
    assert web.get(OID)[0] == '404 Not Found'


def test_a_body_without_a_length_is_refused(web):
    assert web.put(OID, CONTENT, CONTENT_LENGTH='')[0].startswith('411 ')


@pytest.mark.parametrize(
    'oid', ['', '..', '../' + OID, OID.upper(), OID + '/x', 'a' * 63]
)
def test_what_is_no_oid_is_not_found(web, oid):
    assert web.get(oid)[0] == '404 Not Found'
    assert web.put(oid, CONTENT)[0] == '404 Not Found'


@pytest.mark.parametrize(
    ('environ', 'code'),
    [
        ({'CONTENT_TYPE': 'application/json'}, '415'),
        ({'CONTENT_TYPE': JSON + '; charset=utf-8'}, '200'),
        ({'HTTP_ACCEPT': 'text/html'}, '406'),
        ({'HTTP_ACCEPT': JSON + '; charset=utf-8'}, '200'),
        ({'HTTP_ACCEPT': '*/*'}, '200'),
    ],
)
def test_media_types(web, environ, code):
    assert web.batch(about('upload'), **environ)[0].startswith(code)


@pytest.mark.parametrize(
    'request_',
    [
        b'',
        b'{',
        b'[]',
        b'[' * 100000,
        about('verify'),
        about(None),
        about('upload', oid='../../etc/passwd'),
        about('upload', oid='\u4e2d'),
        about('upload', size=True),
        about('upload', size=-1),
        {**about('upload'), 'transfers': ['tus']},
        about('caf\xe9'),
        about('\ud800'),
        about('x\r\nSet-Cookie: a=b'),
        about('upload', oid='\udc41'),
        about('upload', oid='\r\n'),
    ],
)
def test_a_request_that_makes_no_sense_is_a_bad_request(web, request_):
    assert web.batch(request_)[0].startswith('400 ')
