"""Read replies of servers within limits, log them, and turn failures into errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

from .. import words
from ..blob import BlobRef
from ..errors import (
    BlobGone,
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    HttpFailed,
    RemoteError,
    ReplyBroken,
)
from ..log import Log
from ..oid import CHUNK
from ..wire import batch, wirejson
from .transport import Response

#: The maximum size of a reply, and the size of reads, in bytes.
_MAXREPLY, _PIECE = 16 << 20, 256 << 10
#: The maximum size of a reply that is formatted for debug output, in bytes.
_LONGESTSHOWN = 2 << 20
_MEANINGS: dict[int, bytes] = {
    HTTPStatus.NOT_FOUND: b'The object does not exist',
    HTTPStatus.GONE: b'The object was removed by the owner',
    HTTPStatus.UNPROCESSABLE_ENTITY: b'Validation error',
    HTTPStatus.INTERNAL_SERVER_ERROR: b'Internal server error',
    HTTPStatus.INSUFFICIENT_STORAGE: b'the server has no room for it (status code 507)',
}
#: Messages of servers that add nothing to the status.
_REDUNDANT = (
    *('Not Found', 'Object does not exist', 'Object not found', 'Gone'),
    *('Unprocessable Entity', 'There is no room for the object'),
)
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_NUMBER = re.compile(r'[0-9]{1,99}\Z')
_RANGE = re.compile(r'bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)\Z')


def readall(response: Response) -> bytes:
    """Return a reply's body; raise ReplyBroken if it is too large or incomplete."""
    return b''.join(pieces(response))


def pieces(response: Response) -> Iterator[bytes]:
    """Yield a reply's body; raise ReplyBroken if it is too large or incomplete."""
    expected = announced(response)
    size = 0
    while chunk := response.read(_PIECE):
        size += len(chunk)
        if size > _MAXREPLY:
            raise ReplyBroken(
                b'LFS server sent a reply of more than %d bytes' % _MAXREPLY
            )
        yield chunk
    if expected is not None and size < expected:
        raise ReplyBroken(
            b'LFS server sent a reply that ended after %d of %d bytes'
            % (size, expected),
            transient=True,
        )


class FirstChunk:
    """Yield chunks, and keep the first one as ``text`` for an error message."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.text = b''

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.text = self.text or chunk
            yield chunk


def body(
    response: Response, ref: BlobRef, size: int, piece: int = CHUNK
) -> Iterator[bytes]:
    """Yield a blob's bytes from a reply; raise BlobMangled for more than ``size``.

    ``piece`` is the size of reads in bytes.
    """
    expected = announced(response)
    found = 0
    while chunk := response.read(piece):
        found += len(chunk)
        if found > size:
            raise BlobMangled(b'corrupt remote lfs object: %s' % ref.oid)
        yield chunk
    if expected is not None and found != expected:
        raise RemoteError(
            b'Response length (%d) does not match Content-Length header (%d)'
            b' for %s' % (found, expected, ref.oid),
            transient=True,
        )


def ispart(response: Response, offset: int, end: int, size: int) -> bool:
    """Return whether a reply is a 206 with the requested range of an object."""
    found = _RANGE.match(response.header('content-range') or '')
    if response.status != HTTPStatus.PARTIAL_CONTENT or not found:
        return False
    first, last, total = found.groups()
    fits = total == '*' or int(total) == size
    return int(first) == offset and int(last) == end - 1 and fits


def announced(response: Response) -> int | None:
    """Return the value of a valid Content-Length header, or None."""
    text = response.header('content-length') or ''
    return int(text) if _NUMBER.match(text) else None


def refused(ref: BlobRef, code: int, message: str = '') -> BlobRefused:
    """Return the error for an object that a server refuses with a code.

    The server's message is appended, unless it only repeats the code.
    """
    text = _MEANINGS.get(code, b'status code %d' % code)
    kind = BlobGone if code in _GONE else BlobRefused
    if message not in _REDUNDANT:
        text += reason(message, text)
    error = kind(objectmessage(ref, text))
    error.path = ref.path
    return error


def awaited(left: Mapping[bytes, BlobRef], oid: bytes) -> BlobRef:
    """Return the awaited blob with an oid; raise RemoteError if there is none."""
    ref = left.get(oid)
    if ref is None:
        raise RemoteError(b'LFS server error. Unsolicited response for oid %s' % oid)
    return ref


def objectmessage(ref: BlobRef, text: bytes) -> bytes:
    """Return the message of an error about one object."""
    return b'LFS server error for "%s": %s' % (ref.path, text)


def failed(
    exc: HttpFailed,
    message: bytes,
    hint: bytes | None = None,
    kind: type[RemoteError] = RemoteError,
) -> RemoteError:
    """Return the error for an HTTP status, with the server's message and retry delay.

    If the body is JSON with a message, that is appended to ``message``. ``kind`` is the
    class of the error.
    """
    why = reason(wirejson.message(exc.body), exc.message)
    error = kind(message + why, hint=exc.hint or hint, transient=exc.transient)
    error.after = exc.after
    return error


def reason(message: str, text: bytes) -> bytes:
    """Return a server's message to append to ``text``, with ``: `` in front.

    It is empty if ``text`` ends with the message already.
    """
    quoted = words.quoted(message.strip())
    head, mark, rest = quoted.partition(b': ')
    if mark and text.lower().replace(b': ', b' ').endswith(b' ' + head.lower()):
        quoted = rest  # some servers repeat the status: "404 Not Found: ..."
    known = (b': ' + text).lower().endswith(b': ' + quoted.lower())
    return b'' if known or not quoted else b': ' + quoted


def attempted(exc: ConnectionFailed, attempt: bytes) -> None:
    """Add a hint to a connection error: what was attempted."""
    if not exc.hint:  # else it is from a renewed action, and complete
        exc.message = b'LFS error: %s' % exc.message
        exc.hint = attempt


def shown(log: Log, response: Response) -> Iterable[bytes]:
    """Return a batch reply in pieces, after logging it for debugging."""
    if not log.debugging:
        return pieces(response)
    reply = readall(response)
    if len(reply) > _LONGESTSHOWN:
        log.debug(b'the reply has %d bytes\n' % len(reply))
        return [reply]
    try:
        explained = batch.explain(reply).encode('utf-8')
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [reply]  # readreply will raise an error for it
    showheaders(log, response)
    log.debug(b'%s\n' % explained)
    return [reply]


def showheaders(log: Log, response: Response) -> None:
    """Log a reply's status and headers."""
    if log.debugging:
        log.debug(b'Status: %d\n' % response.status)
        log.debug(b'%s\n' % b'\n'.join(sorted(response.headerlines)))


def excerpt(text: bytes) -> bytes:
    """Return the start of a server's text in one line, safe for messages."""
    return words.quoted(text)
