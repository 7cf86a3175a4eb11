"""JSON that a peer sends, read piece by piece and within bounds.

A message is a JSON object (RFC 8259, in UTF-8). Its long lists come element by
element, so that they can be counted and checked before they are all in memory; no
other value, and no element, may be long.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .wirejson import WireError

#: The longest value, and the longest element of a list, in characters.
LONGEST = 64 << 10
#: How much is decoded at a time, in bytes.
_PIECE = 64 << 10
_SPACE = re.compile(r'[ \t\n\r]*')
_scan = json.JSONDecoder().raw_decode


@dataclass(frozen=True)
class Member:
    """A member of the message's object, or an ``element`` of one that is a list."""

    name: str
    value: Any
    element: bool = False


def members(
    chunks: Iterable[bytes], what: str, lists: Collection[str] = ()
) -> Iterator[Member]:
    """Yield the members of a JSON object in their order; raise WireError.

    Of those in ``lists`` that are lists each element is yielded alone. ``what`` names
    the message in errors. What ``chunks`` raises passes through.
    """
    text = _Text(chunks)
    if text.peek() != '{':
        text.value()
        raise WireError('%s is not a JSON object' % what)
    text.skip()
    for _number in _items(text, '}'):
        name = text.value()
        if not isinstance(name, str) or text.peek() != ':':
            raise WireError('invalid JSON')
        text.skip()
        if name in lists and text.peek() == '[':
            text.skip()
            for _element in _items(text, ']'):
                yield Member(name, text.value(), True)
        else:
            yield Member(name, text.value())
    if text.peek():
        raise WireError('invalid JSON')


def _items(text: _Text, end: str) -> Iterator[None]:
    """Yield before each item of a list or an object, and read what is between them."""
    if text.peek() == end:
        text.skip()
        return
    while True:
        yield None
        found = text.peek()
        if found not in (',', end) or not found:
            raise WireError('invalid JSON')
        text.skip()
        if found == end:
            return


class _Text:
    """A text that comes in pieces, of which only a few are in memory."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = _cut(chunks)
        self._decoder = codecs.getincrementaldecoder('utf-8-sig')()
        self._text = ''
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is no white space; none at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._fill(1)

    def skip(self) -> None:
        """Pass over the character that ``peek`` has returned."""
        self._at += 1

    def value(self) -> Any:
        """Return the value that comes next; raise WireError."""
        self.peek()
        if len(self._text) - self._at <= LONGEST:
            # then it is there whole, and what follows a number, too
            self._fill(LONGEST + 1)
        try:
            value, end = _scan(self._text, self._at)
        except (ValueError, RecursionError) as exc:
            long = len(self._text) - self._at > LONGEST
            also = ', or a value of over %d characters' % LONGEST if long else ''
            raise WireError('invalid JSON' + also) from exc
        if end - self._at > LONGEST:
            raise WireError('a value has over %d characters' % LONGEST)
        self._at = end
        return value

    def _fill(self, least: int) -> None:
        """Read on until there are so many characters, or the text ends."""
        parts = [self._text[self._at :]]
        size = len(parts[0])
        while size < least and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            try:
                part = self._decoder.decode(piece or b'', self._ended)
            except ValueError as exc:
                raise WireError('invalid JSON') from exc
            parts.append(part)
            size += len(part)
        self._text, self._at = ''.join(parts), 0


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            yield chunk[start : start + _PIECE]
