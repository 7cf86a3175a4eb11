"""LFS requests to hgwebdir, answered by hgweb instances that are kept open.

Core's hgwebdir opens a repository for every request and runs the garbage collector
afterwards: a hundred times the cost of replying to a request for an object.
"""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable, Iterable

from mercurial import error
from mercurial.hgweb import hgweb_mod
from mercurial.hgweb import request as requests

from ..hg import compat

_MARKS = ('/.hg/lfs/', '/.git/info/lfs/')
#: For each hgwebdir, by a repository's path: the stamp of its configuration, and its
#: hgweb.
_opened: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()
_opening = threading.Lock()


def respond(orig: Callable, directory, env: dict, start: Callable) -> Iterable[bytes]:
    """Answer LFS requests by an hgweb that is kept open; pass all others to core."""
    name = _nameof(env)
    app = _appof(directory, name) if name else None
    if app is None:
        return orig(directory, env, start)
    baseurl = directory.ui.config(b'web', b'baseurl')
    req = requests.parserequestfromenv(env, reponame=name, altbaseurl=baseurl)
    return app.run_wsgi(req, requests.wsgiresponse(req, start))


def _nameof(env: dict) -> bytes:
    """Return the repository's name in an LFS request, b'' for other requests."""
    path = env.get('PATH_INFO', '')
    ends = [path.find(mark) for mark in _MARKS if mark in path]
    if not ends or 'REPO_NAME' in env:
        return b''
    return path[: min(ends)].strip('/').encode('latin-1')


def _appof(directory, name: bytes):
    """Return the hgweb of a repository, or None where there is no such repository."""
    directory.refresh()
    path = dict(directory.repos).get(name)
    if not path:
        return None
    # as in core, changed permissions in an hgrc apply at once, and changes of included
    # files when hgwebdir next looks for repositories
    stamp = (directory.lastrefresh, _stampof(os.path.join(path, b'.hg', b'hgrc')))
    with _opening:
        kept = _opened.setdefault(directory, {})
        if kept.get(path, (None,))[0] != stamp:
            if kept.pop(path, None):
                gc.collect()  # repositories are in reference cycles
            kept[path] = (stamp, _open(directory, path))
        return kept[path][1]


def _open(directory, path: bytes):
    try:
        repo = compat.openrepository(directory.ui.copy(), path)
    except (error.RepoError, OSError):  # core reports the error
        return None
    return hgweb_mod.hgweb(repo)


def _stampof(path: bytes) -> tuple[int, ...] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
