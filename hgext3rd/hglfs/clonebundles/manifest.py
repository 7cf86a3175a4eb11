"""``clonebundles.manifest``: which bundles there are, one a line.

Format: ``hg help -e clonebundles``: a URL, then ``key=value`` pairs, their keys and
values percent-encoded, all apart by white space. ``DIGEST`` is
``ALGORITHM:HEX[,ALGORITHM:HEX]``. ``SIZE`` is ours: how many bytes the bundle has.

Format, ours: increments go on where a bundle ends. A server lists them in the same way,
in answer to another command, with three keys more. ``STEP`` is which increment of the
bundle it is, from 1; several lines are one increment at several places. ``BASES`` are
the changesets that it goes on from, hashes with semicolons between; ``BASE`` is the
SHA-256 of the bundle.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..lfs.errors import RemoteError

#: What tells a client that it needs server name indication.
SNI = (b'REQUIRESNI', b'true')
#: What distinguishes our lines in ``pullbundles.manifest`` from those written by hand.
OWN = (b'made-by', b'hglfs')
#: How URLs of bundles begin that the repository's own server sends.
INLINE = b'peer-bundle-cache://'
#: The most bytes that a bundle is believed to have.
MAXSIZE = 1 << 44
#: The keys of an increment.
STEP = b'STEP'
BASE = b'BASE'
BASES = b'BASES'
#: The schemes that no client of any age takes for a file of its own.
_SCHEME = re.compile(rb'(?!file:)[a-z][a-z0-9+.-]*://.', re.IGNORECASE)
_BADESCAPE = re.compile(rb'%(?![0-9A-Fa-f]{2})')
_DIGESTS = re.compile(rb'[a-z0-9]+:[0-9a-f]+(,[a-z0-9]+:[0-9a-f]+)*\Z')
#: How many hex digits the known digests have, the preferred one first.
_HEXDIGITS = {b'sha256': 64, b'sha512': 128}
_HEX = re.compile(rb'[0-9a-f]+\Z')
_NUMBER = re.compile(rb'[0-9]{1,18}\Z')
_SIZE = re.compile(rb'[0-9]{1,99}\Z')
_ORDINAL = re.compile(rb'[1-9][0-9]{0,5}\Z')
_HASHES = re.compile(rb'([0-9a-f]{40}|[0-9a-f]{64})?(;([0-9a-f]{40}|[0-9a-f]{64}))*\Z')
_MEMORY = re.compile(rb'[0-9]+(\.[0-9]+)?\s*([kmg]?b?)\Z', re.IGNORECASE)
#: What needs no escape: all but white space, the per cent and the equals sign.
_SAFE = "!#$&'()*+,-./:;<>?@[]^_`{|}~"
#: An entry as Mercurial has it for a client: its attributes, the URL among them.
_Attributes = TypeVar('_Attributes', bound=Mapping[bytes, Any])


@dataclass(frozen=True)
class Entry:
    """One bundle at one place: its URL and attributes, decoded and in order."""

    url: bytes
    attributes: tuple[tuple[bytes, bytes], ...] = ()

    def get(self, key: bytes) -> bytes | None:
        """Return an attribute, or None; of several the last, as Mercurial does."""
        return dict(self.attributes).get(key)

    def format(self) -> bytes:
        """Return the entry as a line, without its end."""
        pairs = (b'%s=%s' % (_quote(key), _quote(v)) for key, v in self.attributes)
        return b' '.join((self.url, *pairs))


@dataclass(frozen=True)
class ManifestLine:
    """A line of a manifest: its entry, or why clients are not given it.

    ``number`` counts from one.
    """

    number: int
    url: bytes
    entry: Entry | None
    complaint: bytes | None = None


def parse(text: bytes) -> list[ManifestLine]:
    """Return the lines that are not empty."""
    lines = enumerate(text.splitlines(), 1)
    return [_parse(number, line) for number, line in lines if line.strip()]


def format(entries: list[Entry]) -> bytes:
    """Return the text of a manifest."""
    return b''.join(entry.format() + b'\n' for entry in entries)


@dataclass(frozen=True)
class Offer:
    """Where a bundle is, and what a client can verify: digests, its size in bytes."""

    url: bytes
    digests: Mapping[bytes, bytes] = field(default_factory=dict)
    size: int | None = None

    @property
    def oid(self) -> bytes | None:
        """The bundle's SHA-256, by which it is known as any blob."""
        return self.digests.get(b'sha256')

    @property
    def checksum(self) -> tuple[str, bytes] | None:
        """The best of its digests, with the name that ``hashlib`` has for it."""
        for name in _HEXDIGITS:
            if name in self.digests:
                return name.decode('ascii'), self.digests[name]
        return None


def offer(attributes: Mapping[bytes, Any]) -> Offer:
    """Return what an entry offers; raise RemoteError where that can't be."""
    digests = _digests(attributes[b'DIGEST']) if b'DIGEST' in attributes else {}
    text = attributes.get(b'SIZE') or b''
    size = int(text) if _SIZE.match(text) else None
    if size is not None and size > MAXSIZE:
        raise RemoteError(b'nobody has room for a bundle of %d bytes' % size)
    return Offer(attributes[b'URL'], digests, size)


def increments(entries: Iterable[_Attributes], base: bytes) -> list[list[_Attributes]]:
    """Return the increments of a bundle in their order, each with its places.

    The list ends where an increment is missing. ``base`` is the bundle's SHA-256.
    """
    found: dict[int, list[_Attributes]] = {}
    for entry in entries:
        number = entry.get(STEP) or b''
        if _ORDINAL.match(number) and entry.get(BASE) == base:
            found.setdefault(int(number), []).append(entry)
    steps: list[list[_Attributes]] = []
    while 1 + len(steps) in found:
        steps.append(found[1 + len(steps)])
    return steps


def bases(attributes: Mapping[bytes, Any]) -> list[bytes]:
    """Return the hashes that an increment goes on from; raise RemoteError."""
    text = attributes.get(BASES)
    if text is None or not _HASHES.match(text):
        raise RemoteError(b'nobody knows what it goes on from')
    return [bytes.fromhex(item.decode('ascii')) for item in text.split(b';') if item]


def _digests(text: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for item in text.split(b','):
        name, _colon, value = item.partition(b':')
        if name not in _HEXDIGITS:
            continue
        sound = _HEX.match(value) and len(value) == _HEXDIGITS[name]
        if not sound or found.setdefault(name, value) != value:
            raise RemoteError(b'its digest makes no sense')
    if not found:
        raise RemoteError(b'its digest is of no kind that is known')
    return found


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
    """Return the beginning of a text, fit for a log."""
    return ascii(text[:60])[2:-1].encode('ascii')


def _quote(text: bytes) -> bytes:
    return urllib.parse.quote_from_bytes(text, _SAFE).encode('ascii')


def _unquote(text: bytes) -> bytes:
    return urllib.parse.unquote_to_bytes(text)
