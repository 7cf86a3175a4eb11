"""Basic transfers: one object by a GET or PUT request.

Format: git-lfs ``docs/api/basic-transfers.md``.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO

from ..blob import DOWNLOAD, BlobRef
from ..errors import BlobRefused, ConnectionFailed, HttpFailed, ReplyBroken
from ..store.api import BlobStore
from ..wire import batch
from ..wire.action import Action
from ..wire.batch import Answer, BatchReply
from . import ranges, replies, resume
from .api import Transfer, Watch
from .connection import HttpConnection
from .streams import checkthere, counted, sentblob
from .transport import Request, Response

_OCTETS = 'application/octet-stream'
#: How many seconds before its expiry an action is no longer used.
_MARGIN = 5.0
#: An action at least this old, in seconds, is renewed when the server refuses it: its
#: token may have expired, even before the announced time.
AGED = 1.0
UNAUTHORIZED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
#: Statuses with which a storage may refuse an expired signed URL.
_STALE = (*UNAUTHORIZED, HTTPStatus.NOT_FOUND)


@dataclass(frozen=True)
class Order:
    """The operation and the adapter for the transfer of some objects.

    ``parallel`` is the maximum number of connections, ``asked`` the time of the batch
    request, in UTC.
    """

    operation: str
    adapter: str
    parallel: int
    asked: datetime.datetime


def transfers(
    order: Order, answers: Sequence[Answer], reply: BatchReply
) -> list[Transfer]:
    """Return a transfer for each object."""
    return [Single(order, answer) for answer in answers]


def age(asked: datetime.datetime) -> float:
    """Return the seconds that have passed since a time."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - asked).total_seconds()


def expired(action: Action, asked: datetime.datetime) -> bool:
    """Return whether an action from a batch request at ``asked`` has expired."""
    lifetime = action.lifetime(asked)
    # expiry within the first seconds means that the clocks differ: use the action
    return lifetime is not None and age(asked) > max(_MARGIN, lifetime - _MARGIN)


