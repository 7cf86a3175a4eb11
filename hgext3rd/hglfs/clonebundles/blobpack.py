"""The format of packs, which are files of blobs, and of the list that advertises them.

Format, ours: a pack starts with its *index*: a list of its blobs in the format of
``lfs.wire.blobstream``, sorted by oid, without duplicates. The index is followed by the
stream of these blobs. Each blob in it is complete, so the offset of each can be
computed from the index.

Packs are advertised in JSON: ``{"version": 1, "packs": [PACK...]}``, where PACK has
``digest`` (the SHA-256 of the file, in hex digits), ``size`` and ``index`` (the lengths
of the file and of the index, in bytes) and ``urls``, the preferred one first. The input
is untrusted: a wrong type, or a number above its limit, raises WireError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..lfs.wire import blobstream, wirejson
from ..lfs.wire.action import encodedurl
from ..lfs.wire.blobstream import Item
from ..lfs.wire.jsonstream import members
from ..lfs.wire.wirejson import WireError

#: The longest index of a pack that is accepted, in bytes.
_MAXINDEX = 16 << 20
_MAXSIZE = 1 << 44
_MAXPACKS = 1 << 14
_MAXURLS = 32
_VERSION = 1
_DIGEST = re.compile(r'[0-9a-f]{64}\Z')
_URL = re.compile(r'https?://[!-~]{1,8000}\Z', re.IGNORECASE)


@dataclass(frozen=True)
class AdvertisedPack:
    """A pack that a server advertises; the fields are described above."""

    digest: str
    size: int
    index: int
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Slot:
    """The position of a blob in a pack: ``start`` is the offset of its header line."""

    item: Item
    start: int

    @property
    def body(self) -> int:
        """The offset of the blob's content."""
        return self.start + len(self.item.encode())

    @property
    def end(self) -> int:
        """The offset after the blob's content."""
        return self.body + self.item.size


def encode(packs: Sequence[AdvertisedPack]) -> bytes:
    """Encode the list of packs that a server advertises."""
    document = {'version': _VERSION, 'packs': [asdict(one) for one in packs]}
    return json.dumps(document).encode('ascii')


def decode(text: bytes) -> list[AdvertisedPack]:
    """Decode the list of packs that a server advertises; raise WireError."""
    version: Any = None
    found: list[AdvertisedPack] = []
    for member in members([text], 'the list of packs', ['packs']):
        if member.name == 'packs':
            if not member.element or len(found) == _MAXPACKS:
                raise WireError('no list of packs')
            found.append(_decodepack(member.value))
        elif member.name == 'version':
            version = member.value
    if version != _VERSION:
        raise WireError('of another version')
    return found


def _decodepack(one: Any) -> AdvertisedPack:
    one = wirejson.mapping(one, 'a pack')
    digest, urls = one.get('digest'), one.get('urls')
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        raise WireError('a bad digest')
    if not isinstance(urls, list) or not 0 < len(urls) <= _MAXURLS:
        raise WireError('no list of URLs')
    urls = [encodedurl(url) for url in urls]
    if not all(_URL.match(url) for url in urls):
        raise WireError('a bad URL')
    size = _number(one.get('size'), _MAXSIZE)
    index = _number(one.get('index'), min(size, _MAXINDEX))
    return AdvertisedPack(digest, size, index, tuple(urls))


def _number(value: Any, most: int) -> int:
    # not isinstance: bool is a subclass of int
    if type(value) is not int or not 0 < value <= most:
        raise WireError('a bad size')
    return value


def encodeindex(items: Iterable[Item]) -> bytes:
    """Encode the index of a pack."""
    return blobstream.encodelist(items)


def decodeindex(text: bytes) -> list[Item]:
    """Decode the index of a pack; raise WireError."""
    items = list(blobstream.Reader([text]).items())
    if any(item.code is not None or item.offset for item in items):
        raise WireError('an index with errors or offsets')
    if any(one.oid >= other.oid for one, other in zip(items, items[1:])):
        raise WireError('an index that is not sorted')
    return items


def layout(items: Sequence[Item], size: int) -> list[Slot]:
    """Return the positions of the blobs of an index in a pack of ``size`` bytes.

    Raises WireError if the index does not match that size.
    """
    at = len(encodeindex(items))
    if size != at + blobstream.length(items):
        raise WireError('an index that does not match the size')
    slots = []
    for item in items:
        slots.append(Slot(item, at))
        at = slots[-1].end
    return slots
