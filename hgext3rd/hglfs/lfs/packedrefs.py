"""A list of references to blobs that needs little memory, for very long lists."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

from .blob import BlobRef

_OID = 32
#: A blob: its oid as bytes, and its size.
_FORMAT = struct.Struct('>%dsQ' % _OID)
_ITEM = _FORMAT.size
#: The size of an empty index, in slots; all sizes are powers of two.
_SLOTS = 64


class PackedRefs(Sequence[BlobRef]):
    """References to blobs by oid and size, each oid once, in insertion order.

    A blob takes 40 bytes of memory, and up to 16 more in the index. Paths are not kept.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._index = array('I', bytes(4 * _SLOTS))

    @property
    def nbytes(self) -> int:
        """The memory in use, in bytes."""
        return len(self._data) + self._index.itemsize * len(self._index)

    def add(self, oid: bytes, size: int) -> None:
        """Add a blob; if its oid is present, replace the size."""
        raw = bytes.fromhex(oid.decode('ascii'))
        slot = self._slot(raw)
        number = self._index[slot]
        if number:
            at = _ITEM * number
            self._data[at - 8 : at] = size.to_bytes(8, 'big')
            return
        self._data += _FORMAT.pack(raw, size)
        self._index[slot] = len(self)
        if 2 * len(self) > len(self._index):
            self._grow()

    def _slot(self, raw: bytes) -> int:
        """Return the blob's slot in the index, or the free slot to put it in."""
        mask = len(self._index) - 1
        # Python's hash is seeded with a secret, so that collisions cannot be crafted
        slot = hash(raw) & mask
        while number := self._index[slot]:
            at = _ITEM * (number - 1)
            if self._data[at : at + _OID] == raw:
                break
            slot = slot + 1 & mask
        return slot

    def _grow(self) -> None:
        self._index = array('I', bytes(8 * len(self._index)))
        for number in range(len(self)):
            at = _ITEM * number
            self._index[self._slot(bytes(self._data[at : at + _OID]))] = number + 1

    def __len__(self) -> int:
        return len(self._data) // _ITEM

    @overload
    def __getitem__(self, number: int) -> BlobRef: ...

    @overload
    def __getitem__(self, number: slice) -> list[BlobRef]: ...

    def __getitem__(self, number: int | slice) -> BlobRef | list[BlobRef]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        at = _ITEM * (number % len(self))
        oid, size = _FORMAT.unpack_from(self._data, at)
        return BlobRef(oid.hex().encode('ascii'), size)

    def __iter__(self) -> Iterator[BlobRef]:
        for oid, size in _FORMAT.iter_unpack(self._data):
            yield BlobRef(oid.hex().encode('ascii'), size)
