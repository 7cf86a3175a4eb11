"""Transfer many small objects in one request, between our client and our server.

Format: ``lfs.wire.blobstream``. A download is a POST of a list of objects, with a
stream of blobs in the reply. An upload is a POST of a stream of blobs, with a list of
oids and status codes in the reply. Larger objects are transferred one by one.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus

from .. import words
from ..blob import DOWNLOAD, BlobRef
from ..errors import (
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    HttpFailed,
    RemoteError,
    ReplyBroken,
)
from ..store.api import BlobStore
from ..store.files import readchunks
from ..store.partial import fromstart
from ..wire import blobstream
from ..wire.action import Action
from ..wire.batch import Answer, BatchReply
from ..wire.blobstream import Item
from ..wire.wirejson import WireError
from . import replies, tus
from .api import Progress, Transfer, Watch
from .basic import AGED, UNAUTHORIZED, Order, age, expired
from .connection import HttpConnection
from .streams import SentBody, addpath, checkthere, counted, verified
from .transport import Request, Response

_TYPE = 'application/vnd.hg-lfs.pack'
#: The maximum size of an object in a stream, in bytes.
_SMALL = 1 << 20
#: The maximum number of objects in a request, and of their bytes.
_COUNT = 256
_BYTES = 8 << 20
#: The size of reads from a stream, in bytes.
_PIECE = 64 << 10
_FINE = (HTTPStatus.OK, HTTPStatus.CREATED)
#: What the status codes of our server mean for an uploaded object.
_MEANINGS: dict[int, bytes] = {
    HTTPStatus.BAD_REQUEST: b'it arrived damaged',
    HTTPStatus.CONFLICT: b'another upload of it goes on',
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        b'it is larger than the server takes, by lfs.maxsize there (status code 413)'
    ),
    HTTPStatus.INSUFFICIENT_STORAGE: (
        b'the server could not store it, as where its disk is full (status code 507)'
    ),
}


def transfers(
    order: Order, answers: Sequence[Answer], reply: BatchReply
) -> list[Transfer]:
    """Return the transfers of some objects: small ones in groups, others alone."""
    least = 0 if reply.smallblobs is None else _SMALL + 1
    alone = [answer for answer in answers if answer.ref.size >= least]
    found: list[Transfer] = [tus.single(order, answer) for answer in alone]
    small = [answer.ref for answer in answers if answer.ref.size < least]
    if reply.smallblobs is not None:
        found += [
            SmallBlobs(order, group, reply.smallblobs)
            for group in grouped(small, _COUNT, _BYTES)
        ]
    return found


def grouped(refs: Iterable[BlobRef], count: int, size: int) -> Iterator[list[BlobRef]]:
    """Yield groups of blobs, each of at most ``count`` blobs and ``size`` bytes."""
    group: list[BlobRef] = []
    free = size
    for ref in refs:
        if group and (len(group) >= count or ref.size > free):
            yield group
            group, free = [], size
        group.append(ref)
        free -= ref.size
    if group:
        yield group


class SmallBlobs:
    """Transfer some small objects in one request; on a retry, those that are left."""

    def __init__(self, order: Order, refs: Sequence[BlobRef], action: Action) -> None:
        self._order = order
        self._left = {ref.oid: ref for ref in refs}
        self._action = action
        self._asked = order.asked
        self._refused = self._aged = False

    @property
    def refs(self) -> Sequence[BlobRef]:
        """The blobs that are not transferred yet."""
        return list(self._left.values())

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Transfer the blobs; see Transfer for the contract."""
        try:
            if not self._left:
                return
            if self._refused or expired(self._action, self._asked):
                self._renew(connection)
            self._aged = age(self._asked) > AGED
            if self._order.operation == DOWNLOAD:
                self._download(connection, store, watch)
            else:
                self._upload(connection, store, watch)
        except HttpFailed as exc:
            count = len(self._left)
            message = b'LFS HTTP error: %s (%s, action=%s)' % (
                exc.message,
                words.plural(count, b'%d object', b'%d objects') % count,
                self._order.operation.encode('ascii'),
            )
            error = replies.failed(exc, message)
            # the token may have expired, even before the announced time
            if exc.status in UNAUTHORIZED and self._aged and not self._refused:
                self._refused = error.transient = True
                error.after = 0.0
            raise error from exc
        except ConnectionFailed as exc:
            replies.attempted(exc, self._attempted())
            raise
        except WireError as exc:
            self._broken(
                b'LFS server sent a broken blob stream: %s' % str(exc).encode('ascii')
            )
        except ReplyBroken as exc:
            self._broken(exc.message, exc.transient)

    def _renew(self, connection: HttpConnection) -> None:
        """Renew the action, by a batch request for the blobs that are left."""
        asked = datetime.datetime.now(datetime.timezone.utc)
        reply = connection.ask(self._order.operation, self.refs, [self._order.adapter])
        if reply.smallblobs is None:
            raise ReplyBroken(
                b'LFS server no longer offers many objects in one request'
            )
        self._action, self._asked, self._refused = reply.smallblobs, asked, False

    def _broken(self, what: bytes, transient: bool = True) -> None:
        if self._left:  # else all blobs have arrived, and the rest is not needed
            raise ReplyBroken(what, hint=self._attempted(), transient=transient)

    def _attempted(self) -> bytes:
        return b'attempted connection to %s' % self._action.href.encode('ascii')

    def _download(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        wanted = blobstream.encodelist(Item(ref.oid, ref.size) for ref in self.refs)
        with self._post(connection, wanted, len(wanted)) as response:
            take(blobstream.Reader(_chunks(response)), self._left, store, watch)

    def _upload(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        refs = self.refs
        for ref in refs:
            checkthere(store, ref)
            watch.started(ref)
        body = SentBody(lambda count: send(refs, store, count), watch.moved)
        size = blobstream.length(Item(ref.oid, ref.size) for ref in refs)
        with self._post(connection, body, size) as response:
            confirm(blobstream.Reader(_chunks(response)), self._left, watch)

    def _post(
        self, connection: HttpConnection, body: bytes | SentBody, size: int
    ) -> Response:
        headers = self._action.headers({'Content-Type': _TYPE})
        length = None if isinstance(body, bytes) else size
        request = Request('POST', self._action.href, headers, body, length)
        response = connection.transport.send(request)
        replies.showheaders(connection.log, response)
        return response


def take(
    reader: blobstream.Reader,
    left: dict[bytes, BlobRef],
    store: BlobStore,
    watch: Watch,
) -> None:
    """Store the blobs of a stream, and delete them from ``left``.

    Raises BlobRefused, BlobMangled, RemoteError; WireError for a malformed stream.
    """
    for item, body in reader.frames():
        ref = replies.awaited(left, item.oid)
        if item.code is not None:
            raise replies.refused(ref, item.code)
        with addpath(ref):
            if item.size != ref.size or item.offset:
                raise BlobMangled(b'corrupt remote lfs object: %s' % ref.oid)
            watch.started(ref)
            whole = counted(body, watch.moved)
            store.receive(ref.oid, ref.size, fromstart(whole))
        del left[ref.oid]
        watch.arrived(ref)
    _checknoneleft(left)


def send(refs: Sequence[BlobRef], store: BlobStore, count: Progress) -> Iterator[bytes]:
    """Yield the stream of some blobs of a store; each is verified as it is read.

    ``count`` is called with the number of bytes of each chunk, after the chunk was
    sent.
    """
    with contextlib.ExitStack() as stack:

        def frame(ref: BlobRef) -> tuple[Item, Iterator[bytes]]:
            stack.close()
            with addpath(ref):
                handle = stack.enter_context(store.open(ref.oid))
            chunks = counted(verified(readchunks(handle), ref), count)
            return Item(ref.oid, ref.size), chunks

        yield from blobstream.encode(map(frame, refs))


def confirm(
    reader: blobstream.Reader, left: dict[bytes, BlobRef], watch: Watch
) -> None:
    """Delete confirmed uploads from ``left``; raise BlobRefused for refused ones."""
    for item in reader.items():
        ref = replies.awaited(left, item.oid)
        if item.code not in _FINE:
            raise unsent(ref, item.code or 0)
        del left[ref.oid]
        watch.arrived(ref)
    _checknoneleft(left)


def unsent(ref: BlobRef, code: int) -> BlobRefused:
    """Return the error for an upload that our server refuses, by its status code."""
    text = _MEANINGS.get(code)
    if text is None:
        return replies.refused(ref, code)
    return BlobRefused(replies.objectmessage(ref, text))


def _checknoneleft(left: dict[bytes, BlobRef]) -> None:
    for ref in left.values():
        raise RemoteError(replies.objectmessage(ref, b'no answer for oid %s' % ref.oid))


def _chunks(response: Response) -> Iterator[bytes]:
    while chunk := response.read(_PIECE):
        yield chunk
