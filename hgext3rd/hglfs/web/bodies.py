"""The bodies of requests: their length, their kind, and no more of them than that."""

from __future__ import annotations

from collections.abc import Iterator

from mercurial.hgweb import common

from ..model.oid import CHUNK
from . import replies

REQUESTTIMEOUT = 408
LENGTHREQUIRED = 411
TOOLARGE = 413
_JSON = (replies.JSON, b'application/json', b'*/*')
#: So much of a body that nobody wants is read, in bytes, for the sake of the reply.
_UNWANTED = 4 << 20
#: So much of a body is read at once, in bytes: a server has it several times, for
#: each of many clients.
_PIECE = 256 << 10


def lfsjson(req, most: int) -> bytes:
    """Returns the body of a request in the Batch API's JSON; raises ErrorResponse.

    It is a POST with that media type, and accepts it; ``most`` is in bytes.
    """
    post(req)
    if mediatype(req.headers.get(b'Content-Type')) != replies.JSON:
        raise common.ErrorResponse(common.HTTP_UNSUPPORTED_MEDIA_TYPE)
    if not accepted(req.headers.get(b'Accept')):
        raise common.ErrorResponse(common.HTTP_NOT_ACCEPTABLE)
    return whole(req, most)


def post(req) -> None:
    """Raises ErrorResponse for what is no POST."""
    if req.method != b'POST':
        raise common.ErrorResponse(common.HTTP_METHOD_NOT_ALLOWED)


def whole(req, most: int) -> bytes:
    """Returns the body of a request that is no longer than ``most`` bytes."""
    if length(req) > most:
        raise common.ErrorResponse(TOOLARGE)
    return b''.join(chunks(req))


def length(req) -> int:
    """Returns how long a body is announced to be; raises ErrorResponse."""
    found = number(req.headers.get(b'Content-Length'))
    if found is None:
        raise common.ErrorResponse(LENGTHREQUIRED)
    return found


def number(text: bytes | None) -> int | None:
    """Returns a number in a header, or None for what is none."""
    return int(text) if text and text.isdigit() and len(text) < 20 else None


def chunks(req, size: int = _PIECE) -> Iterator[bytes]:
    """Yields a body; raises ErrorResponse where the client stops sending it."""
    try:
        while chunk := req.bodyfh.read(size):
            yield chunk
    except OSError as exc:
        _forget(req)  # nor is there more to come
        raise common.ErrorResponse(REQUESTTIMEOUT) from exc


def leave(req, res) -> None:
    """Reads what is left of a body, so that the client comes to read the reply.

    Where that is much, or its length isn't known, the connection ends instead.
    """
    if req.method not in (b'POST', b'PUT', b'PATCH'):
        return
    if req.bodyfh is None or not _isshort(req) or _waits(req):
        _hangup(req, res)
        return
    try:
        while req.bodyfh.read(CHUNK):
            pass
    except OSError:
        _hangup(req, res)


def mediatype(header: bytes | None) -> bytes:
    """Returns a header's media type without its parameters."""
    return (header or b'').partition(b';')[0].strip().lower()


def accepted(header: bytes | None) -> bool:
    """Tells whether a client takes the Batch API's JSON."""
    return any(mediatype(item) in _JSON for item in (header or b'').split(b','))


def _isshort(req) -> bool:
    """Tells whether what is left of a body is worth reading."""
    length = number(req.headers.get(b'Content-Length'))
    left = getattr(req.bodyfh, '_left', length)  # core's reader counts
    return left is not None and left <= _UNWANTED


def _waits(req) -> bool:
    """Tells whether a client waits to be told to go on, and has not been told."""
    waits = req.headers.get(b'Expect', b'').lower() == b'100-continue'
    return waits and not getattr(req.rawenv[b'wsgi.input'], 'continued', True)


def _hangup(req, res) -> None:
    res.headers[b'Connection'] = b'Close'
    _forget(req)


def _forget(req) -> None:
    """Keeps core from reading a body to its end, which may never come."""
    object.__setattr__(req, 'bodyfh', None)  # it is a frozen value
