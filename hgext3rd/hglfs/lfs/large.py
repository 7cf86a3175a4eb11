"""A large file's revision, as history has it."""

from __future__ import annotations

from dataclasses import dataclass

from .blob import BlobRef
from .pointer import Pointer


@dataclass(frozen=True)
class Large:
    """One large revision of a file: path, node, parents (binary nodes) and pointer.

    ``opaque`` is false for content that Mercurial or an extension reads or changes on
    its way, as that of ``.hgsub``: it cannot be streamed.
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
