"""Object ids: the SHA-256 of a blob's content, as 64 lowercase hex digits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_OID = re.compile(rb'\A[0-9a-f]{64}\Z')

#: The unit in which blobs are read and written, in bytes.
CHUNK = 1 << 20


def isoid(text: bytes) -> bool:
    """Tells whether a text is an object id; the guard for whatever a peer sends."""
    return _OID.match(text) is not None


def digest(chunks: Iterable[bytes]) -> tuple[bytes, int]:
    """Returns the oid and the size in bytes of a content given in chunks."""
    hasher = hashlib.sha256()
    size = 0
    for chunk in chunks:
        hasher.update(chunk)
        size += len(chunk)
    return hasher.hexdigest().encode('ascii'), size
