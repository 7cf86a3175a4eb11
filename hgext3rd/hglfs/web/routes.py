"""Which requests are for us, and who answers them."""

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

#: What each counts as.
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
    """Answers a request if it is one of ours; tells whether it was.

    ``checkperm(rctx, req, operation)`` raises hgweb's ErrorResponse for whoever
    may not do what is asked for.
    """
    respond = _route(req.dispatchpath or b'')
    lfs = lfsrepo.get(rctx.repo) if respond else None
    if respond is None or lfs is None or not lfs.settings.serve:
        return False
    access = Access(checkperm, rctx, req, lfs.serving.keyfile)
    with accounting.watched(lfs, _NAMES[respond], req, res, access) as counted:
        _respond(respond, lfs, req, counted, access)
    return True


def _respond(respond, lfs, req, res, access) -> None:
    if not bodies.mediatype(req.headers.get(b'Accept')).startswith(_LFSMEDIA):
        # a browser, perhaps: a blob is not to be taken for a page or script of this
        # site. What LFS clients get has the headers of stock's reply, and no more
        res.headers[b'X-Content-Type-Options'] = b'nosniff'
    tell = replies.bare if req.method == b'HEAD' else replies.failure
    try:
        bodies.checksite(req)
        respond(lfs, req, res, access)
    except common.ErrorResponse as exc:
        for name, value in exc.headers:
            res.headers[name] = value
        tell(res, exc.code, pycompat.bytestr(exc))
    except error.Abort as exc:  # the operator's to mend
        lfs.ui.warn(b'%s\n' % exc.message)
        tell(res, common.HTTP_SERVER_ERROR)
    bodies.leave(lfs, req, res)


def _route(path: bytes):
    if path.startswith(_OBJECTS):
        return objects.respond
    if path.startswith(_LOCKS + b'/'):
        return locks.respond
    return _ROUTES.get(path)
