"""Parse a peer's JSON incrementally, with bounded memory.

A message is a JSON object (RFC 8259, in UTF-8). The elements of its long lists are
yielded one by one, so that they can be checked and counted before all are in memory.
Each element, and any other value, is limited to ``LONGEST`` characters.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .wirejson import WireError

#: The maximum length of a value, and of an element of a list, in characters.
LONGEST = 64 << 10
#: How many bytes are decoded at a time.
_PIECE = 64 << 10
_SPACE = re.compile(r'[ \t\n\r]*')
_scan = json.JSONDecoder().raw_decode


@dataclass(frozen=True)
class Member:
    """A member of the message's object, or one ``element`` of a member's list."""

    name: str
    value: Any
    element: bool = False


def members(
    chunks: Iterable[bytes], what: str, lists: Collection[str] = ()
) -> Iterator[Member]:
    """Yield the members of a JSON object in their order; raise WireError.

    The elements of the lists named in ``lists`` are yielded one by one. ``what`` names
    the message in errors. Exceptions from ``chunks`` pass through.
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
    """Yield before each item of a list or object; the caller parses the item.

    The separators between the items, and the ``end``, are parsed here.
    """
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
    """A text that is decoded piece by piece."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = _cut(chunks)
        self._decoder = codecs.getincrementaldecoder('utf-8-sig')()
        self._text = ''
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """Return the next character except white space, or '' at the end."""
        found = self._text[self._at : self._at + 1]
        if found > ' ':
            return found
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._fill(1)

    def skip(self) -> None:
        """Skip the character that ``peek`` returned."""
        self._at += 1

    def value(self) -> Any:
        """Parse the next value; raise WireError."""
        self.peek()
        if len(self._text) - self._at <= LONGEST and not self._ended:
            # then a value of legal length is complete, with the character after it
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
        """Decode until ``least`` characters are available, or the text ends."""
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
