"""References to blobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: The operations of the Batch API.
DOWNLOAD = 'download'
UPLOAD = 'upload'


@dataclass(frozen=True)
class BlobRef:
    """A reference to a blob: oid, size in bytes, and a file's path for messages."""

    oid: bytes
    size: int
    path: bytes = b'unknown'


def unique(refs: Iterable[BlobRef]) -> list[BlobRef]:
    """Return one reference for each oid, in the order in which the oids first occur.

    Of several references with the same oid, the last is returned.
    """
    return list({ref.oid: ref for ref in refs}.values())
