"""What history tells of a large revision of a file."""

from __future__ import annotations

from dataclasses import dataclass

from .blob import BlobRef
from .pointer import Pointer


@dataclass(frozen=True)
class Large:
    """One large revision of a file: its node and its parents' are binary.

    ``opaque`` says that nobody looks into its content on its way.
    """

    path: bytes
    node: bytes
    parents: tuple[bytes, bytes]
    pointer: Pointer
    opaque: bool = True

    @property
    def ref(self) -> BlobRef:
        """The blob of its content, under the file's name."""
        return BlobRef(self.pointer.oid, self.pointer.size, self.path)
