"""Routes of the LFS server: dispatch requests to their handlers."""

from __future__ import annotations

from mercurial import error, pycompat
from mercurial.hgweb import common

from ..hg import lfsrepo
from . import (
    accounting,
    batch,
    bodies,
    locks,
    metrics,
    objects,
    receiving,
    replies,
    smallblobs,
)
from .access import Access

_LOCKS = b'.git/info/lfs/locks'
_OBJECTS = b'.hg/lfs/objects/'
_LFSMEDIA = b'application/vnd.git-lfs'
_ROUTES = {
    b'.git/info/lfs/objects/batch': batch.respond,
    b'.hg/lfs/packs/download': smallblobs.download,
    b'.hg/lfs/packs/upload': smallblobs.upload,
    b'.hg/lfs/metrics': metrics.respond,
    b'.hg/lfs/verify': receiving.verify,
    _LOCKS: locks.respond,
    _OBJECTS[:-1]: objects.respond,
}

#: The name of each handler in the counters.
_NAMES = {
    batch.respond: 'batch',
    locks.respond: 'locks',
    objects.respond: 'objects',
    smallblobs.download: 'packs',
    smallblobs.upload: 'packs',
    receiving.verify: 'verify',
    metrics.respond: 'metrics',
}


def handle(rctx, req, res, checkperm) -> bool:
    """Answer a request if it is for the LFS server; return whether it was.

    ``checkperm(rctx, req, operation)`` raises hgweb's ErrorResponse where the user may
    not perform the operation.
    """
    respond = _route(req.dispatchpath or b'')
    lfs = lfsrepo.get(rctx.repo) if respond else None
    if respond is None or lfs is None or not lfs.settings.serve:
        return False
    access = Access(checkperm, rctx, req, lfs.serving.keyfile)
    with accounting.account_for(lfs, _NAMES[respond], req, res, access) as counted:
        _respond(respond, lfs, req, counted, access)
    return True


def _respond(respond, lfs, req, res, access) -> None:
    if not bodies.mediatype(req.headers.get(b'Accept')).startswith(_LFSMEDIA):
        # may be a browser, which must not take a blob for a page or script of this
        # site. Replies to LFS clients have exactly the headers of stock's
        res.headers[b'X-Content-Type-Options'] = b'nosniff'
    fail = replies.bare if req.method == b'HEAD' else replies.failure
    try:
        bodies.checksite(req)
        respond(lfs, req, res, access)
    except common.ErrorResponse as exc:
        for name, value in exc.headers:
            res.headers[name] = value
        fail(res, exc.code, pycompat.bytestr(exc))
    except error.Abort as exc:  # the server is misconfigured
        lfs.ui.warn(b'%s\n' % exc.message)
        fail(res, common.HTTP_SERVER_ERROR)
    bodies.discard_rest(lfs, req, res)


def _route(path: bytes):
    if path.startswith(_OBJECTS):
        return objects.respond
    if path.startswith(_LOCKS + b'/'):
        return locks.respond
    return _ROUTES.get(path)
