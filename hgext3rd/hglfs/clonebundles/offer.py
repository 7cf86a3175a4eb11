"""A clone bundle, as a manifest offers it.

Format: Mercurial's ``clonebundles.manifest``. ``DIGEST`` is
``ALGORITHM:HEX[,ALGORITHM:HEX]``; ``SIZE`` is ours: how many bytes the bundle has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..lfs.errors import RemoteError

#: The most bytes that a bundle is believed to have.
MOST = 1 << 44
_SIZE = re.compile(rb'[0-9]{1,99}\Z')
_HEX = re.compile(rb'[0-9a-f]+\Z')
#: How many digits the digests have that we know, the preferred one first.
_DIGITS = {b'sha256': 64, b'sha512': 128}


@dataclass(frozen=True)
class Offer:
    """Says where a bundle is, and what of it is known: digests, its size in bytes."""

    url: bytes
    digests: Mapping[bytes, bytes] = field(default_factory=dict)
    size: int | None = None

    @property
    def oid(self) -> bytes | None:
        """The bundle's SHA-256, by which it is known as any blob."""
        return self.digests.get(b'sha256')

    @property
    def proof(self) -> tuple[str, bytes] | None:
        """The best of its digests, with the name that ``hashlib`` has for it."""
        for name in _DIGITS:
            if name in self.digests:
                return name.decode('ascii'), self.digests[name]
        return None


def parse(entry: Mapping[bytes, Any]) -> Offer:
    """Returns what a manifest's line offers, from its attributes.

    Raises RemoteError where that can't be.
    """
    digests = _digests(entry[b'DIGEST']) if b'DIGEST' in entry else {}
    text = entry.get(b'SIZE') or b''
    size = int(text) if _SIZE.match(text) else None
    if size is not None and size > MOST:
        raise RemoteError(b'nobody has room for a bundle of %d bytes' % size)
    return Offer(entry[b'URL'], digests, size)


def _digests(text: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for item in text.split(b','):
        name, _colon, value = item.partition(b':')
        if name not in _DIGITS:
            continue
        sound = _HEX.match(value) and len(value) == _DIGITS[name]
        if not sound or found.setdefault(name, value) != value:
            raise RemoteError(b'its digest makes no sense')
    if not found:
        raise RemoteError(b'its digest is of no kind that is known')
    return found
