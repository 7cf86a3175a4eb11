"""Which requests are for us, and who answers them."""

from __future__ import annotations

from mercurial import pycompat
from mercurial.hgweb import common

from ..bridge import repolfs
from . import batch, objects

_BATCH = b'.git/info/lfs/objects/batch'
_OBJECTS = b'.hg/lfs/objects/'


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
        respond(box, req, res, lambda operation: checkperm(rctx, req, operation))
    except common.ErrorResponse as exc:
        for name, value in exc.headers:
            res.headers[name] = value
        res.status = common.statusmessage(exc.code, pycompat.bytestr(exc))
        res.setbodybytes(b'0\n%s\n' % pycompat.bytestr(exc))
    return True


def _route(path: bytes):
    if path == _BATCH:
        return batch.respond
    if path.startswith(_OBJECTS) or path == _OBJECTS[:-1]:
        return objects.respond
    return None
