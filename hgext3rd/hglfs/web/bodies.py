"""Read the bodies of requests, with limits on length, type and time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from http import HTTPStatus

from mercurial.hgweb import common

from . import pace, replies

_OWNSITE = (b'same-origin', b'none')
_JSON = (replies.JSON, b'application/json', b'*/*')
#: The most of an unused body that is read so that the client reads the reply, in bytes.
_MOSTUNUSED = 4 << 20
#: How much of a body is read at once, in bytes: a server holds several such pieces for
#: each client. The first pieces are shorter, to detect slow clients early.
_PIECE = 256 << 10
_FIRST = 64 << 10
#: A client that sends a piece within this time counts as fast, in seconds.
_FAST = 1.0


def lfsjson(lfs, req, most: int) -> bytes:
    """Return the JSON body of a POST to the LFS API; raise ErrorResponse.

    ``most`` is the maximum length in bytes.
    """
    return whole(lfs, req, replies.JSON, most)


def whole(lfs, req, media: bytes, most: int) -> bytes:
    """Return the body of a POST of up to ``most`` bytes; raise ErrorResponse."""
    if check_post(req, media) > most:
        raise common.ErrorResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return b''.join(document(lfs, req))


def check_post(req, media: bytes) -> int:
    """Return the length of a POST's body; raise ErrorResponse for any other request.

    The media type must be ``media``: a page on another site can make a browser send a
    form or plain text with the user's credentials, but other types need a preflight
    request (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
    """
    if req.method != b'POST':
        raise common.ErrorResponse(common.HTTP_METHOD_NOT_ALLOWED)
    if mediatype(req.headers.get(b'Content-Type')) != media:
        raise common.ErrorResponse(common.HTTP_UNSUPPORTED_MEDIA_TYPE)
    return length(req)


def checksite(req) -> None:
    """Raise ErrorResponse for a cross-site request of a browser, unless it only reads.

    Format: https://www.w3.org/TR/fetch-metadata. Only browsers send ``Sec-Fetch-Site``,
    so requests without it are allowed.
    """
    site = req.headers.get(b'Sec-Fetch-Site', b'none').lower()
    if req.method not in (b'GET', b'HEAD') and site not in _OWNSITE:
        raise common.ErrorResponse(common.HTTP_FORBIDDEN, b'cross-site request')


def length(req) -> int:
    """Return the Content-Length of a request; raise ErrorResponse if it is missing."""
    found = number(req.headers.get(b'Content-Length'))
    if found is None:
        raise common.ErrorResponse(HTTPStatus.LENGTH_REQUIRED)
    return found


def number(text: bytes | None) -> int | None:
    """Parse a number in a header; return None for anything else."""
    return int(text) if text and text.isdigit() and len(text) < 20 else None


def document(lfs, req, seconds: float | None = None) -> Iterator[bytes]:
    """Yield a body that must arrive within ``seconds``; raise ErrorResponse if late."""
    seconds = pace.DOCUMENT if seconds is None else seconds
    hangup = pace.hangup(req, socket.SHUT_RD)
    most, left = lfs.serving.documents, length(req)
    with pace.documents.reading(most, hangup, seconds) as deadline:
        while piece := _read(req, _FIRST):
            left -= len(piece)
            yield piece
    if deadline.missed and left:
        raise _timed_out(req)


def chunks(req, size: int = _PIECE) -> Iterator[bytes]:
    """Yield a body of any length; raise ErrorResponse if the client is too slow.

    Each piece has to arrive at ``pace.RATE``; there is no deadline for the whole body.
    """
    hangup = pace.hangup(req, socket.SHUT_RD)
    length = min(size, _FIRST)
    while True:
        began = time.monotonic()
        with pace.watchdog.within(length / pace.RATE, hangup) as deadline:
            piece = _read(req, length)
        if deadline.missed and len(piece) < length:
            raise _timed_out(req)
        if not piece:
            return
        yield piece
        length = size if time.monotonic() - began < _FAST else min(size, _FIRST)


def _read(req, size: int) -> bytes:
    """Read up to ``size`` bytes of a body; raise ErrorResponse if that fails."""
    try:
        return req.bodyfh.read(size)
    except OSError as exc:
        raise _timed_out(req) from exc


def _timed_out(req) -> common.ErrorResponse:
    _drop_body(req)  # the rest will not arrive
    return common.ErrorResponse(HTTPStatus.REQUEST_TIMEOUT)


def discard_rest(lfs, req, res) -> None:
    """Read and discard the rest of a body, so that the client reads the reply.

    Where the rest is long, or of unknown length, the connection is closed instead.
    """
    if req.method not in (b'POST', b'PUT', b'PATCH'):
        return
    if req.bodyfh is None or not _isshort(req) or _awaits_continue(req):
        _close_connection(req, res)
        return
    try:
        for _piece in document(lfs, req, pace.UNWANTED):
            pass
    except common.ErrorResponse:
        _close_connection(req, res)


def mediatype(header: bytes | None) -> bytes:
    """Return the media type of a header in lower case, without its parameters."""
    return (header or b'').partition(b';')[0].strip().lower()


def accepted(header: bytes | None) -> bool:
    """Return whether an Accept header allows the Batch API's JSON."""
    return any(mediatype(item) in _JSON for item in (header or b'').split(b','))


def _isshort(req) -> bool:
    """Return whether the rest of a body is short enough to be read and discarded."""
    length = number(req.headers.get(b'Content-Length'))
    left = getattr(req.bodyfh, '_left', length)  # core's reader counts
    return left is not None and left <= _MOSTUNUSED


def _awaits_continue(req) -> bool:
    """Return whether the client still waits for ``100 Continue`` to send its body."""
    waits = req.headers.get(b'Expect', b'').lower() == b'100-continue'
    return waits and not getattr(req.rawenv[b'wsgi.input'], 'continued', True)


def _close_connection(req, res) -> None:
    """Close the connection after the reply, without reading the rest of the body."""
    res.headers[b'Connection'] = b'Close'
    _drop_body(req)


def _drop_body(req) -> None:
    """Prevent hgweb from waiting for the end of a body, which may never arrive."""
    object.__setattr__(req, 'bodyfh', None)  # the request is frozen
