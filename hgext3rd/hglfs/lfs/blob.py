"""A blob as somebody wants it: named, sized, and with a file it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: What can be asked of a remote, in the Batch API's words.
DOWNLOAD = 'download'
UPLOAD = 'upload'


@dataclass(frozen=True)
class BlobRef:
    """Names a blob: oid, size in bytes, and a file that has it, for messages."""

    oid: bytes
    size: int
    path: bytes = b'unknown'


def unique(refs: Iterable[BlobRef]) -> list[BlobRef]:
    """Returns the references with each oid once, in the order they came."""
    return list({ref.oid: ref for ref in refs}.values())
