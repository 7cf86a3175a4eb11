"""``GET .hg/lfs/metrics``: counters for those who watch over the server."""

from __future__ import annotations

from mercurial.hgweb import common

from ..lfs.blob import DOWNLOAD
from ..lfs.server import prometheus
from . import accounting


def respond(lfs, req, res, access) -> None:
    """Answers with the counters; raises ErrorResponse for whoever may not ask."""
    allowed = lfs.settings.metrics
    if not allowed:
        raise common.ErrorResponse(common.HTTP_NOT_FOUND)
    access.admit(DOWNLOAD)
    if b'*' not in allowed and req.remoteuser not in allowed:
        known = common.HTTP_FORBIDDEN if req.remoteuser else common.HTTP_UNAUTHORIZED
        raise common.ErrorResponse(known, b'metrics not authorized')
    if req.method not in (b'GET', b'HEAD'):
        raise common.ErrorResponse(common.HTTP_METHOD_NOT_ALLOWED)
    counters = accounting.of(lfs)
    body = prometheus.text(counters.read(), counters.countactive(), lfs.ownstore.room())
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = prometheus.TYPE
    res.headers[b'Cache-Control'] = b'no-store'
    return res.setbodybytes(b'' if req.method == b'HEAD' else body)
