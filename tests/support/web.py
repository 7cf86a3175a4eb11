"""The LFS server in hgweb, called by WSGI as a web server does."""

from __future__ import annotations

import io
import json
import sys

from mercurial import commands, extensions, hg, templatekw
from mercurial import ui as uimod
from mercurial.hgweb import hgweb_mod, hgwebdir_mod
from mercurial.hgweb import request as hgrequest

from support.blobs import oidof

# an extension is set up after Mercurial has loaded the modules it extends
assert commands
assert templatekw

JSON = 'application/vnd.git-lfs+json'
PACK = 'application/vnd.hg-lfs.pack'
#: The blob of most requests, and its oid.
CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT).decode('ascii')


def known(user: str) -> bytes:
    """Return what Mercurial makes of a user's name in a WSGI environment.

    Up to 6.3 that differs from PEP 3333 for names that are not ASCII.
    """
    environ = {
        'REQUEST_METHOD': 'GET',
        'SERVER_NAME': 'localhost',
        'SERVER_PORT': '80',
        'SCRIPT_NAME': '',
        'PATH_INFO': '/',
        'QUERY_STRING': '',
        'REMOTE_USER': user,
        'wsgi.url_scheme': 'http',
        'wsgi.input': io.BytesIO(),
    }
    return hgrequest.parserequestfromenv(environ).remoteuser


class Web:
    """Call an hgweb; ``get``, ``put`` and ``batch`` return (status, headers, body)."""

    def __init__(self, app, prefix: str = '') -> None:
        self._app = app
        self._prefix = prefix
        #: in the environment of every request
        self.always: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b'', **environ: str):
        answered = []
        environ = {
            'REQUEST_METHOD': method,
            'PATH_INFO': self._prefix + path,
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
            **self.always,
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

    def get(self, oid: str, **environ: str):
        return self.ask('GET', '/.hg/lfs/objects/' + oid, **environ)

    def head(self, oid: str):
        """Return the offset of an upload, or None."""
        path = '/.hg/lfs/objects/' + oid
        _status, headers, _body = self.ask('HEAD', path, HTTP_TUS_RESUMABLE='1.0.0')
        return headers.get('Upload-Offset')

    def patch(self, oid: str, body: bytes, offset: object, **environ: str):
        path = '/.hg/lfs/objects/' + oid
        environ = {'HTTP_TUS_RESUMABLE': '1.0.0', **environ}
        if offset is not None:
            environ['HTTP_UPLOAD_OFFSET'] = str(offset)
        return self.ask('PATCH', path, body, **environ)[0]

    def packs(self, direction: str, body: bytes, **environ: str):
        environ = {'CONTENT_TYPE': PACK, **environ}
        return self.ask('POST', '/.hg/lfs/packs/' + direction, body, **environ)


def serve(folder: bytes, *items: tuple[bytes, bytes, bytes], new: bool = True) -> Web:
    """Serve a repository, with some configuration."""
    ui = configured(folder, *items)
    if new:
        hg.repository(ui, folder + b'/repo', create=True)
    return Web(hgweb_mod.hgweb(folder + b'/repo', baseui=ui))


def servemany(folder: bytes, *items: tuple[bytes, bytes, bytes]) -> Web:
    """Serve the repositories of a folder, with some configuration; ask for one."""
    ui = configured(folder, *items)
    for name in (b'repo', b'other'):
        hg.repository(ui, folder + b'/many/' + name, create=True)
    return Web(hgwebdir_mod.hgwebdir({b'/': folder + b'/many/*'}, ui), '/repo')


def configured(folder: bytes, *items: tuple[bytes, bytes, bytes], pushers=b'*'):
    """Return a ui with hg-lfs and some configuration, which overrides any hgrc."""
    ui = uimod.ui.load()
    for section, name, value in [
        (b'extensions', b'hglfs', b''),
        (b'web', b'push_ssl', b'no'),
        *([(b'web', b'allow-push', pushers)] if pushers else []),
        (b'lfs', b'usercache', folder + b'/cache'),
        *items,
    ]:
        ui.setconfig(section, name, value)
    extensions.loadall(ui)
    extensions.populateui(ui)
    return ui
