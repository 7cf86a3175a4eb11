"""Object ids: the SHA-256 of a blob's content, as 64 lowercase hex digits."""

from __future__ import annotations

import re

_OID = re.compile(rb'\A[0-9a-f]{64}\Z')

#: The unit in which blobs are read and written, in bytes.
CHUNK = 1 << 20


def isoid(text: bytes) -> bool:
    """Tells whether a text is an object id; the guard for whatever a peer sends."""
    return _OID.match(text) is not None
