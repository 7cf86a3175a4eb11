"""Basic transfers: one object, by a plain GET or PUT.

Format: git-lfs ``docs/api/basic-transfers.md``.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
#: An action is not used in the last seconds of its life.
_MARGIN = 5.0
#: A server that refuses an action which was used at this age, in seconds, may want a
#: new one: its token may have run out, whatever was said of its life.
AGED = 1.0
UNAUTHORIZED = (401, 403)
#: Statuses by which a storage may refuse a signed URL whose time is over.
_STALE = (*UNAUTHORIZED, 404)


@dataclass(frozen=True)
class Order:
    """How some objects are to be moved: the operation, by which adapter.

    ``parallel`` is how many connections there may be, ``asked`` when the server
    said so, in UTC.
    """

    operation: str
    adapter: str
    parallel: int
    asked: datetime.datetime


def transfers(
    order: Order, answers: Sequence[Answer], reply: BatchReply
) -> list[Transfer]:
    """Returns a transfer for each object."""
    return [Single(order, answer) for answer in answers]


def age(asked: datetime.datetime) -> float:
    """Returns how many seconds ago that was."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - asked).total_seconds()


def expired(action: Action, asked: datetime.datetime) -> bool:
    """Tells whether an action that came when it was asked for has run out."""
    lifetime = action.lifetime(asked)
    # a new one that is past its time already comes from another clock
    return lifetime is not None and age(asked) > max(_MARGIN, lifetime - _MARGIN)


class Single:
    """Moves one object. Used by one thread at a time."""

    #: Statuses for a part after which the whole object is not requested.
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
        """The one blob."""
        return [self.ref]

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Moves the blob; see Transfer for the contract."""
        watch.started(self.ref)
        with self.explained(connection):
            if self.order.operation == DOWNLOAD:
                self._download(connection, store, watch)
            else:
                self._upload(connection, store, watch)
        watch.arrived(self.ref)

    @contextlib.contextmanager
    def explained(self, connection: HttpConnection) -> Iterator[None]:
        """Says of what fails which object it is about."""
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
        """Returns how to get at the object, asking anew where that has run out.

        None where the server needs it no more.
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
        """Return the reply to a request for a part: 206 with it, else the whole object.

        ``last`` is as in ``resume.request``. Safe between threads.
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
        """Return the reply to a request for a part; renew the action where it is stale.

        Many parts may outlive many actions, so that this does not count as an attempt.
        """
        asked = self._asked
        try:
            return self.get(connection, start, end)
        except HttpFailed as exc:
            mine = self._asked == asked  # and not another connection's already
            if mine and not self._renewable(exc):
                raise
            if exc.status not in _STALE:
                raise
        if mine:
            self._renewed = True
            self._renew(connection)
        return self.get(connection, start, end)

    def _renewable(self, exc: HttpFailed) -> bool:
        """Return whether a new action may help where a range was refused."""
        return not self._renewed or self._outlived(exc)

    def get(self, connection: HttpConnection, start: int, end: int) -> Response:
        """Returns the reply to a request for a part of the object."""
        action = self.action(connection)
        if action is None:
            raise ReplyBroken(b'LFS server took back its offer of %s' % self.ref.oid)
        part: dict[str, str] = {}
        if start or end < self.ref.size:
            part['Range'] = 'bytes=%d-%d' % (start, end - 1)
            if self._etag:
                part['If-Range'] = self._etag
        request = Request('GET', action.href, action.headers(part))
        response = connection.transport.send(request)
        replies.showheaders(connection.log, response)
        etag = response.header('etag') or ''
        if etag.startswith('"'):  # a weak one is of no use here
            self._etag = etag
        return response

    def _download(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        ref = self.ref
        with contextlib.ExitStack() as stack:
            whole: Response | None = None
            several = self.order.parallel
            if ranges.pay(ref.size, several):
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
                there = offset if response.status == 206 else 0
                watch.had(there)
                some = replies.body(response, ref, ref.size - there)
                return there, counted(some, watch.moved)

            store.receive(ref.oid, ref.size, source)

    def _upload(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        checkthere(store, self.ref)
        action = self.action(connection)
        if action is None:  # another client has sent it since
            watch.had(self.ref.size)
            return
        with store.open(self.ref.oid) as handle:
            said = self.send(connection, action, handle, watch)
        if said:
            end = b'\n' if said.endswith(b'\n') else b''
            text = replies.excerpt(said.rstrip(b'\n'))
            connection.log.debug(b'lfs upload response: %s%s' % (text, end))
        if 'verify' in self._answer.actions:
            self._verify(connection, self._answer.actions['verify'])

    def send(
        self, connection: HttpConnection, action: Action, handle: BinaryIO, watch: Watch
    ) -> bytes:
        """Sends an open blob; returns what the server says to it."""
        headers = action.headers(defaults={'Content-Type': _OCTETS})
        body = sentblob(handle, self.ref, watch.moved)
        request = Request('PUT', action.href, headers, body, self.ref.size)
        with connection.transport.send(request) as response:
            replies.showheaders(connection.log, response)
            return replies.readall(response)

    def _verify(self, connection: HttpConnection, action: Action) -> None:
        """Has the server confirm what it got, where it wants to."""
        types = {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE}
        headers = action.headers(defaults=types)
        body = batch.encoderef(self.ref)
        request = Request('POST', action.href, headers, body)
        with connection.transport.send(request) as response:
            replies.readall(response)
