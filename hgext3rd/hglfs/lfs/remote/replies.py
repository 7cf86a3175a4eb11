"""What servers answer: read within bounds, shown for debugging, turned into errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

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

#: The longest reply that is believed, in bytes, and how much is read at a time.
_MAXREPLY, _PIECE = 16 << 20, 256 << 10
#: The longest reply that is shown for debugging, in bytes.
_LONGESTSHOWN = 2 << 20
_SAYINGS = {
    404: b'The object does not exist',
    410: b'The object was removed by the owner',
    422: b'Validation error',
    500: b'Internal server error',
    507: b'the server has no room for it (status code 507)',
}
#: What servers say of an object that the code has said already.
_REDUNDANT = (
    *('Not Found', 'Object does not exist', 'Object not found', 'Gone'),
    *('Unprocessable Entity', 'There is no room for the object'),
)
_GONE = (404, 410)
_NUMBER = re.compile(r'[0-9]{1,99}\Z')
_RANGE = re.compile(r'bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)\Z')


def readall(response: Response) -> bytes:
    """Returns a body that has to be small; raises ReplyBroken where it isn't."""
    return b''.join(pieces(response))


def pieces(response: Response) -> Iterator[bytes]:
    """Yield a body that may not be long; raise ReplyBroken where it is, or is cut."""
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


class Beginning:
    """Passes chunks on, and keeps the first of them for a message."""

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
    """Yields what a server sends of a blob, and not a byte more than it should.

    ``size`` is how many bytes that is, ``piece`` how many are read at a time.
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
    """Return whether a reply is a 206 with the bytes from offset to end of a size."""
    found = _RANGE.match(response.header('content-range') or '')
    if response.status != 206 or not found:
        return False
    first, last, total = found.groups()
    fits = total == '*' or int(total) == size
    return int(first) == offset and int(last) == end - 1 and fits


def announced(response: Response) -> int | None:
    """Returns the length that a server announces, if that is a number."""
    text = response.header('content-length') or ''
    return int(text) if _NUMBER.match(text) else None


def refused(ref: BlobRef, code: int, message: str = '') -> BlobRefused:
    """Returns the error for an object that a server answers with a code.

    The server's message follows, unless it is no more than what the code stands for.
    """
    said = _SAYINGS.get(code, b'status code %d' % code)
    kind = BlobGone if code in _GONE else BlobRefused
    if message not in _REDUNDANT:
        said += reason(message, said)
    return kind(ofobject(ref, said))


def awaited(left: Mapping[bytes, BlobRef], oid: bytes) -> BlobRef:
    """Returns which of the blobs that were asked for a server's word is about."""
    ref = left.get(oid)
    if ref is None:
        raise RemoteError(b'LFS server error. Unsolicited response for oid %s' % oid)
    return ref


def ofobject(ref: BlobRef, said: bytes) -> bytes:
    """Returns what is told of a server's word about one object."""
    return b'LFS server error for "%s": %s' % (ref.path, said)


def failed(
    exc: HttpFailed,
    message: bytes,
    hint: bytes | None = None,
    kind: type[RemoteError] = RemoteError,
) -> RemoteError:
    """Returns the error for an HTTP status, with what the server said of it.

    That is why, in the JSON of Git LFS, and what of retrying.
    """
    why = reason(wirejson.message(exc.body), exc.message)
    error = kind(message + why, hint=exc.hint or hint, transient=exc.transient)
    error.after = exc.after
    return error


def reason(message: str, said: bytes) -> bytes:
    """Return a server's words as they follow a message that says ``said`` already."""
    quoted = words.quoted(message.strip())
    head, mark, rest = quoted.partition(b': ')
    if mark and said.lower().replace(b': ', b' ').endswith(b' ' + head.lower()):
        quoted = rest  # "404 Not Found: " comes first in the words of some servers
    known = (b': ' + said).lower().endswith(b': ' + quoted.lower())
    return b'' if known or not quoted else b': ' + quoted


def attempted(exc: ConnectionFailed, attempt: bytes) -> None:
    """Has the error of a connection that failed say what was attempted."""
    if not exc.hint:  # else what was asked anew has said it all
        exc.message = b'LFS error: %s' % exc.message
        exc.hint = attempt


def shown(log: Log, response: Response) -> Iterable[bytes]:
    """Return a batch's reply in pieces, once it has been shown for debugging."""
    if not log.debugging:
        return pieces(response)
    reply = readall(response)
    if len(reply) > _LONGESTSHOWN:
        log.debug(b'the reply has %d bytes\n' % len(reply))
        return [reply]
    try:
        explained = batch.explain(reply).encode('utf-8')
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [reply]  # readreply says what is wrong with it
    showheaders(log, response)
    log.debug(b'%s\n' % explained)
    return [reply]


def showheaders(log: Log, response: Response) -> None:
    """Shows a reply's status and headers."""
    if log.debugging:
        log.debug(b'Status: %d\n' % response.status)
        log.debug(b'%s\n' % b'\n'.join(sorted(response.headerlines)))


def excerpt(text: bytes) -> bytes:
    """Returns the start of what a server sent, in one line."""
    return words.quoted(text)
