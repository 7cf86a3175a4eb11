"""References to blobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: The operations of the Batch API.
DOWNLOAD = 'download'
UPLOAD = 'upload'


@dataclass(frozen=True)
class BlobRef:
    """A reference to a blob: oid, size in bytes, and a path of it for messages."""

    oid: bytes
    size: int
    path: bytes = b'unknown'


def unique(refs: Iterable[BlobRef]) -> list[BlobRef]:
    """Return the last reference of each oid, in the order of the first ones."""
    return list({ref.oid: ref for ref in refs}.values())
