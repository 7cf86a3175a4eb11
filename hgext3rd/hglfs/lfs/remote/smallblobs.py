"""Many small objects in one request, between our client and our server.

Format: ``lfs.wire.blobstream``. A request for objects is a POST of a list of them,
answered by a stream of blobs; a request that brings objects is a POST of a stream,
answered by a list of their oids with a code each. Larger objects go one by one, by the
same server's plain URLs.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Iterator, Sequence

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
from .streams import SentBody, about, checkthere, counted, proven
from .transport import Request, Response

_TYPE = 'application/vnd.hg-lfs.pack'
#: An object of more bytes goes alone.
_SMALL = 1 << 20
#: How many objects, and how many bytes of them, go together.
_COUNT = 256
_BYTES = 8 << 20
#: What is read of a stream at a time, in bytes.
_PIECE = 64 << 10
_FINE = (200, 201)
#: What our server means with these, of an object that it was sent.
_SAYINGS = {
    400: b'it arrived damaged',
    409: b'another upload of it goes on',
    413: b'it is larger than the server takes, by lfs.maxsize there (status code 413)',
    507: b'the server could not store it, as where its disk is full (status code 507)',
}


def transfers(
    order: Order, answers: Sequence[Answer], reply: BatchReply
) -> list[Transfer]:
    """Returns the transfers of some objects: small ones together, others alone."""
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
    """Yields blobs in groups of so many, or so many bytes, at the most."""
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
    """Moves some small objects in one request; on another try, those that are left."""

    def __init__(self, order: Order, refs: Sequence[BlobRef], action: Action) -> None:
        self._order = order
        self._left = {ref.oid: ref for ref in refs}
        self._action = action
        self._asked = order.asked
        self._refused = self._aged = False

    @property
    def refs(self) -> Sequence[BlobRef]:
        """Which blobs are still to be moved."""
        return list(self._left.values())

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Moves the blobs; see Transfer for the contract."""
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
            message = b'LFS HTTP error: %s (%d objects, action=%s)' % (
                exc.message,
                len(self._left),
                self._order.operation.encode('ascii'),
            )
            error = replies.failed(exc, message)
            # its token may have run out, whatever was said of its life
            if exc.status in UNAUTHORIZED and self._aged and not self._refused:
                self._refused = error.transient = True
                error.after = 0.0
            raise error from exc
        except ConnectionFailed as exc:
            replies.attempted(exc, self._attempted())
            raise
        except WireError as exc:
            self._broken(
                b'LFS server sent a broken pack: %s' % str(exc).encode('ascii')
            )
        except ReplyBroken as exc:
            self._broken(exc.message, exc.transient)

    def _renew(self, connection: HttpConnection) -> None:
        """Asks for what is left anew, in one request."""
        asked = datetime.datetime.now(datetime.timezone.utc)
        reply = connection.ask(self._order.operation, self.refs, [self._order.adapter])
        if reply.smallblobs is None:
            raise ReplyBroken(b'LFS server took back its offer of packs')
        self._action, self._asked, self._refused = reply.smallblobs, asked, False

    def _broken(self, what: bytes, transient: bool = True) -> None:
        if self._left:  # else all has arrived, and what follows is of no use
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
    """Take in the blobs of a stream, and strike them off those that are left.

    Raises BlobRefused, BlobMangled, RemoteError; WireError where it is no blobstream.
    """
    for item, body in reader.frames():
        ref = replies.awaited(left, item.oid)
        if item.code is not None:
            raise replies.refused(ref, item.code)
        with about(ref):
            if item.size != ref.size or item.offset:
                raise BlobMangled(b'corrupt remote lfs object: %s' % ref.oid)
            watch.started(ref)
            whole = counted(body, watch.moved)
            store.receive(ref.oid, ref.size, fromstart(whole))
        del left[ref.oid]
        watch.arrived(ref)
    _checknoneleft(left)


def send(refs: Sequence[BlobRef], store: BlobStore, count: Progress) -> Iterator[bytes]:
    """Yield a stream of some blobs of a store, each proven as it goes."""
    with contextlib.ExitStack() as stack:

        def frame(ref: BlobRef) -> tuple[Item, Iterator[bytes]]:
            stack.close()
            with about(ref):
                handle = stack.enter_context(store.open(ref.oid))
            chunks = counted(proven(readchunks(handle), ref), count)
            return Item(ref.oid, ref.size), chunks

        yield from blobstream.encode(map(frame, refs))


def confirm(
    reader: blobstream.Reader, left: dict[bytes, BlobRef], watch: Watch
) -> None:
    """Strikes off those that are left what a server says that it has got."""
    for item in reader.items():
        ref = replies.awaited(left, item.oid)
        if item.code not in _FINE:
            raise unsent(ref, item.code or 0)
        del left[ref.oid]
        watch.arrived(ref)
    _checknoneleft(left)


def unsent(ref: BlobRef, code: int) -> BlobRefused:
    """Return the error for an object that our server doesn't take, by its code."""
    said = _SAYINGS.get(code)
    if said is None:
        return replies.refused(ref, code)
    return BlobRefused(replies.ofobject(ref, said))


def _checknoneleft(left: dict[bytes, BlobRef]) -> None:
    for ref in left.values():
        raise RemoteError(replies.ofobject(ref, b'no answer for oid %s' % ref.oid))


def _chunks(response: Response) -> Iterator[bytes]:
    while chunk := response.read(_PIECE):
        yield chunk
