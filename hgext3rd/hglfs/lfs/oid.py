"""Object ids: the SHA-256 of a blob's content, as 64 lowercase hex digits."""

from __future__ import annotations

import re

_OID = re.compile(rb'\A[0-9a-f]{64}\Z')

#: The chunk size for reading and writing blobs, in bytes.
CHUNK = 1 << 20


def isoid(text: bytes) -> bool:
    """Return whether a text is an object id; peers' input MUST pass this check."""
    return _OID.match(text) is not None
