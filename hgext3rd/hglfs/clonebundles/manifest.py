"""Parse and format ``clonebundles.manifest``, the list of a server's clone bundles.

Format: ``hg help -e clonebundles``. Each line has a URL, then ``key=value`` pairs with
percent-encoded keys and values, separated by white space. ``DIGEST`` is
``ALGORITHM:HEX[,ALGORITHM:HEX]``. ``SIZE`` is ours: the size of the bundle in bytes.

Format, ours: an *increment* is a bundle of the changesets that were added after its
base, another bundle. A server lists increments in the same format, in reply to another
command, with three more keys. ``STEP`` is the number of the increment among those of
its base, from 1; several lines with one number are the same increment at several URLs.
``BASES`` are the hashes of the changesets that a client needs in order to apply it,
separated by semicolons. ``BASE`` is the SHA-256 of the base.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..lfs.errors import RemoteError

#: The attribute of URLs that need server name indication (SNI) in TLS.
SNI = (b'REQUIRESNI', b'true')
#: The attribute that marks our lines in ``pullbundles.manifest``: others are kept.
OWN = (b'made-by', b'hglfs')
#: The scheme of bundles that the repository's own server sends over its connection.
INLINE = b'peer-bundle-cache://'
#: The largest size of a bundle that is accepted, in bytes.
MAXSIZE = 1 << 44
#: The keys of an increment.
STEP = b'STEP'
BASE = b'BASE'
BASES = b'BASES'
#: URLs that no version of Mercurial takes for the path of a local file.
_SCHEME = re.compile(rb'(?!file:)[a-z][a-z0-9+.-]*://.', re.IGNORECASE)
_BADESCAPE = re.compile(rb'%(?![0-9A-Fa-f]{2})')
_DIGESTS = re.compile(rb'[a-z0-9]+:[0-9a-f]+(,[a-z0-9]+:[0-9a-f]+)*\Z')
#: The supported algorithms, the preferred one first, with their number of hex digits.
_HEXDIGITS = {b'sha256': 64, b'sha512': 128}
_HEX = re.compile(rb'[0-9a-f]+\Z')
_NUMBER = re.compile(rb'[0-9]{1,18}\Z')
_SIZE = re.compile(rb'[0-9]{1,99}\Z')
_ORDINAL = re.compile(rb'[1-9][0-9]{0,5}\Z')
_HASHES = re.compile(rb'([0-9a-f]{40}|[0-9a-f]{64})?(;([0-9a-f]{40}|[0-9a-f]{64}))*\Z')
_MEMORY = re.compile(rb'[0-9]+(\.[0-9]+)?\s*([kmg]?b?)\Z', re.IGNORECASE)
#: Punctuation that needs no escape: all but the percent and the equals sign.
_SAFE = "!#$&'()*+,-./:;<>?@[]^_`{|}~"
#: An entry as Mercurial parses it on clients: its attributes, with ``URL`` among them.
_Attributes = TypeVar('_Attributes', bound=Mapping[bytes, Any])


@dataclass(frozen=True)
class Entry:
    """A line of a manifest: the URL of a bundle, and its attributes, decoded."""

    url: bytes
    attributes: tuple[tuple[bytes, bytes], ...] = ()

    def get(self, key: bytes) -> bytes | None:
        """Return the value of an attribute, or None.

        If the line has the attribute several times, returns the last value, as
        Mercurial does.
        """
        return dict(self.attributes).get(key)

    def format(self) -> bytes:
        """Format the entry as a line, without a newline."""
        pairs = (b'%s=%s' % (_quote(key), _quote(v)) for key, v in self.attributes)
        return b' '.join((self.url, *pairs))


@dataclass(frozen=True)
class ManifestLine:
    """A parsed line of a manifest: its entry, or the reason why it is invalid.

    ``number`` is the line number, from 1. For an invalid line, ``entry`` is None and
    ``complaint`` is the reason; the line is not sent to clients.
    """

    number: int
    url: bytes
    entry: Entry | None
    complaint: bytes | None = None


def parse(text: bytes) -> list[ManifestLine]:
    """Parse the lines of a manifest, without the empty ones."""
    lines = enumerate(text.splitlines(), 1)
    return [_parse(number, line) for number, line in lines if line.strip()]


def format(entries: list[Entry]) -> bytes:
    """Format entries as the text of a manifest."""
    return b''.join(entry.format() + b'\n' for entry in entries)


@dataclass(frozen=True)
class Offer:
    """The URL of a bundle, with the checksums and size that a client verifies.

    ``digests`` are checksums in hex digits, by the name of the algorithm. ``size`` is
    in bytes, or None if the manifest does not state it.
    """

    url: bytes
    digests: Mapping[bytes, bytes] = field(default_factory=dict)
    size: int | None = None

    @property
    def oid(self) -> bytes | None:
        """The bundle's SHA-256 in hex digits, or None if the manifest lacks it.

        If the bundle is stored as a blob, this is its oid.
        """
        return self.digests.get(b'sha256')

    @property
    def checksum(self) -> tuple[str, bytes] | None:
        """The best checksum in the offer, or None if it has none.

        The value is the algorithm's name for ``hashlib``, and the hex digits.
        """
        for name in _HEXDIGITS:
            if name in self.digests:
                return name.decode('ascii'), self.digests[name]
        return None


def offer(attributes: Mapping[bytes, Any]) -> Offer:
    """Return the offer in an entry's attributes; raise RemoteError if invalid."""
    digests = _digests(attributes[b'DIGEST']) if b'DIGEST' in attributes else {}
    text = attributes.get(b'SIZE') or b''
    size = int(text) if _SIZE.match(text) else None
    if size is not None and size > MAXSIZE:
        raise RemoteError(b'its size of %d bytes is above the limit' % size)
    return Offer(attributes[b'URL'], digests, size)


def increments(entries: Iterable[_Attributes], base: bytes) -> list[list[_Attributes]]:
    """Return the increments of a bundle in order, each as a list of its entries.

    The list ends before the first missing number. ``base`` is the bundle's SHA-256 in
    hex digits.
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
    """Return the changesets that an increment needs, as nodes; raise RemoteError."""
    text = attributes.get(BASES)
    if text is None or not _HASHES.match(text):
        raise RemoteError(b'its BASES attribute is missing or invalid')
    return [bytes.fromhex(item.decode('ascii')) for item in text.split(b';') if item]


def _digests(text: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for item in text.split(b','):
        name, _colon, value = item.partition(b':')
        if name not in _HEXDIGITS:
            continue
        sound = _HEX.match(value) and len(value) == _HEXDIGITS[name]
        if not sound or found.setdefault(name, value) != value:
            raise RemoteError(b'its DIGEST attribute is invalid')
    if not found:
        raise RemoteError(b'its DIGEST attribute has no supported algorithm')
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
    """Return the first characters of a text as printable ASCII, for a message."""
    return ascii(text[:60])[2:-1].encode('ascii')


def _quote(text: bytes) -> bytes:
    return urllib.parse.quote_from_bytes(text, _SAFE).encode('ascii')


def _unquote(text: bytes) -> bytes:
    return urllib.parse.unquote_to_bytes(text)
