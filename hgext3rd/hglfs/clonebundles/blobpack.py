"""Packs of blobs at rest, and how a server tells of them.

Format, ours: a pack begins with a list of its blobs, as ``lfs.wire.blobstream`` has it,
with the oids in their order and each once: its *index*. Then comes the stream of these
blobs, each whole, so that the index gives where each of them begins.

Packs are told of in JSON: ``{"version": 1, "packs": [PACK...]}``, where PACK has
``digest`` (the SHA-256 of the file, in hex digits), ``size`` and ``index`` (the bytes
of the file, and of the index) and ``urls``, the best first. Nothing of it is believed:
what is of another form, or beyond bounds, raises WireError.
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

#: The most bytes of a pack's index that are believed.
_MAXINDEX = 16 << 20
_MAXSIZE = 1 << 44
_MAXPACKS = 1 << 14
_MAXURLS = 32
_VERSION = 1
_DIGEST = re.compile(r'[0-9a-f]{64}\Z')
_URL = re.compile(r'https?://[!-~]{1,8000}\Z', re.IGNORECASE)


@dataclass(frozen=True)
class AdvertisedPack:
    """A pack that a server tells of."""

    digest: str
    size: int
    index: int
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Slot:
    """Where a blob is in a pack: its line begins at ``start``, it at ``body``."""

    item: Item
    start: int

    @property
    def body(self) -> int:
        """Where the blob's bytes begin."""
        return self.start + len(self.item.encode())

    @property
    def end(self) -> int:
        """Where they end."""
        return self.body + self.item.size


def encode(packs: Sequence[AdvertisedPack]) -> bytes:
    """Returns what a server says."""
    document = {'version': _VERSION, 'packs': [asdict(one) for one in packs]}
    return json.dumps(document).encode('ascii')


def decode(text: bytes) -> list[AdvertisedPack]:
    """Returns what a server has said; raises WireError."""
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
    # True is an int, too
    if type(value) is not int or not 0 < value <= most:
        raise WireError('a bad size')
    return value


def encodeindex(items: Iterable[Item]) -> bytes:
    """Returns the index of a blobstream."""
    return blobstream.encodelist(items)


def decodeindex(text: bytes) -> list[Item]:
    """Returns what an index lists; raises WireError."""
    items = list(blobstream.Reader([text]).items())
    if any(item.code is not None or item.offset for item in items):
        raise WireError('more than blobs in an index')
    if any(one.oid >= other.oid for one, other in zip(items, items[1:])):
        raise WireError('an index without order')
    return items


def layout(items: Sequence[Item], size: int) -> list[Slot]:
    """Returns where the blobs of an index are in a pack of so many bytes.

    Raises WireError where that can't be.
    """
    at = len(encodeindex(items))
    if size != at + blobstream.length(items):
        raise WireError('an index of another pack')
    slots = []
    for item in items:
        slots.append(Slot(item, at))
        at = slots[-1].end
    return slots
