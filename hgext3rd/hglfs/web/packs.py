"""``.hg/lfs/packs/download`` and ``…/upload``: many small objects in one request.

Format: ``model.pack``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mercurial.hgweb import common

from ..model import pack
from ..model.batch import WireError
from ..model.errors import StoreFailed
from ..server import packs
from . import replies

TYPE = b'application/vnd.hg-lfs.pack'
#: The longest list that is read, in bytes.
_MAXLIST = 1 << 20
_PIECE = 64 << 10


def download(box, req, res, checkperm) -> None:
    """Answers a request for objects; raises ErrorResponse for whoever may not ask."""
    checkperm(b'pull')
    if req.method != b'POST':
        return replies.bare(res, common.HTTP_METHOD_NOT_ALLOWED)
    body = req.bodyfh.read(_MAXLIST + 1)
    if len(body) > _MAXLIST:
        return replies.bare(res, 413)
    try:
        items = list(pack.Reader([body]).items())
    except WireError as exc:
        return replies.bare(res, common.HTTP_BAD_REQUEST, _text(exc))
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = TYPE
    return res.setbodygen(packs.send(items, box.ownstore))


def upload(box, req, res, checkperm) -> None:
    """Takes in objects; raises ErrorResponse for whoever may not send any."""
    checkperm(b'upload')
    if req.method != b'POST':
        return replies.bare(res, common.HTTP_METHOD_NOT_ALLOWED)
    try:
        reply = packs.take(pack.Reader(_pieces(req.bodyfh)), box.store)
    except WireError as exc:
        return replies.bare(res, common.HTTP_BAD_REQUEST, _text(exc))
    except StoreFailed as exc:
        return replies.bare(res, 507, exc.message)
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = TYPE
    return res.setbodybytes(reply)


def _pieces(handle) -> Iterator[bytes]:
    while piece := handle.read(_PIECE):
        yield piece


def _text(exc: WireError) -> bytes:
    return str(exc).encode('ascii')
