"""``GET .hg/lfs/metrics``: the server's counters for monitoring."""

from __future__ import annotations

from mercurial.hgweb import common

from ..lfs.blob import DOWNLOAD
from ..lfs.server import prometheus
from . import accounting


def respond(lfs, req, res, access) -> None:
    """Reply with the counters; raise ErrorResponse for users who may not read them."""
    allowed = lfs.settings.metrics
    if not allowed:
        raise common.ErrorResponse(common.HTTP_NOT_FOUND)
    access.admit(DOWNLOAD)
    if b'*' not in allowed and req.remoteuser not in allowed:
        code = common.HTTP_FORBIDDEN if req.remoteuser else common.HTTP_UNAUTHORIZED
        raise common.ErrorResponse(code, b'metrics not authorized')
    if req.method not in (b'GET', b'HEAD'):
        raise common.ErrorResponse(common.HTTP_METHOD_NOT_ALLOWED)
    counters = accounting.open_counters(lfs)
    body = prometheus.text(counters.read(), counters.countactive(), lfs.ownstore.room())
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = prometheus.TYPE
    res.headers[b'Cache-Control'] = b'no-store'
    return res.setbodybytes(b'' if req.method == b'HEAD' else body)
