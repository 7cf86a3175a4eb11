"""Routes that transfer many small blobs in one request.

They are ``.hg/lfs/packs/download`` and ``.hg/lfs/packs/upload``, relative to the URL of
the repository. The format of the bodies is that of ``lfs.wire.blobstream``.
"""

from __future__ import annotations

from http import HTTPStatus

from mercurial.hgweb import common

from ..lfs.blob import DOWNLOAD, UPLOAD
from ..lfs.errors import StoreFailed
from ..lfs.server import blobs
from ..lfs.wire import blobstream
from ..lfs.wire.wirejson import WireError
from . import bodies, pace, sending

TYPE = b'application/vnd.hg-lfs.pack'
#: The longest list of objects that is accepted, in bytes.
_MAXLIST = 1 << 20
_PIECE = 64 << 10


def download(lfs, req, res, access) -> None:
    """Reply with the requested objects; raise ErrorResponse for forbidden requests."""
    access.admit(DOWNLOAD)
    try:
        items = list(
            blobstream.Reader([bodies.whole(lfs, req, TYPE, _MAXLIST)]).items()
        )
    except WireError as exc:
        raise _bad_request(exc) from exc
    transfer = sending.begin_transfer(lfs, res)
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = TYPE
    content = blobs.send(items, lfs.ownstore, res.log)
    return res.setbodygen(transfer.through(pace.paced(req, content)))


def upload(lfs, req, res, access) -> None:
    """Receive objects; raise ErrorResponse for invalid or forbidden requests."""
    access.admit(UPLOAD)
    bodies.check_post(req, TYPE)
    pieces = sending.begin_transfer(lfs, res).through(bodies.chunks(req, _PIECE))
    try:
        reply = blobs.take(blobstream.Reader(pieces), lfs.intake, res.log)
    except WireError as exc:
        raise _bad_request(exc) from exc
    except StoreFailed as exc:
        raise common.ErrorResponse(
            HTTPStatus.INSUFFICIENT_STORAGE, exc.message
        ) from exc
    res.status = common.statusmessage(common.HTTP_OK)
    res.headers[b'Content-Type'] = TYPE
    return res.setbodybytes(reply)


def _bad_request(exc: WireError) -> common.ErrorResponse:
    return common.ErrorResponse(common.HTTP_BAD_REQUEST, str(exc).encode('ascii'))
