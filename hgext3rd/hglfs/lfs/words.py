"""Sanitize foreign text for terminals and logs.

Foreign text is what a server, a transfer agent or history put into a message. There are
two steps:

- ``quoted`` takes foreign text alone, as ``str`` or UTF-8, where a message is composed.
  It limits the length and returns the text in the user's encoding.
- ``shown`` takes a whole message. The messages and hints of every ``LfsError``, and all
  messages to a ``Log``, MUST pass through it. It keeps file names as they are, except
  for control characters.

Both escape control characters (C0 and C1, including line ends) and characters that
change the direction of text, in the form of Python's literals. Both mask passwords,
queries of URLs and secret headers.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import AnyStr

#: The maximum length of foreign text in a message, in characters.
LIMIT = 200
#: The maximum length of a whole message, in bytes.
_MOST = 8000


def _utf8() -> str:
    return 'utf-8'


#: Returns the name of the user's encoding; the extension sets it to Mercurial's.
local: Callable[[], str] = _utf8


@functools.cache
def _unsafe() -> re.Pattern[str]:
    return re.compile(
        '[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff'
        # bytes of C1 that could not be decoded in the user's encoding
        '\udc80-\udc9f]'
    )


@functools.cache
def _secrets() -> list[tuple[re.Pattern[bytes], bytes]]:
    """Return the patterns of secrets in messages, with their replacements.

    Repetitions are bounded, or begin at a literal, to keep hostile texts from causing
    quadratic run time.
    """
    return [
        # a password in a URL
        (re.compile(rb'(://[^\s/?#@:"<>]*:)[^\s/?#"<>]*@'), rb'\1***@'),
        # the whole query of a URL: signatures have many different names
        (
            re.compile(
                rb'(://[^\s?"<>]*\?|\?(?=[\w.~%-]{1,80}=))(?!\.\.\.)[^\s"\'<>]*?'
                rb'(?=[:;,.)\]}]{0,4}(?:[\s"\'<>]|\Z))'
            ),
            rb'\1...',
        ),
        # headers, and members of JSON objects with these names
        (re.compile(rb'(?i)(cookie2?["\']?\s{0,4}:\s{0,4})[^\r\n]*'), rb'\1***'),
        (
            re.compile(
                rb'(?i)((?:authorization|[\w-]{1,40}-token|"(?:\w{1,20}_)?token")'
                rb'["\']?\s{0,4}[:=]\s{0,4}["\']?)'
                rb'(?:(?:basic|bearer|digest|token|negotiate)\s{1,4})?[^\s"\',;&}]+'
            ),
            rb'\1***',
        ),
    ]


#: The least sizes in bytes of the formats for sizes, and the lengths of their units, as
#: in Mercurial's ``util.bytecount``.
_UNITS = (
    (100 << 30, 1 << 30, b'%.0f GB'),
    (10 << 30, 1 << 30, b'%.1f GB'),
    (1 << 30, 1 << 30, b'%.2f GB'),
    (100 << 20, 1 << 20, b'%.0f MB'),
    (10 << 20, 1 << 20, b'%.1f MB'),
    (1 << 20, 1 << 20, b'%.2f MB'),
    (100 << 10, 1 << 10, b'%.0f KB'),
    (10 << 10, 1 << 10, b'%.1f KB'),
    (1 << 10, 1 << 10, b'%.2f KB'),
    (0, 1, b'%.0f bytes'),
)


def plural(number: int, one: AnyStr, many: AnyStr) -> AnyStr:
    """Return ``one`` if the number is 1, else ``many``."""
    return one if number == 1 else many


def bytecount(size: int) -> bytes:
    """Return a size in bytes as Mercurial shows it, such as ``12.3 MB``.

    This is for code without Mercurial. ``util.bytecount`` does the same, in the user's
    language.
    """
    return next(form % (size / unit) for least, unit, form in _UNITS if size >= least)


def shown(message: bytes) -> bytes:
    """Return a message as one line without secrets and control characters."""
    text = mask(message[: 2 * _MOST])
    if len(text) > _MOST:
        text = text[:_MOST] + b'...'
    return text if text.isascii() and _isprintable(text) else _escaped(text)


def lines(message: bytes) -> bytes:
    """Return a message, each line of it made safe for terminals; see ``shown``."""
    return b'\n'.join(map(shown, message.split(b'\n')))


def quoted(words: str | bytes, limit: int = LIMIT) -> bytes:
    """Return foreign text in the user's encoding: shortened, and as one line.

    Bytes are decoded as UTF-8; invalid ones are escaped.
    """
    if isinstance(words, bytes):
        # a character has up to four bytes, so the rest is cut off anyway
        words = words[: 4 * limit + 4].decode('utf-8', 'backslashreplace')
    text = words if len(words) <= limit else words[:limit] + '...'
    safe = _unsafe().sub(_escape, mask(text.encode('utf-8', 'replace')).decode('utf-8'))
    return safe.encode(local(), 'replace')


def isclean(text: bytes) -> bool:
    """Return whether a text is free of control characters."""
    return text.isascii() and _isprintable(text) or _escaped(text) == text


def mask(text: bytes) -> bytes:
    """Mask passwords, queries of URLs and secret headers in a text."""
    if b':' in text or b'?' in text or b'=' in text:
        for pattern, replacement in _secrets():
            text = pattern.sub(replacement, text)
    return text


def masktoken(text: str) -> str:
    """Mask the tokens in a line of our logs, and keep the rest of the query."""
    return re.sub(r'(?i)(hglfs-token(?:=|%3d))[^&\s"]+', r'\1***', text)


def logged(line: str) -> str:
    """Sanitize a line for one of our logs: no tokens, no control characters."""
    return _unsafe().sub(_escape, masktoken(line))


def _isprintable(text: bytes) -> bool:
    return text.decode('ascii').isprintable()


def _escaped(text: bytes) -> bytes:
    # file names are usually UTF-8 even where no encoding is set
    encoding = 'utf-8' if local().lower() in ('ascii', 'us-ascii') else local()
    try:
        decoded = text.decode(encoding, 'surrogateescape')
        return _unsafe().sub(_escape, decoded).encode(encoding, 'surrogateescape')
    except UnicodeError:  # an encoding with escape sequences, as ISO-2022
        return text.decode('ascii', 'backslashreplace').encode('unicode_escape')


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:
        return '\\x%02x' % (code - 0xDC00)
    return ascii(found.group())[1:-1]
