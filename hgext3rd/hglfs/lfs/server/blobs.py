"""Answer requests for many blobs from and into one repository's own store.

Format: ``lfs.wire.blobstream``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..blob import DOWNLOAD, UPLOAD
from ..errors import BlobError, BlobMangled, BlobTooLarge, RemoteError, StoreFailed
from ..store.api import BlobSink, BlobStore
from ..store.files import readchunks
from ..store.partial import skipped
from ..wire import blobstream
from ..wire.blobstream import Item
from .accesslog import AccessLog, NoAccessLog

_NOTFOUND, _CONFLICT, _MANGLED, _TOOLARGE, _FULL = 404, 409, 400, 413, 507
_OK, _CREATED, _BROKEN = 200, 201, 500


def have(items: Iterable[Item], store: BlobSink, most: int = 0) -> bytes:
    """Return which blobs are there: a size, and how much of it; or a code.

    One that isn't there, and of over ``most`` bytes, would not be taken; 0 is any.
    """
    return blobstream.encodelist(_state(item, store, most) for item in items)


def _state(item: Item, store: BlobSink, most: int) -> Item:
    size = store.size(item.oid)
    # it may be asked for so as not to be sent
    if size is not None and store.touch(item.oid):
        return Item(item.oid, size, size)
    if most and item.size > most:
        return Item(item.oid, code=_TOOLARGE)
    there = store.partial(item.oid)
    # one that is all there, but not yet proven, is not there
    if 0 < there < item.size:
        return Item(item.oid, item.size, there)
    return Item(item.oid, code=_NOTFOUND)


def send(
    items: Iterable[Item], store: BlobStore, log: AccessLog | None = None
) -> Iterator[bytes]:
    """Yield the blobstream that answers a list; blobs that aren't there have a code."""
    accesses = log or NoAccessLog()
    return blobstream.encode(_frame(item, store, accesses) for item in items)


def _frame(
    item: Item, store: BlobStore, log: AccessLog
) -> tuple[Item, Iterable[bytes]]:
    size = store.size(item.oid)
    if size is None or item.offset > size:
        log.moved(DOWNLOAD, item.oid, 0, _NOTFOUND)
        return Item(item.oid, code=_NOTFOUND), ()
    return Item(item.oid, size, item.offset), _content(item, store, log)


def _content(item: Item, store: BlobStore, log: AccessLog) -> Iterator[bytes]:
    moved = 0
    try:
        with store.open(item.oid) as handle:
            handle.seek(item.offset)
            for chunk in readchunks(handle):
                moved += len(chunk)
                yield chunk
    finally:
        log.moved(DOWNLOAD, item.oid, moved, _OK)


def take(
    reader: blobstream.Reader,
    store: BlobSink,
    log: AccessLog | None = None,
) -> bytes:
    """Take in a blobstream; return a code for each blob when all are on the disk.

    One that can't be taken in doesn't keep the others out. Raises WireError where it
    is no blobstream: what has come by then stays.
    """
    accesses = log or NoAccessLog()
    codes = blobstream.encodelist(
        Item(item.oid, code=_take_logged(item, body, store, accesses))
        for item, body in reader.frames()
    )
    store.flush()
    return codes


def _take_logged(
    item: Item, body: Iterator[bytes], store: BlobSink, log: AccessLog
) -> int:
    moved = 0

    def counted() -> Iterator[bytes]:
        nonlocal moved
        for chunk in body:
            moved += len(chunk)
            yield chunk

    code = _BROKEN
    try:
        code = _takeone(item, counted(), store)
    finally:
        log.moved(UPLOAD, item.oid, moved, code)
    return code


def _takeone(item: Item, body: Iterator[bytes], store: BlobSink) -> int:
    if item.code is not None:
        return _MANGLED

    def source(there: int) -> tuple[int, Iterable[bytes]]:
        if there < item.offset:
            raise RemoteError(b'another upload of the object goes on')
        return there, skipped(body, there - item.offset)

    try:
        store.receive(item.oid, item.size, source)
    except BlobMangled:
        return _MANGLED
    except BlobTooLarge:
        return _TOOLARGE
    except StoreFailed:
        return _FULL
    except (RemoteError, BlobError):
        return _CONFLICT
    return _CREATED
