"""``.hg/lfs/objects/OID``: one object, fetched or sent, whole or in parts.

Format: git-lfs ``docs/api/basic-transfers.md``; ranges of RFC 9110, section 14; of
tus (https://tus.io/protocols/resumable-upload, 1.0.0) ``HEAD`` and ``PATCH``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from mercurial.hgweb import common

from ..model.errors import BlobMangled, BlobMissing, RemoteError, StoreFailed
from ..model.oid import CHUNK, isoid
from ..server import ranges
from ..store import files
from ..store.partial import skipped
from . import replies

_PARTIAL = b'206 Partial Content'
_UNSATISFIABLE = 416
_LENGTHREQUIRED = 411
_CONFLICT = 409
_INSUFFICIENTSTORAGE = 507
_NOCONTENT = b'204 No Content'
_TUS = b'1.0.0'


def respond(box, req, res, checkperm) -> None:
    """Answers a transfer; raises ErrorResponse for whoever may not make it."""
    oid = req.dispatchparts[-1]
    resumed = req.headers.get(b'Tus-Resumable') is not None
    if len(req.dispatchparts) != 4 or not isoid(oid):
        replies.bare(res, common.HTTP_NOT_FOUND)
    elif req.method == b'PUT':
        checkperm(b'upload')
        _receive(box.store, oid, req, res)
    elif req.method == b'PATCH':
        checkperm(b'upload')
        _goon(box.store, oid, req, res)
    elif req.method == b'HEAD' and resumed:
        checkperm(b'upload')
        _tell(box.ownstore, oid, res)
    elif req.method in (b'GET', b'HEAD'):
        checkperm(b'pull')
        _send(box.ownstore, oid, req, res)
    else:
        reason = b'Unsupported LFS transfer method: %s' % req.method
        replies.bare(res, common.HTTP_METHOD_NOT_ALLOWED, reason)


def _send(store, oid: bytes, req, res) -> None:
    try:
        handle = store.open(oid)
    except BlobMissing:
        return replies.bare(res, common.HTTP_NOT_FOUND)
    except StoreFailed:
        return replies.bare(res, common.HTTP_SERVER_ERROR)
    size = os.fstat(handle.fileno()).st_size
    etag = b'"%s"' % oid
    asked = req.headers.get(b'Range')
    if req.headers.get(b'If-Range', etag) != etag:
        asked = None
    try:
        part = ranges.parse(asked, size) if asked and req.method == b'GET' else None
    except ranges.Unsatisfiable:
        handle.close()
        res.headers[b'Content-Range'] = b'bytes */%d' % size
        return replies.bare(res, _UNSATISFIABLE)
    res.status = common.statusmessage(common.HTTP_OK)
    start, end = part or (0, size)
    # a plain reply has what stock's has, and no more
    if part or req.method == b'HEAD':
        res.headers[b'ETag'] = etag
        res.headers[b'Accept-Ranges'] = b'bytes'
    if part:
        res.status = _PARTIAL
        res.headers[b'Content-Range'] = b'bytes %d-%d/%d' % (start, end - 1, size)
    res.headers[b'Content-Type'] = b'application/octet-stream'
    res.headers[b'Content-Length'] = b'%d' % (end - start)
    if req.method == b'HEAD':
        handle.close()
        res.setbodygen(iter(()))
    else:
        res.setbodygen(_stream(handle, start, end))


def _stream(handle: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with contextlib.closing(handle):
        handle.seek(start)
        while start < end:
            chunk = handle.read(min(CHUNK, end - start))
            if not chunk:  # cut short meanwhile: the length tells the client
                return
            start += len(chunk)
            yield chunk


def _receive(store, oid: bytes, req, res) -> None:
    length = _number(req.headers.get(b'Content-Length'))
    if length is None:
        return replies.bare(res, _LENGTHREQUIRED)
    existed = store.own.has(oid)
    with _refusing(res):
        store.ingest(files.readchunks(req.bodyfh), oid, length, durable=True)
        code = common.HTTP_OK if existed else common.HTTP_CREATED
        replies.bare(res, code)


def _tell(store, oid: bytes, res) -> None:
    """Says how much of an object has come."""
    size = store.size(oid)
    # all of one that isn't proven yet must not look like one that is there
    there = max(0, store.partial(oid) - 1) if size is None else size
    replies.bare(res, common.HTTP_OK)
    res.headers[b'Tus-Resumable'] = _TUS
    res.headers[b'Upload-Offset'] = b'%d' % there
    res.headers[b'Cache-Control'] = b'no-store'


def _goon(store, oid: bytes, req, res) -> None:
    """Takes in what is missing of an object."""
    offset = _number(req.headers.get(b'Upload-Offset'))
    length = _number(req.headers.get(b'Content-Length'))
    res.headers[b'Tus-Resumable'] = _TUS
    if offset is None or length is None:
        _drain(req)
        code = _LENGTHREQUIRED if length is None else common.HTTP_BAD_REQUEST
        return replies.bare(res, code)
    if store.own.partial(oid) < offset:
        _drain(req)
        return replies.bare(res, _CONFLICT, b'Not where the upload stands')

    def source(there: int) -> tuple[int, Iterable[bytes]]:
        if there < offset:  # somebody else is at it
            raise RemoteError(b'another upload of the object goes on')
        return there, skipped(files.readchunks(req.bodyfh), there - offset)

    with _refusing(res):
        store.receive(oid, offset + length, source, durable=True)
        replies.bare(res, common.HTTP_OK)
        res.status = _NOCONTENT
        res.headers[b'Upload-Offset'] = b'%d' % (offset + length)
    _drain(req)


@contextlib.contextmanager
def _refusing(res) -> Iterator[None]:
    """Answers where an object can't be taken in."""
    try:
        yield
    except BlobMangled as exc:
        # never 422: git-lfs takes that for success when it uploads
        replies.bare(res, common.HTTP_BAD_REQUEST, exc.message)
    except StoreFailed as exc:
        replies.bare(res, _INSUFFICIENTSTORAGE, exc.message)
    except RemoteError as exc:
        replies.bare(res, _CONFLICT, exc.message)


def _drain(req) -> None:
    """Reads what is left of a body, which core does for PUT and POST alone."""
    for _chunk in files.readchunks(req.bodyfh):
        pass


def _number(text: bytes | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 20 else None