class Single:
    """Transfer one object; used by one thread at a time."""

    #: Statuses of a range request that are raised, instead of requesting the whole.
    _raised: Sequence[int] = ()

    def __init__(self, order: Order, answer: Answer) -> None:
        self.order = order
        self.ref = answer.ref
        self._answer = answer
        self._asked = order.asked
        self._refused = False
        self._aged = False
        self._renewed = False
        self._etag: str | None = None

    @property
    def refs(self) -> Sequence[BlobRef]:
        """The object, as a list."""
        return [self.ref]

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Transfer the blob; see Transfer for the contract."""
        watch.started(self.ref)
        with self.explained(connection):
            if self.order.operation == DOWNLOAD:
                self._download(connection, store, watch)
            else:
                self._upload(connection, store, watch)
        watch.arrived(self.ref)

    @contextlib.contextmanager
    def explained(self, connection: HttpConnection) -> Iterator[None]:
        """Name the object in errors; make refusals of an expired action transient."""
        try:
            yield
        except HttpFailed as exc:
            connection.log.debug(
                b'%s: %s\n' % (self.ref.oid, replies.excerpt(exc.body))
            )
            operation = self.order.operation.encode('ascii')
            message = b'LFS HTTP error: %s (oid=%s, action=%s)'
            error = replies.failed(
                exc, message % (exc.message, self.ref.oid, operation)
            )
            if not self._refused and self._outlived(exc):
                self._refused = error.transient = True
                error.after = 0.0
            raise error from exc
        except ConnectionFailed as exc:
            replies.attempted(exc, self._attempted())
            raise
        except ReplyBroken as exc:
            exc.hint = exc.hint or self._attempted()
            raise

    def _attempted(self) -> bytes:
        action = self._answer.actions[self.order.operation]
        return b'attempted connection to %s' % action.href.encode('ascii')

    def action(self, connection: HttpConnection) -> Action | None:
        """Return the object's action, renewed if it has expired.

        Returns None if the server no longer requires the transfer.
        """
        action = self._answer.actions[self.order.operation]
        if self._refused or expired(action, self._asked):
            self._renew(connection)
        self._aged = age(self._asked) > AGED
        return self._answer.actions.get(self.order.operation)

    def _outlived(self, exc: HttpFailed) -> bool:
        return exc.status in UNAUTHORIZED and self._aged

    def _renew(self, connection: HttpConnection) -> None:
        asked = datetime.datetime.now(datetime.timezone.utc)
        adapters = [self.order.adapter]
        reply = connection.ask(self.order.operation, [self.ref], adapters)
        for answer in reply.answers:
            sound = answer.errorcode is None and not answer.malformed
            if answer.ref.oid == self.ref.oid and sound:
                self._answer, self._asked, self._refused = answer, asked, False
                return
        raise BlobRefused(
            b'LFS server error for "%s": it is no longer offered' % self.ref.path
        )

    def part(
        self, connection: HttpConnection, start: int, end: int, last: bool
    ) -> Response:
        """Request a range of the object; return a 206 with it, or a 200 with the whole.

        ``last`` is as in ``resume.request``. Thread safe.
        """
        size = self.ref.size
        if (start, end) == (0, size):
            return self.get(connection, 0, size)
        return resume.request(
            lambda: self._ranged(connection, start, end),
            lambda: self.get(connection, 0, size),
            lambda response: replies.ispart(response, start, end, size),
            last,
            self._raised,
        )

    def _ranged(self, connection: HttpConnection, start: int, end: int) -> Response:
        """Request a range; renew the action and try again if it seems to have expired.

        This does not count as a retry, because a download of many parts can outlast
        many actions.
        """
        asked = self._asked
        try:
            return self.get(connection, start, end)
        except HttpFailed as exc:
            mine = self._asked == asked  # else another connection has renewed it
            if mine and not self._renewable(exc):
                raise
            if exc.status not in _STALE:
                raise
        if mine:
            self._renewed = True
            self._renew(connection)
        return self.get(connection, start, end)

    def _renewable(self, exc: HttpFailed) -> bool:
        """Return whether renewing the action may help after a refused range."""
        return not self._renewed or self._outlived(exc)

    def get(self, connection: HttpConnection, start: int, end: int) -> Response:
        """Request the object, or a range of it; return the reply."""
        action = self.action(connection)
        if action is None:
            raise ReplyBroken(
                b'LFS server no longer offers lfs object %s' % self.ref.oid
            )
        part: dict[str, str] = {}
        if start or end < self.ref.size:
            part['Range'] = 'bytes=%d-%d' % (start, end - 1)
            if self._etag:
                part['If-Range'] = self._etag
        request = Request('GET', action.href, action.headers(part))
        response = connection.transport.send(request)
        replies.showheaders(connection.log, response)
        etag = response.header('etag') or ''
        if etag.startswith('"'):  # weak etags are not allowed in If-Range
            self._etag = etag
        return response

    def _download(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        ref = self.ref
        with contextlib.ExitStack() as stack:
            whole: Response | None = None
            several = self.order.parallel
            if ranges.isworthwhile(ref.size, several):
                try:
                    if ranges.download(self, several, connection, store, watch):
                        return
                except resume.Unranged as exc:
                    whole = stack.enter_context(exc.response)

            def source(offset: int) -> tuple[int, Iterable[bytes]]:
                response = whole
                if response is None:
                    response = stack.enter_context(
                        self.part(connection, offset, ref.size, watch.last)
                    )
                there = offset if response.status == HTTPStatus.PARTIAL_CONTENT else 0
                watch.had(there)
                some = replies.body(response, ref, ref.size - there)
                return there, counted(some, watch.moved)

            store.receive(ref.oid, ref.size, source)

    def _upload(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        checkthere(store, self.ref)
        action = self.action(connection)
        if action is None:  # another client has uploaded it since
            watch.had(self.ref.size)
            return
        with store.open(self.ref.oid) as handle:
            reply = self.send(connection, action, handle, watch)
        if reply:
            end = b'\n' if reply.endswith(b'\n') else b''
            text = replies.excerpt(reply.rstrip(b'\n'))
            connection.log.debug(b'lfs upload response: %s%s' % (text, end))
        if 'verify' in self._answer.actions:
            self._verify(connection, self._answer.actions['verify'])

    def send(
        self, connection: HttpConnection, action: Action, handle: BinaryIO, watch: Watch
    ) -> bytes:
        """Upload an open blob; return the body of the server's reply."""
        headers = action.headers(defaults={'Content-Type': _OCTETS})
        body = sentblob(handle, self.ref, watch.moved)
        request = Request('PUT', action.href, headers, body, self.ref.size)
        with connection.transport.send(request) as response:
            replies.showheaders(connection.log, response)
            return replies.readall(response)

    def _verify(self, connection: HttpConnection, action: Action) -> None:
        """Ask the server to verify the upload."""
        types = {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE}
        headers = action.headers(defaults=types)
        body = batch.encoderef(self.ref)
        request = Request('POST', action.href, headers, body)
        with connection.transport.send(request) as response:
            replies.readall(response)
