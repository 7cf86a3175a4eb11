"""``.hg/lfs/objects/OID``: download or upload one object, whole or in parts."""

from __future__ import annotations

from mercurial.hgweb import common

from ..lfs.blob import DOWNLOAD, UPLOAD
from ..lfs.oid import isoid
from . import receiving, sending


def respond(lfs, req, res, access) -> None:
    """Answer a transfer request; raise ErrorResponse for invalid or forbidden ones."""
    oid = req.dispatchparts[-1]
    resumed = req.headers.get(b'Tus-Resumable') is not None
    if len(req.dispatchparts) != 4 or not isoid(oid):
        raise common.ErrorResponse(common.HTTP_NOT_FOUND)
    if req.method in (b'PUT', b'PATCH') or (req.method == b'HEAD' and resumed):
        size = access.admit(UPLOAD, oid)
        receiving.METHODS[req.method](lfs, oid, size, req, res)
    elif req.method in (b'GET', b'HEAD'):
        size = access.admit(DOWNLOAD, oid)
        sending.send(lfs, oid, size, req, res)
    else:
        reason = b'Unsupported LFS transfer method: %s' % req.method
        raise common.ErrorResponse(common.HTTP_METHOD_NOT_ALLOWED, reason)
