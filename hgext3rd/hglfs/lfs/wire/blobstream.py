"""Streams of many blobs: the body of our adapter over HTTP, and all data over ssh.

The format is ours. A blob is a line ``OID SIZE OFFSET``, followed by the bytes of the
blob from the offset on. A status for a blob is a line ``OID - CODE`` with an HTTP
status code. A last line ``end`` makes truncation detectable. Lines are ASCII and end
in a newline. A request has lines of the first form, without the bytes. Invalid or
overlong lines raise WireError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..oid import CHUNK
from .wirejson import WireError

_LINE = re.compile(rb'([0-9a-f]{64}) (?:([0-9]{1,19}) ([0-9]{1,19})|- ([0-9]{3}))\Z')
_END = b'end'
_MAXLINE = 128
#: The maximum number of blobs in a stream; the reply has a line for each.
MOST = 1 << 16
#: The minimum size of the pieces of an encoded stream, in bytes.
_PIECE = 256 << 10


@dataclass(frozen=True)
class Item:
    """One line: a blob's oid, size and offset in bytes, or a status code for it."""

    oid: bytes
    size: int = 0
    offset: int = 0
    code: int | None = None

    def encode(self) -> bytes:
        """Return the line."""
        if self.code is not None:
            return b'%s - %03d\n' % (self.oid, self.code)
        return b'%s %d %d\n' % (self.oid, self.size, self.offset)


def encodelist(items: Iterable[Item]) -> bytes:
    """Return a stream of lines without blobs; ``items`` is iterated once."""
    lines = bytearray()
    for item in items:
        lines += item.encode()
    return bytes(lines + _END + b'\n')


def length(items: Iterable[Item]) -> int:
    """Return the length of a stream of blobs, in bytes."""
    return (
        len(_END)
        + 1
        + sum(len(item.encode()) + item.size - item.offset for item in items)
    )


def encode(frames: Iterable[tuple[Item, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a stream of blobs; each comes with an iterable of its bytes."""
    pending: list[bytes] = []
    waiting = 0
    for item, chunks in frames:
        pending.append(item.encode())
        for chunk in chunks:
            pending.append(chunk)
            waiting += len(chunk)
            if waiting >= _PIECE:
                yield b''.join(pending)
                pending, waiting = [], 0
    yield b''.join([*pending, _END, b'\n'])


class Reader:
    """Parse a stream that comes in chunks; it can be read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b''
        self._at = 0
        self._count = 0

    def items(self) -> Iterator[Item]:
        """Yield the lines of a stream without blobs."""
        while (item := self._item()) is not None:
            yield item

    def frames(self) -> Iterator[tuple[Item, Iterator[bytes]]]:
        """Yield each line with an iterator of the bytes that follow it.

        Bytes that the caller does not read are skipped.
        """
        while (item := self._item()) is not None:
            body = self._body(0 if item.code is not None else item.size - item.offset)
            yield item, body
            for _chunk in body:
                pass

    def _item(self) -> Item | None:
        line = self._line()
        if line == _END:
            # reading on consumes the end marker of the transport, as of chunked bodies
            if self._at < len(self._buffer) or any(self._chunks):
                raise WireError('more comes after the end')
            return None
        found = _LINE.match(line)
        if found is None:
            raise WireError('malformed line in a blob stream')
        self._count += 1
        if self._count > MOST:
            raise WireError('more than %d blobs' % MOST)
        oid, size, offset, code = found.groups()
        if code is not None:
            return Item(oid, code=int(code))
        if int(offset) > int(size):
            raise WireError('an offset behind the end')
        return Item(oid, int(size), int(offset))

    def _line(self) -> bytes:
        while (end := self._buffer.find(b'\n', self._at)) < 0:
            if len(self._buffer) - self._at > _MAXLINE:
                raise WireError('malformed line in a blob stream')
            self._buffer = self._buffer[self._at :] + self._more()
            self._at = 0
        line, self._at = self._buffer[self._at : end], end + 1
        return line

    def _body(self, size: int) -> Iterator[bytes]:
        while size:
            if self._at == len(self._buffer):
                self._buffer, self._at = self._more(), 0
            piece = self._buffer[self._at : self._at + min(size, CHUNK)]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def _more(self) -> bytes:
        for chunk in self._chunks:
            if chunk:
                return chunk
        raise WireError('the stream ends too early')
