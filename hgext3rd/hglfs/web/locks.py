"""``.git/info/lfs/locks``: the Locking API.

Format: git-lfs ``docs/api/locking.md``. Listing locks requires the permission to pull;
all other requests require the permission to push, and an authenticated user.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace

from mercurial import encoding
from mercurial.hgweb import common

from ..hg import identity
from ..lfs.server import locks as answers
from ..lfs.wire import locking
from ..lfs.wire.wirejson import WireError
from . import bodies, replies
from .access import PULL, PUSH, Access

_PLACE = re.compile(
    rb'\.git/info/lfs/locks(?:(?P<verify>/verify)|/(?P<id>[0-9A-Za-z_-]{1,64})/unlock)?\Z'
)
_PARAMETERS = ('path', 'id', 'cursor', 'limit', 'refspec')


def respond(lfs, req, res, access: Access) -> None:
    """Answer a request of the Locking API; raise ErrorResponse for forbidden ones."""
    place = _PLACE.match(req.dispatchpath)
    if place is None:
        return replies.failure(res, common.HTTP_NOT_FOUND, b'Not Found')
    verb = _verb(place, req.method)
    if verb is None:
        code = common.HTTP_METHOD_NOT_ALLOWED
        return replies.failure(res, code, b'Method Not Allowed')
    _admit(req, access, PULL if verb == locking.SEARCH else PUSH)
    try:
        request = _request(lfs, req, verb, place.group('id'))
    except WireError as exc:
        message = encoding.strtolocal(str(exc))
        return replies.failure(res, common.HTTP_BAD_REQUEST, message)
    actor = identity.overhttp(lfs, req.remoteuser)
    reply = None
    if actor.name is None and access.ispushopen():
        reply = answers.unknown(lfs.locks)
    if reply is None:
        reply = answers.answer(request, lfs.locks, actor, int(time.time()))
    res.status = common.statusmessage(reply.status)
    res.headers[b'Content-Type'] = replies.JSON
    return res.setbodybytes(reply.body)


def _admit(req, access: Access, operation: bytes) -> None:
    try:
        access.check(operation)
    except common.ErrorResponse as exc:
        if exc.code == common.HTTP_UNAUTHORIZED and req.remoteuser:
            # with 401 git would discard a correct password
            exc.code = common.HTTP_FORBIDDEN
        raise


def _verb(place: re.Match[bytes], method: bytes) -> str | None:
    """Return the operation that a request is for, or None for a wrong method."""
    if method == b'GET':
        plain = place.lastgroup is None
        return locking.SEARCH if plain else None
    if method != b'POST':
        return None
    if place.group('verify'):
        return locking.VERIFY
    return locking.UNLOCK if place.group('id') else locking.CREATE


def _request(lfs, req, verb: str, lockid: bytes | None) -> locking.Request:
    """Parse a request; raise WireError, ErrorResponse."""
    if verb == locking.SEARCH:
        return locking.decodequery(_query(req))
    body = bodies.lfsjson(lfs, req, locking.MAXREQUEST)
    request = locking.decoderequest(verb, body)
    if isinstance(request, locking.Unlock) and lockid is not None:
        return replace(request, id=lockid.decode('ascii'))
    return request


def _query(req) -> dict[str, str]:
    given = ((name, req.qsparams.get(name.encode('ascii'))) for name in _PARAMETERS)
    try:
        return {name: value.decode('utf-8') for name, value in given if value}
    except UnicodeDecodeError as exc:
        raise WireError('the query is not UTF-8') from exc
