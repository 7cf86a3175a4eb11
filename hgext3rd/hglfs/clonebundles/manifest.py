"""``clonebundles.manifest``: which bundles there are, one a line.

Format: ``hg help -e clonebundles``: a URL, then ``key=value`` pairs, their keys and
values percent-encoded, all apart by white space.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

#: What tells a client that it needs server name indication.
SNI = (b'REQUIRESNI', b'true')
#: What distinguishes our lines in ``pullbundles.manifest`` from those written by hand.
OWN = (b'made-by', b'hglfs')
#: How URLs of bundles begin that the repository's own server sends.
INLINE = b'peer-bundle-cache://'
#: The schemes that no client of any age takes for a file of its own.
_SCHEME = re.compile(rb'(?!file:)[a-z][a-z0-9+.-]*://.', re.IGNORECASE)
_BADESCAPE = re.compile(rb'%(?![0-9A-Fa-f]{2})')
_DIGESTS = re.compile(rb'[a-z0-9]+:[0-9a-f]+(,[a-z0-9]+:[0-9a-f]+)*\Z')
_HEXDIGITS = {b'sha256': 64, b'sha512': 128}
_NUMBER = re.compile(rb'[0-9]{1,18}\Z')
_MEMORY = re.compile(rb'[0-9]+(\.[0-9]+)?\s*([kmg]?b?)\Z', re.IGNORECASE)
#: What needs no escape: all but white space, the per cent and the equals sign.
_PLAIN = "!#$&'()*+,-./:;<>?@[]^_`{|}~"


@dataclass(frozen=True)
class Entry:
    """One bundle: where it is, and what is told of it, decoded and in order."""

    url: bytes
    attributes: tuple[tuple[bytes, bytes], ...] = ()

    def get(self, key: bytes) -> bytes | None:
        """Returns an attribute, or None; of several the last, as Mercurial does."""
        return dict(self.attributes).get(key)

    def format(self) -> bytes:
        """Returns the entry as a line, without its end."""
        pairs = (b'%s=%s' % (_quote(key), _quote(v)) for key, v in self.attributes)
        return b' '.join((self.url, *pairs))


@dataclass(frozen=True)
class ManifestLine:
    """A line of a manifest: what it says, or why nobody may be given it.

    ``number`` counts from one.
    """

    number: int
    url: bytes
    entry: Entry | None
    complaint: bytes | None = None


def parse(text: bytes) -> list[ManifestLine]:
    """Returns the lines that say something."""
    lines = enumerate(text.splitlines(), 1)
    return [_parse(number, line) for number, line in lines if line.strip()]


def format(entries: list[Entry]) -> bytes:
    """Returns the text of a manifest."""
    return b''.join(entry.format() + b'\n' for entry in entries)


def _parse(number: int, line: bytes) -> ManifestLine:
    url, *tokens = line.split()
    complaint = _badurl(url) or next(filter(None, map(_badtoken, tokens)), None)
    if complaint:
        return ManifestLine(number, url, None, complaint)
    pairs = (token.split(b'=', 1) for token in tokens)
    attributes = tuple((_unquote(key), _unquote(value)) for key, value in pairs)
    entry = Entry(url, attributes)
    complaint = next(filter(None, (_badvalue(*pair) for pair in attributes)), None)
    return ManifestLine(number, url, None if complaint else entry, complaint)


def _badurl(url: bytes) -> bytes | None:
    if not _SCHEME.match(url):
        return b'"%s" is not a URL that clients can use' % _shown(url)
    if not all(0x20 < byte < 0x7F for byte in url):
        return b'the URL has bytes that have to be percent-encoded'
    return None


def _badtoken(token: bytes) -> bytes | None:
    if b'=' not in token:
        return b'"%s" has no "="' % _shown(token)
    if _BADESCAPE.search(token):
        return b'"%s" has a "%%" without two hex digits' % _shown(token)
    return None


def _badvalue(key: bytes, value: bytes) -> bytes | None:
    good = True
    if key == b'DIGEST':
        good = _gooddigests(value)
    elif key == b'SIZE':
        good = bool(_NUMBER.match(value))
    elif key == b'REQUIREDRAM':
        good = bool(_MEMORY.match(value.strip()))
    return None if good else b'bad %s: "%s"' % (key, _shown(value))


def _gooddigests(value: bytes) -> bool:
    if not _DIGESTS.match(value):
        return False
    digests = {tuple(item.split(b':')) for item in value.split(b',')}
    known = [(name, digest) for name, digest in digests if name in _HEXDIGITS]
    names = [name for name, _digest in digests]
    return (
        bool(known)
        and len(names) == len(set(names))
        and all(len(digest) == _HEXDIGITS[name] for name, digest in known)
    )


def _shown(text: bytes) -> bytes:
    """Returns the begin of what somebody wrote, fit for a log."""
    return ascii(text[:60])[2:-1].encode('ascii')


def _quote(text: bytes) -> bytes:
    return urllib.parse.quote_from_bytes(text, _PLAIN).encode('ascii')


def _unquote(text: bytes) -> bytes:
    return urllib.parse.unquote_to_bytes(text)
