"""A revision of a large file, as it is stored in history."""

from __future__ import annotations

from dataclasses import dataclass

from .blob import BlobRef
from .pointer import Pointer


@dataclass(frozen=True)
class Large:
    """One large revision of a file: path, node, parents (binary nodes) and pointer.

    ``opaque`` is false for content that cannot be streamed, because Mercurial or an
    extension reads or changes it: that of ``.hgsub``, for example.
    """

    path: bytes
    node: bytes
    parents: tuple[bytes, bytes]
    pointer: Pointer
    opaque: bool = True

    @property
    def ref(self) -> BlobRef:
        """The reference to the blob of the content, with the file's path."""
        return BlobRef(self.pointer.oid, self.pointer.size, self.path)
