"""Blobs for tests, and a log that records."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from hgext3rd.hglfs.lfs.blob import BlobRef


def oidof(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode('ascii')


def refto(content: bytes, path: bytes = b'some/file.bin') -> BlobRef:
    return BlobRef(oidof(content), len(content), path)


def pieces(content: bytes, size: int = 7) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def readall(store, oid: bytes) -> bytes:
    with store.open(oid) as handle:
        return handle.read()


def sameprefix(count: int) -> list[bytes]:
    """Return contents whose blobs share a folder on disk."""
    numbered = (b'content %d' % number for number in itertools.count())
    alike = (text for text in numbered if oidof(text).startswith(b'00'))
    return list(itertools.islice(alike, count))


class Notes:
    """A log that records its messages."""

    def __init__(self, debugging: bool = False) -> None:
        self.debugging = debugging
        self.notes: list[bytes] = []
        self.debugged: list[bytes] = []

    def note(self, message: bytes) -> None:
        self.notes.append(message)

    def debug(self, message: bytes) -> None:
        self.debugged.append(message)
