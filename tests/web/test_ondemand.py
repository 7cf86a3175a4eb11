"""hgweb as most WSGI scripts make it: with Mercurial's demand loading enabled."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.processes import python

CONTENT = b'content of a large file\n'
OID = hashlib.sha256(CONTENT).hexdigest()

_PENDING = """
import importlib.util, sys
from mercurial import demandimport
demandimport.enable()
from mercurial import extensions, hgweb, ui as uimod
extensions.loadall(uimod.ui.load())
hgweb.%s
lazy = importlib.util._LazyModule
print([name for name, each in list(sys.modules.items()) if isinstance(each, lazy)])
"""

_SCRIPT = """
import io, sys
from mercurial import demandimport
demandimport.enable()
from mercurial.hgweb import hgweb

app = hgweb(sys.argv[1].encode())
sent = []
def wrapper(handle, size):
    sent.append(handle.fileno())
    return [handle.read(size)]
for number in range(2):
    environ = {
        'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'QUERY_STRING': '',
        'PATH_INFO': sys.argv[2], 'SERVER_NAME': 'localhost', 'SERVER_PORT': '80',
        'SERVER_PROTOCOL': 'HTTP/1.1', 'wsgi.version': (1, 0),
        'wsgi.url_scheme': 'http', 'wsgi.input': io.BytesIO(),
        'wsgi.errors': sys.stderr, 'wsgi.multithread': True,
        'wsgi.multiprocess': False, 'wsgi.run_once': False,
        'wsgi.file_wrapper': wrapper,
    }
    body = b''.join(app(environ, lambda status, headers, *args: None))
print(body.decode().strip(), len(sent))
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return the folder of a repository with a blob, and of its configuration."""
    blob = tmp_path / 'repo/.hg/store/lfs/objects' / OID[:2] / OID[2:]
    blob.parent.mkdir(parents=True)
    blob.write_bytes(CONTENT)
    (tmp_path / 'repo/.hg/requires').write_text('revlogv1\nstore\n')
    config = '[paths]\nmany = %s\n[extensions]\nhglfs =\n' % (tmp_path / '*')
    (tmp_path / 'web.conf').write_text(config)
    return tmp_path


@pytest.mark.parametrize('many', [False, True], ids=['one', 'many'])
def test_files_are_sent_by_the_wsgi_file_wrapper(folder, many):
    place = folder / ('web.conf' if many else 'repo')
    path = ('/many/repo' if many else '') + '/.hg/lfs/objects/' + OID
    config = str(folder / 'web.conf')
    shown = python(_SCRIPT, str(place), path, HGRCPATH=config)
    said, sent = shown.rsplit(None, 1)
    assert said == CONTENT.decode().strip()
    # the first request to one of several may be the one that loads the extension
    assert int(sent) in ((1, 2) if many else (2,))


@pytest.mark.parametrize('module', ['hgweb_mod.hgweb', 'hgwebdir_mod.hgwebdir'])
def test_threads_find_no_module_half_loaded(folder, module):
    config = str(folder / 'web.conf')
    assert python(_PENDING % module, HGRCPATH=config).strip() == '[]'
