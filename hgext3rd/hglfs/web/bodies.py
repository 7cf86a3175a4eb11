"""The bodies of requests: their length, their kind, and no more of them than that."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

from mercurial.hgweb import common

from . import pace, replies

REQUESTTIMEOUT = 408
LENGTHREQUIRED = 411
TOOLARGE = 413
_OWNSITE = (b'same-origin', b'none')
_JSON = (replies.JSON, b'application/json', b'*/*')
#: So much of a body that nobody wants is read, in bytes, for the sake of the reply.
_UNWANTED = 4 << 20
#: So much of a body is read at once, in bytes: a server has it several times, for
#: each of many clients. The first pieces are shorter, to find slow clients early.
_PIECE = 256 << 10
_FIRST = 64 << 10
#: A client is no slow one that sends a piece in so many seconds.
_FAST = 1.0


def lfsjson(lfs, req, most: int) -> bytes:
    """Return the body of a request in the LFS API's JSON; raise ErrorResponse.

    ``most`` is the length it may have, in bytes.
    """
    return whole(lfs, req, replies.JSON, most)


def whole(lfs, req, media: bytes, most: int) -> bytes:
    """Return the body of a POST of at most ``most`` bytes; raise ErrorResponse."""
    if checked(req, media) > most:
        raise common.ErrorResponse(TOOLARGE)
    return b''.join(document(lfs, req))


def checked(req, media: bytes) -> int:
    """Return the length of a POST's body; raise ErrorResponse for another request.

    The media type has to be ``media``: a page on another site can have a browser send
    a form or plain text with the user's credentials, but no other type without asking
    this server first (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
    """
    if req.method != b'POST':
        raise common.ErrorResponse(common.HTTP_METHOD_NOT_ALLOWED)
    if mediatype(req.headers.get(b'Content-Type')) != media:
        raise common.ErrorResponse(common.HTTP_UNSUPPORTED_MEDIA_TYPE)
    return length(req)


def checksite(req) -> None:
    """Raise ErrorResponse for what a page on another site has a browser request.

    Format: https://www.w3.org/TR/fetch-metadata; other clients do not send it.
    """
    site = req.headers.get(b'Sec-Fetch-Site', b'none').lower()
    if req.method not in (b'GET', b'HEAD') and site not in _OWNSITE:
        raise common.ErrorResponse(common.HTTP_FORBIDDEN, b'cross-site request')


def length(req) -> int:
    """Returns how long a body is announced to be; raises ErrorResponse."""
    found = number(req.headers.get(b'Content-Length'))
    if found is None:
        raise common.ErrorResponse(LENGTHREQUIRED)
    return found


def number(text: bytes | None) -> int | None:
    """Returns a number in a header, or None for what is none."""
    return int(text) if text and text.isdigit() and len(text) < 20 else None


def document(lfs, req, seconds: float | None = None) -> Iterator[bytes]:
    """Yield the body of a short request; raise ErrorResponse where it comes slowly."""
    seconds = pace.DOCUMENT if seconds is None else seconds
    hangup = pace.hangup(req, socket.SHUT_RD)
    most, left = lfs.serving.documents, length(req)
    with pace.documents.reading(most, hangup, seconds) as deadline:
        while piece := _read(req, _FIRST):
            left -= len(piece)
            yield piece
    if deadline.missed and left:
        raise _slow(req)


def chunks(req, size: int = _PIECE) -> Iterator[bytes]:
    """Yield a body; raise ErrorResponse where it comes slowly, or stops coming.

    Each piece has to come at ``pace.RATE``; there is no deadline for the whole.
    """
    hangup = pace.hangup(req, socket.SHUT_RD)
    length = min(size, _FIRST)
    while True:
        began = time.monotonic()
        with pace.watchdog.within(length / pace.RATE, hangup) as deadline:
            piece = _read(req, length)
        if deadline.missed and len(piece) < length:
            raise _slow(req)
        if not piece:
            return
        yield piece
        length = size if time.monotonic() - began < _FAST else min(size, _FIRST)


def _read(req, size: int) -> bytes:
    """Return up to ``size`` bytes of a body; raise ErrorResponse where it breaks."""
    try:
        return req.bodyfh.read(size)
    except OSError as exc:
        raise _slow(req) from exc


def _slow(req) -> common.ErrorResponse:
    _forget(req)  # there is no more to come
    return common.ErrorResponse(REQUESTTIMEOUT)


def leave(lfs, req, res) -> None:
    """Reads what is left of a body, so that the client comes to read the reply.

    Where that is much, or its length isn't known, the connection ends instead.
    """
    if req.method not in (b'POST', b'PUT', b'PATCH'):
        return
    if req.bodyfh is None or not _isshort(req) or _waits(req):
        _hangup(req, res)
        return
    try:
        for _piece in document(lfs, req, pace.UNWANTED):
            pass
    except common.ErrorResponse:
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
