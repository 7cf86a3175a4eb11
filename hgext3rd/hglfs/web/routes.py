"""Which requests are for us, and who answers them."""

from __future__ import annotations

import functools

from mercurial import pycompat
from mercurial.hgweb import common

from ..bridge import repolfs
from . import batch, objects, packs

_BATCH = b'.git/info/lfs/objects/batch'
_OBJECTS = b'.hg/lfs/objects/'
_PACKS = {
    b'.hg/lfs/packs/download': packs.download,
    b'.hg/lfs/packs/upload': packs.upload,
}


def handle(rctx, req, res, checkperm) -> bool:
    """Answers a request if it is one of ours; tells whether it was.

    ``checkperm(rctx, req, operation)`` raises hgweb's ErrorResponse for whoever
    may not do what is asked for.
    """
    respond = _route(req.dispatchpath or b'')
    box = repolfs.of(rctx.repo) if respond else None
    if respond is None or box is None or not box.settings.serve:
        return False
    try:
        respond(box, req, res, functools.partial(_check, checkperm, rctx, req))
    except common.ErrorResponse as exc:
        for name, value in exc.headers:
            res.headers[name] = value
        res.status = common.statusmessage(exc.code, pycompat.bytestr(exc))
        res.setbodybytes(b'0\n%s\n' % pycompat.bytestr(exc))
    return True


def _check(checkperm, rctx, req, operation: bytes) -> None:
    # hgweb takes nothing but a PUT for the upload of a large file
    checkperm(rctx, _Put(req) if operation == b'upload' else req, operation)


class _Put:
    """A request that uploads, as hgweb knows it."""

    method = b'PUT'

    def __init__(self, req) -> None:
        self._req = req

    def __getattr__(self, name: str):
        return getattr(self._req, name)


def _route(path: bytes):
    if path == _BATCH:
        return batch.respond
    if path in _PACKS:
        return _PACKS[path]
    if path.startswith(_OBJECTS) or path == _OBJECTS[:-1]:
        return objects.respond
    return None
