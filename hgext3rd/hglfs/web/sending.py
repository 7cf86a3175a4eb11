"""Downloads: send objects to clients, or have the web server in front send them.

Format: git-lfs ``docs/api/basic-transfers.md``; ranges of RFC 9110, section 14;
``X-Accel-Redirect`` as nginx has it, ``X-Sendfile`` as Apache's mod_xsendfile.
"""

from __future__ import annotations

import os
import urllib.parse
from http import HTTPStatus
from typing import BinaryIO

from mercurial.hgweb import common

from ..lfs.errors import BlobMissing, StoreFailed
from ..lfs.server import ranges
from . import filebody, gate, pace

_PARTIAL = b'206 Partial Content'
_UNSATISFIABLE = b'416 Requested Range Not Satisfiable'
#: Seconds after which a client that was refused for too many transfers may retry: long
#: enough for an upload to finish, as some clients retry only eight times.
_RETRYAFTER = b'5'


def send(lfs, oid: bytes, stated: int | None, req, res) -> None:
    """Reply with an object or a part; ``stated`` is the size in the token, or None."""
    store = lfs.ownstore
    size = store.size(oid)
    if size is None or stated not in (None, size):
        raise common.ErrorResponse(common.HTTP_NOT_FOUND)
    res.headers[b'Content-Type'] = b'application/octet-stream'
    if req.method == b'GET' and _offload(lfs.serving, store.path(oid), res):
        return
    start, end = _extent(oid, size, req, res)
    if start > end:
        res.setbodybytes(b'')
        return
    res.headers[b'Content-Length'] = b'%d' % (end - start)
    if req.method == b'HEAD':
        res.setbodygen(iter(()))
        return
    transfer = begin_transfer(lfs, res)
    body = filebody.FileBody(_open(store, oid), start, end)
    res.setbodygen(transfer.through(pace.paced(req, body.chunks(req))))


def begin_transfer(lfs, res) -> gate.TransferSlot:
    """Return a slot for a transfer; raise ErrorResponse if too many are running."""
    transfer = gate.enter(lfs.serving.transfers, lfs.serving.waiting)
    if transfer is None:
        res.headers[b'Retry-After'] = _RETRYAFTER
        raise common.ErrorResponse(HTTPStatus.TOO_MANY_REQUESTS)
    return transfer


def _open(store, oid: bytes) -> BinaryIO:
    try:
        return store.open(oid)
    except BlobMissing as exc:
        raise common.ErrorResponse(common.HTTP_NOT_FOUND) from exc
    except StoreFailed as exc:
        raise common.ErrorResponse(common.HTTP_SERVER_ERROR) from exc


def _extent(oid: bytes, size: int, req, res) -> tuple[int, int]:
    """Set the reply's status and range headers; return the body's extent in bytes.

    The extent is (start, end) within the object; start > end means no body.
    """
    etag = b'"%s"' % oid
    asked = req.headers.get(b'Range') if req.method == b'GET' else None
    if req.headers.get(b'If-Range', etag) != etag:
        asked = None
    try:
        part = ranges.parse(asked, size) if asked else None
    except ranges.Unsatisfiable:
        res.status = _UNSATISFIABLE
        res.headers[b'Content-Range'] = b'bytes */%d' % size
        return 1, 0
    start, end = part or (0, size)
    res.status = _PARTIAL if part else common.statusmessage(common.HTTP_OK)
    # a reply without a range has exactly the headers of stock's
    if part or req.method == b'HEAD':
        res.headers[b'ETag'] = etag
        res.headers[b'Accept-Ranges'] = b'bytes'
    if part:
        res.headers[b'Content-Range'] = b'bytes %d-%d/%d' % (start, end - 1, size)
    return start, end


def _offload(serving, path: bytes, res) -> bool:
    """Have the web server in front send a file; return whether it does."""
    inside = path.startswith(os.path.join(serving.root, b''))
    if serving.offload is None or not inside:
        return False
    if serving.prefix:
        below = os.path.relpath(path, serving.root)
        path = urllib.parse.quote(os.path.join(serving.prefix, below)).encode('ascii')
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[serving.offload] = path
    res.setbodybytes(b'')
    return True
