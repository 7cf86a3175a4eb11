"""Make words of others fit for a terminal and a log.

Words of others are what a server, a transfer agent or history has put into a message.
There are two steps:

- ``quoted`` takes such words alone, as text or in UTF-8, where a message is composed.
  It bounds their length and returns them in the user's encoding.
- ``shown`` takes a whole message on its way out. It is the gate: the messages and
  hints of every ``LfsError`` pass it, and what a ``Log`` is given. File names stay
  the bytes that they are, but for what a terminal would take for a command.

Both replace control characters (C0 and C1, line ends among them) and those that change
the direction of text by escapes as in Python's literals, and mask passwords, queries
of URLs and secret headers.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

#: How many characters of words of others are shown.
LIMIT = 200
#: And how many bytes of a message as a whole.
_MOST = 8000


def _utf8() -> str:
    return 'utf-8'


#: Returns the name of the user's encoding; the extension has it from Mercurial.
local: Callable[[], str] = _utf8


@functools.cache
def _unsafe() -> re.Pattern[str]:
    return re.compile(
        '[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff'
        # bytes of C1 that are no text in the user's encoding
        '\udc80-\udc9f]'
    )


@functools.cache
def _secrets() -> list[tuple[re.Pattern[bytes], bytes]]:
    """Return what is replaced in messages, and by what.

    All repetitions are bounded, or begin at a literal: texts may be hostile.
    """
    return [
        # a password in a URL
        (re.compile(rb'(://[^\s/?#@:"<>]*:)[^\s/?#"<>]*@'), rb'\1***@'),
        # the query of a URL, whole: there are many names for signatures
        (
            re.compile(
                rb'(://[^\s?"<>]*\?|\?(?=[\w.~%-]{1,80}=))(?!\.\.\.)[^\s"\'<>]*?'
                rb'(?=[:;,.)\]}]{0,4}(?:[\s"\'<>]|\Z))'
            ),
            rb'\1...',
        ),
        # headers, and members of JSON objects that have such names
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


def shown(message: bytes) -> bytes:
    """Return a message as one line without secrets and control characters."""
    text = mask(message[: 2 * _MOST])
    if len(text) > _MOST:
        text = text[:_MOST] + b'...'
    return text if text.isascii() and _isprintable(text) else _escaped(text)


def lines(message: bytes) -> bytes:
    """Return a message of several lines, each as ``shown`` has it."""
    return b'\n'.join(map(shown, message.split(b'\n')))


def quoted(words: str | bytes, limit: int = LIMIT) -> bytes:
    """Return the start of words of others in the user's encoding, as one line.

    Bytes are UTF-8, or else shown as escapes.
    """
    if isinstance(words, bytes):
        # a character has up to four bytes; the rest need not be looked at
        words = words[: 4 * limit + 4].decode('utf-8', 'backslashreplace')
    text = words if len(words) <= limit else words[:limit] + '...'
    safe = _unsafe().sub(_escape, mask(text.encode('utf-8', 'replace')).decode('utf-8'))
    return safe.encode(local(), 'replace')


def isclean(text: bytes) -> bool:
    """Tell whether a text has no control characters."""
    return text.isascii() and _isprintable(text) or _escaped(text) == text


def mask(text: bytes) -> bytes:
    """Return a text without passwords, queries of URLs, and secret headers."""
    if b':' in text or b'?' in text or b'=' in text:
        for pattern, replacement in _secrets():
            text = pattern.sub(replacement, text)
    return text


def masktoken(text: str) -> str:
    """Return a line of a log of ours without tokens: the rest of a query is of use."""
    return re.sub(r'(?i)(hglfs-token(?:=|%3d))[^&\s"]+', r'\1***', text)


def logged(line: str) -> str:
    """Return a line for a log of ours, without tokens and control characters."""
    return _unsafe().sub(_escape, masktoken(line))


def _isprintable(text: bytes) -> bool:
    return text.decode('ascii').isprintable()


def _escaped(text: bytes) -> bytes:
    # file names are UTF-8 also where the user's encoding is not set
    encoding = 'utf-8' if local().lower() in ('ascii', 'us-ascii') else local()
    try:
        decoded = text.decode(encoding, 'surrogateescape')
        return _unsafe().sub(_escape, decoded).encode(encoding, 'surrogateescape')
    except UnicodeError:  # of an encoding with escape sequences of its own
        return text.decode('ascii', 'backslashreplace').encode('unicode_escape')


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:
        return '\\x%02x' % (code - 0xDC00)
    return ascii(found.group())[1:-1]
