"""A chain: increments that go on where a bundle ends, as a server tells of them.

Format: lines as in ``clonebundles.manifest``, with three keys more. ``STEP`` is which
increment of the chain it is, from 1; several lines are one increment at several
places. ``BASES`` are the changesets that it goes on from, hashes with semicolons
between; ``BASE`` is the SHA-256 of the bundle that the chain belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ..lfs.errors import RemoteError

STEP = b'STEP'
BASE = b'BASE'
BASES = b'BASES'
#: A server's capability, and its command: bundles' digests in, their chains out.
CAPABILITY = b'hglfs-bundles'
COMMAND = b'hglfs_bundles'
_NUMBER = re.compile(rb'[1-9][0-9]{0,5}\Z')
_HASHES = re.compile(rb'([0-9a-f]{40}|[0-9a-f]{64})?(;([0-9a-f]{40}|[0-9a-f]{64}))*\Z')
_Entry = TypeVar('_Entry', bound=Mapping[bytes, Any])


def steps(entries: Iterable[_Entry], base: bytes) -> list[list[_Entry]]:
    """Returns a bundle's increments in their order, each with its places.

    It ends where an increment is missing.
    """
    found: dict[int, list[_Entry]] = {}
    for entry in entries:
        number = entry.get(STEP) or b''
        if _NUMBER.match(number) and entry.get(BASE) == base:
            found.setdefault(int(number), []).append(entry)
    chain: list[list[_Entry]] = []
    while 1 + len(chain) in found:
        chain.append(found[1 + len(chain)])
    return chain


def needed(entry: Mapping[bytes, Any]) -> list[bytes]:
    """Returns the hashes that an increment goes on from; raises RemoteError."""
    text = entry.get(BASES)
    if text is None or not _HASHES.match(text):
        raise RemoteError(b'nobody knows what it goes on from')
    return [bytes.fromhex(item.decode('ascii')) for item in text.split(b';') if item]
