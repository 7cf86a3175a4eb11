"""Uploads: receive objects from clients.

Format: git-lfs ``docs/api/basic-transfers.md``; of tus
(https://tus.io/protocols/resumable-upload, 1.0.0) ``HEAD`` and ``PATCH``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from mercurial.hgweb import common

from ..lfs.errors import BlobMangled, BlobTooLarge, RemoteError, StoreFailed
from ..lfs.store.partial import ended, skipped
from ..lfs.wire.batch import decoderef
from ..lfs.wire.wirejson import WireError
from . import bodies, replies, sending

_NOCONTENT = b'204 No Content'
_TUS = b'1.0.0'
#: The longest body of a request to verify an upload, in bytes.
_MAXREF = 4096


def put(lfs, oid: bytes, stated: int | None, req, res) -> None:
    """Receive a whole object; ``stated`` is the size in the client's token, or None."""
    length = bodies.length(req)
    _checksize(lfs, oid, length, stated)
    existed = lfs.intake.size(oid) is not None
    transfer = sending.begin_transfer(lfs, res)
    with _translate_errors():
        chunks = transfer.through(bodies.chunks(req))
        lfs.intake.ingest(chunks, oid, length, durable=True)
    replies.bare(res, common.HTTP_OK if existed else common.HTTP_CREATED)


def send_offset(lfs, oid: bytes, stated: int | None, req, res) -> None:
    """Reply with the offset of an upload: how many bytes have been received."""
    size = lfs.intake.size(oid)
    # a complete upload that is not verified yet must not look like a stored object
    there = max(0, lfs.intake.partial(oid) - 1) if size is None else size
    replies.bare(res, common.HTTP_OK)
    res.headers[b'Tus-Resumable'] = _TUS
    res.headers[b'Upload-Offset'] = b'%d' % there
    res.headers[b'Cache-Control'] = b'no-store'


def resume(lfs, oid: bytes, stated: int | None, req, res) -> None:
    """Receive the rest of an object, from the offset that the request states."""
    length = bodies.length(req)
    offset = bodies.number(req.headers.get(b'Upload-Offset'))
    res.headers[b'Tus-Resumable'] = _TUS
    if offset is None:
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST)
    size = offset + length
    _checksize(lfs, oid, size, stated)
    if lfs.intake.partial(oid) < offset:
        raise common.ErrorResponse(
            HTTPStatus.CONFLICT, b'Upload-Offset is past what has arrived'
        )
    transfer = sending.begin_transfer(lfs, res)

    def source(there: int) -> tuple[int, Iterable[bytes]]:
        if there < offset:  # a concurrent upload has changed the partial file
            raise RemoteError(b'another upload of the object is in progress')
        body = transfer.through(bodies.chunks(req))
        return there, skipped(_whole(body, oid, offset, size), there - offset)

    with _translate_errors():
        lfs.intake.receive(oid, size, source, durable=True)
    replies.bare(res, common.HTTP_OK)
    res.status = _NOCONTENT
    res.headers[b'Upload-Offset'] = b'%d' % size


def _whole(
    chunks: Iterable[bytes], oid: bytes, offset: int, size: int
) -> Iterator[bytes]:
    """Yield the object from ``offset`` on; raise ReplyBroken where it ends early."""
    found = offset
    for chunk in chunks:
        found += len(chunk)
        yield chunk
    if found < size:
        raise ended(oid, found, size)


METHODS = {b'PUT': put, b'PATCH': resume, b'HEAD': send_offset}


def verify(lfs, req, res, access) -> None:
    """Verify an upload: raise ErrorResponse unless the object is stored in full."""
    access.admit('upload')
    try:
        ref = decoderef(bodies.lfsjson(lfs, req, _MAXREF))
    except WireError as exc:
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST) from exc
    # never 422: git-lfs treats that as success
    if lfs.intake.size(ref.oid) != ref.size:
        raise common.ErrorResponse(common.HTTP_NOT_FOUND)
    replies.bare(res, common.HTTP_OK)


def _checksize(lfs, oid: bytes, size: int, stated: int | None) -> None:
    """Refuse an upload before its body is read: wrong size, too large, or no space."""
    if stated not in (None, size):
        raise common.ErrorResponse(
            common.HTTP_BAD_REQUEST, b'the size differs from the announced one'
        )
    with _translate_errors():
        lfs.intake.check(oid, size)


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate errors of the store into ErrorResponse."""
    try:
        yield
    except BlobMangled as exc:
        # never 422: git-lfs treats that as a successful upload
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, exc.message) from exc
    except BlobTooLarge as exc:
        raise common.ErrorResponse(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, exc.message
        ) from exc
    except StoreFailed as exc:
        raise common.ErrorResponse(
            HTTPStatus.INSUFFICIENT_STORAGE, exc.message
        ) from exc
    except RemoteError as exc:
        raise common.ErrorResponse(HTTPStatus.CONFLICT, exc.message) from exc
