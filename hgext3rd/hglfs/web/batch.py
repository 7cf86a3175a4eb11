"""``POST .git/info/lfs/objects/batch``: the Batch API.

Format: git-lfs ``docs/api/batch.md``.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from http import HTTPStatus

from mercurial import encoding
from mercurial.hgweb import common

from ..lfs.blob import UPLOAD
from ..lfs.server import batch as answers
from ..lfs.wire import batch as wire
from ..lfs.wire.wirejson import WireError
from . import actionurls, bodies, gate, pace, replies

#: The longest request that is accepted, in bytes: more than 100,000 objects.
_MAXREQUEST = 16 << 20
#: The longest request that is answered without waiting, in bytes: 2,500 objects, more
#: than are in a request of a client that splits its requests.
_SMALL = 256 << 10
#: The longest reply that is sent with a Content-Length, in bytes; a longer one is
#: generated as it is sent.
_SHORT = 1 << 20
#: Limits the memory of large requests: the total of their sizes in bytes, how many more
#: requests may wait and for how many seconds. Each waiting request occupies a thread of
#: the web server.
_gate = gate.RequestLimit(16 << 20, waiting=2, patience=30.0)
_RETRYAFTER = b'2'


def respond(lfs, req, res, access) -> None:
    """Answer a batch request; raise ErrorResponse for invalid or forbidden ones."""
    access.check(b'pull')
    size = bodies.check_post(req, replies.JSON)
    if size > _MAXREQUEST:
        raise common.ErrorResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not bodies.accepted(req.headers.get(b'Accept')):
        raise common.ErrorResponse(common.HTTP_NOT_ACCEPTABLE)
    with contextlib.ExitStack() as stack:
        slot = _gate.enter(size) if size > _SMALL else gate.TransferSlot()
        if slot is None:
            res.headers[b'Retry-After'] = _RETRYAFTER
            raise common.ErrorResponse(HTTPStatus.SERVICE_UNAVAILABLE)
        stack.callback(slot.release)
        request = _read(lfs, req)
        if request.operation == UPLOAD:
            access.check(b'push')
        urls = actionurls.WebActionUrls(lfs.ui, req, access)
        pieces = answers.pieces(request, lfs.ownstore, urls, lfs.serving.limits)
        res.status = common.statusmessage(common.HTTP_OK)
        res.headers[b'Content-Type'] = replies.JSON
        first = _first_pieces(pieces)
        if sum(map(len, first)) < _SHORT:
            res.setbodybytes(b''.join(first))
        else:
            res.setbodygen(
                slot.through(pace.paced(req, itertools.chain(first, pieces)))
            )
            stack.pop_all()


def _first_pieces(pieces: Iterator[bytes]) -> list[bytes]:
    """Return all pieces of a short reply, or the first pieces of a long one."""
    first: list[bytes] = []
    size = 0
    for piece in pieces:
        first.append(piece)
        size += len(piece)
        if size >= _SHORT:
            break
    return first


def _read(lfs, req) -> wire.BatchRequest:
    """Parse a batch request; raise ErrorResponse where it is not supported."""
    most = lfs.serving.limits.objects
    try:
        request = wire.readrequest(bodies.document(lfs, req), most)
    except wire.TooMany as exc:
        reason = b'at most %d objects per request' % most
        raise common.ErrorResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason) from exc
    except WireError as exc:
        reason = encoding.strtolocal(str(exc))
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, reason) from exc
    if request.hash_algo != wire.SHA256:
        raise common.ErrorResponse(HTTPStatus.CONFLICT, b'only SHA-256 is supported')
    if not answers.supported(request):
        reason = b'Only the basic LFS transfer handler is supported'
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, reason)
    return request
