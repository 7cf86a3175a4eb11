"""``POST .git/info/lfs/objects/batch``."""

from __future__ import annotations

from mercurial import encoding
from mercurial.hgweb import common

from ..model import batch as wire
from ..model.blob import UPLOAD
from ..model.wirejson import WireError
from ..server import batch as answers
from . import bodies, places, replies

#: The longest request that is read, in bytes: tens of thousands of objects.
_MAXREQUEST = 8 << 20
_CONFLICT = 409


def respond(box, req, res, access) -> None:
    """Answers a batch request; raises ErrorResponse for whoever may not ask."""
    access.check(b'pull')
    body = bodies.lfsjson(req, _MAXREQUEST)
    if not bodies.accepted(req.headers.get(b'Accept')):
        raise common.ErrorResponse(common.HTTP_NOT_ACCEPTABLE)
    try:
        request = wire.decoderequest(body)
    except WireError as exc:
        reason = encoding.strtolocal(str(exc))
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, reason) from exc
    limits = box.serving.limits
    if limits.objects and len(request.refs) > limits.objects:
        reason = b'At most %d objects a request' % limits.objects
        raise common.ErrorResponse(bodies.TOOLARGE, reason)
    if request.hash_algo != wire.SHA256:
        raise common.ErrorResponse(_CONFLICT, b'Only SHA-256 is supported')
    if not answers.supported(request):
        reason = b'Only the basic LFS transfer handler is supported'
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, reason)
    if request.operation == UPLOAD:
        access.check(b'push')
    known = places.WebPlaces(box.ui, req, access)
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = replies.JSON
    res.setbodybytes(answers.answer(request, box.ownstore, known, limits))
