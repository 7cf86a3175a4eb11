"""Answers packs from and into one repository's own store.

Format: ``model.pack``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model import pack
from ..model.errors import BlobError, BlobMangled, RemoteError, StoreFailed
from ..model.pack import Item
from ..store.api import BlobStore
from ..store.files import readchunks
from ..store.partial import skipped

_NOTFOUND, _CONFLICT, _MANGLED, _TOOLARGE, _FULL = 404, 409, 400, 413, 507
_CREATED = 201
#: From so many bytes on what has come of a blob is kept where its sender goes away.
_RESUMED = 1 << 20


def have(items: Iterable[Item], store: BlobStore) -> bytes:
    """Returns which blobs are there: a size, and how much of it; or a code."""
    return pack.encodelist(_state(item, store) for item in items)


def _state(item: Item, store: BlobStore) -> Item:
    size = store.size(item.oid)
    if size is not None:
        return Item(item.oid, size, size)
    there = store.partial(item.oid)
    # one that is all there, but not yet proven, is not there
    if 0 < there < item.size:
        return Item(item.oid, item.size, there)
    return Item(item.oid, code=_NOTFOUND)


def send(items: Iterable[Item], store: BlobStore) -> Iterator[bytes]:
    """Yields the pack that answers a list; blobs that aren't there have a code."""
    return pack.encode(_frame(item, store) for item in items)


def _frame(item: Item, store: BlobStore) -> tuple[Item, Iterable[bytes]]:
    size = store.size(item.oid)
    if size is None or item.offset > size:
        return Item(item.oid, code=_NOTFOUND), ()
    return Item(item.oid, size, item.offset), _content(item, store)


def _content(item: Item, store: BlobStore) -> Iterator[bytes]:
    with store.open(item.oid) as handle:
        handle.seek(item.offset)
        yield from readchunks(handle)


def take(reader: pack.Reader, store: BlobStore, most: int = 0) -> bytes:
    """Takes in a pack; returns a code for each blob when all are on the disk.

    One that can't be taken in, or has over ``most`` bytes where that isn't 0,
    doesn't keep the others out. Raises WireError where
    it is no pack: what has come by then stays.
    """
    codes = [
        Item(item.oid, code=_takeone(item, body, store, most))
        for item, body in reader.frames()
    ]
    store.flush()
    return pack.encodelist(codes)


def _takeone(item: Item, body: Iterator[bytes], store: BlobStore, most: int) -> int:
    if item.code is not None:
        return _MANGLED
    if most and item.size > most:
        return _TOOLARGE

    def source(there: int) -> tuple[int, Iterable[bytes]]:
        if there < item.offset:
            raise RemoteError(b'another upload of the object goes on')
        return there, skipped(body, there - item.offset)

    try:
        if item.size < _RESUMED and not item.offset:
            store.ingest(body, item.oid, item.size)
        else:
            store.receive(item.oid, item.size, source)
    except BlobMangled:
        return _MANGLED
    except StoreFailed:
        return _FULL
    except (RemoteError, BlobError):
        return _CONFLICT
    return _CREATED
