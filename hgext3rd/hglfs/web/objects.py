"""``GET`` and ``PUT .hg/lfs/objects/OID``: basic transfers.

Format: git-lfs ``docs/api/basic-transfers.md``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from mercurial.hgweb import common

from ..model.errors import BlobMangled, BlobMissing, StoreFailed
from ..model.oid import isoid
from ..store import files
from . import replies

_LENGTHREQUIRED = 411
_INSUFFICIENTSTORAGE = 507


def respond(box, req, res, checkperm) -> None:
    """Answers a transfer; raises ErrorResponse for whoever may not make it."""
    oid = req.dispatchparts[-1]
    if len(req.dispatchparts) != 4 or not isoid(oid):
        replies.bare(res, common.HTTP_NOT_FOUND)
    elif req.method == b'PUT':
        checkperm(b'upload')
        _receive(box.store, oid, req, res)
    elif req.method == b'GET':
        checkperm(b'pull')
        _send(box.ownstore, oid, res)
    else:
        reason = b'Unsupported LFS transfer method: %s' % req.method
        replies.bare(res, common.HTTP_METHOD_NOT_ALLOWED, reason)


def _send(store, oid: bytes, res) -> None:
    try:
        handle = store.open(oid)
    except BlobMissing:
        return replies.bare(res, common.HTTP_NOT_FOUND)
    except StoreFailed:
        return replies.bare(res, common.HTTP_SERVER_ERROR)
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = b'application/octet-stream'
    res.headers[b'Content-Length'] = b'%d' % os.fstat(handle.fileno()).st_size
    res.setbodygen(_stream(handle))


def _stream(handle) -> Iterator[bytes]:
    with contextlib.closing(handle):
        yield from files.readchunks(handle)


def _receive(store, oid: bytes, req, res) -> None:
    length = req.headers.get(b'Content-Length') or b''
    if not length.isdigit():
        return replies.bare(res, _LENGTHREQUIRED)
    existed = store.own.has(oid)
    try:
        store.ingest(files.readchunks(req.bodyfh), oid, int(length), durable=True)
    except BlobMangled as exc:
        # never 422: git-lfs takes that for success when it uploads
        return replies.bare(res, common.HTTP_BAD_REQUEST, exc.message)
    except StoreFailed as exc:
        return replies.bare(res, _INSUFFICIENTSTORAGE, exc.message)
    code = common.HTTP_OK if existed else common.HTTP_CREATED
    replies.bare(res, code)
