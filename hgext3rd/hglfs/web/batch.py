"""``POST .git/info/lfs/objects/batch``."""

from __future__ import annotations

import datetime
import urllib.parse

from mercurial import encoding
from mercurial.hgweb import common

from ..model import batch as wire
from ..model.blob import UPLOAD
from ..server import batch as answers
from . import replies

#: The longest request that is read, in bytes: tens of thousands of objects.
_MAXREQUEST = 8 << 20
#: How many objects one request may name; git-lfs and we name 100.
_MAXOBJECTS = 1000
_CONFLICT = 409
_JSON = (wire.MEDIATYPE.encode('ascii'), b'application/json', b'*/*')


def respond(box, req, res, checkperm) -> None:
    """Answers a batch request; raises ErrorResponse for whoever may not ask."""
    checkperm(b'pull')
    if req.method != b'POST':
        return replies.bare(res, common.HTTP_METHOD_NOT_ALLOWED)
    if _mediatype(req.headers.get(b'Content-Type')) != _JSON[0]:
        return replies.bare(res, common.HTTP_UNSUPPORTED_MEDIA_TYPE)
    if not _accepted(req.headers.get(b'Accept')):
        return replies.bare(res, common.HTTP_NOT_ACCEPTABLE)
    body = req.bodyfh.read(_MAXREQUEST + 1)
    if len(body) > _MAXREQUEST:
        return replies.bare(res, 413)
    try:
        request = wire.decoderequest(body)
    except wire.WireError as exc:
        reason = encoding.strtolocal(str(exc))
        return replies.bare(res, common.HTTP_BAD_REQUEST, reason)
    if len(request.refs) > _MAXOBJECTS:
        return replies.bare(res, 413)
    if request.hash_algo != wire.SHA256:
        return replies.bare(res, _CONFLICT, b'Only SHA-256 is supported')
    if not answers.supported(request):
        reason = b'Only the basic LFS transfer handler is supported'
        return replies.bare(res, common.HTTP_BAD_REQUEST, reason)
    if request.operation == UPLOAD:
        checkperm(b'push')
    _answer(box, req, res, request)


def _answer(box, req, res, request: wire.BatchRequest) -> None:
    # what web.baseurl says, or else what this client addressed
    known = box.ui.config(b'web', b'baseurl')
    host = req.advertisedbaseurl if known else req.baseurl
    base = encoding.strfromlocal(host) + urllib.parse.quote(req.apppath)
    reply = answers.answer(
        request,
        box.ownstore,
        lambda oid: '%s/.hg/lfs/objects/%s' % (base, oid.decode('ascii')),
        '%s/.hg/lfs/packs' % base,
        datetime.datetime.now(datetime.timezone.utc),
    )
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = _JSON[0]
    res.setbodybytes(reply)


def _mediatype(header: bytes | None) -> bytes:
    """Returns a header's media type without its parameters."""
    return (header or b'').partition(b';')[0].strip().lower()


def _accepted(header: bytes | None) -> bool:
    return any(_mediatype(item) in _JSON for item in (header or b'').split(b','))
