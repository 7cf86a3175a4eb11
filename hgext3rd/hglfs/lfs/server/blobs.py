"""Reply to requests for many blobs, from a repository's own store.

Format: ``lfs.wire.blobstream``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus

from ..blob import DOWNLOAD, UPLOAD
from ..errors import BlobError, BlobMangled, BlobTooLarge, RemoteError, StoreFailed
from ..store.api import BlobSink, BlobStore
from ..store.files import readchunks
from ..store.partial import skipped
from ..wire import blobstream
from ..wire.blobstream import Item
from .accesslog import AccessLog, NoAccessLog


def have(items: Iterable[Item], store: BlobSink, most: int = 0) -> bytes:
    """Return a list with one line for each blob: how much of it the store has.

    For a blob that the store has, completely or partly, the line has its size, and the
    offset up to which it has been received. For any other blob the line has a status
    code: 413 if it has more than ``most`` bytes (0: no limit), else 404.
    """
    return blobstream.encodelist(_state(item, store, most) for item in items)


def _state(item: Item, store: BlobSink, most: int) -> Item:
    size = store.size(item.oid)
    # the sender may skip a blob that is here, so it must not expire now
    if size is not None and store.touch(item.oid):
        return Item(item.oid, size, size)
    if most and item.size > most:
        return Item(item.oid, code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    there = store.partial(item.oid)
    # a complete partial file that is not verified yet does not count
    if 0 < there < item.size:
        return Item(item.oid, item.size, there)
    return Item(item.oid, code=HTTPStatus.NOT_FOUND)


def send(
    items: Iterable[Item], store: BlobStore, log: AccessLog | None = None
) -> Iterator[bytes]:
    """Yield the stream of the listed blobs, with a status code for a missing one."""
    accesses = log or NoAccessLog()
    return blobstream.encode(_frame(item, store, accesses) for item in items)


def _frame(
    item: Item, store: BlobStore, log: AccessLog
) -> tuple[Item, Iterable[bytes]]:
    size = store.size(item.oid)
    if size is None or item.offset > size:
        log.moved(DOWNLOAD, item.oid, 0, HTTPStatus.NOT_FOUND)
        return Item(item.oid, code=HTTPStatus.NOT_FOUND), ()
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
        log.moved(DOWNLOAD, item.oid, moved, HTTPStatus.OK)


def take(
    reader: blobstream.Reader,
    store: BlobSink,
    log: AccessLog | None = None,
) -> bytes:
    """Store and sync the blobs of a stream; return a list of their status codes.

    A blob that fails does not affect the others. Raises WireError for a malformed
    stream; the blobs before the error are kept.
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

    code: int = HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        code = _takeone(item, counted(), store)
    finally:
        log.moved(UPLOAD, item.oid, moved, code)
    return code


def _takeone(item: Item, body: Iterator[bytes], store: BlobSink) -> int:
    if item.code is not None:
        return HTTPStatus.BAD_REQUEST

    def source(there: int) -> tuple[int, Iterable[bytes]]:
        if there < item.offset:
            raise RemoteError(b'another upload of the object goes on')
        return there, skipped(body, there - item.offset)

    try:
        store.receive(item.oid, item.size, source)
    except BlobMangled:
        return HTTPStatus.BAD_REQUEST
    except BlobTooLarge:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except StoreFailed:
        return HTTPStatus.INSUFFICIENT_STORAGE
    except (RemoteError, BlobError):
        return HTTPStatus.CONFLICT
    return HTTPStatus.CREATED
