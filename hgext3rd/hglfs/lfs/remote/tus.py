"""Uploads that go on where they broke off: tus, at the objects' own URLs.

Format: https://tus.io/protocols/resumable-upload, version 1.0.0, of which git-lfs
and we use ``HEAD`` and ``PATCH``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from ..blob import UPLOAD
from ..errors import HttpFailed, ReplyBroken
from ..wire.action import Action
from ..wire.batch import TUS, Answer, BatchReply
from . import replies
from .api import Transfer, Watch
from .basic import Order, Single
from .connection import HttpConnection
from .streams import sentblob
from .transport import Request

_VERSION = {'Tus-Resumable': '1.0.0'}
_TYPE = 'application/offset+octet-stream'
_OFFSET = re.compile(r'[0-9]{1,19}\Z')
_NOTFOUND = 404
_SPOILT = 400
_BUSY = (409, 423)
#: How often a server may say that somebody else is at it. That may be the server's
#: end of a connection that broke a moment ago.
_PATIENCE = 3
#: Where a server takes plain requests too, it pays to ask from so many bytes on.
_WORTHWHILE = 8 << 20


def transfers(
    order: Order, answers: Sequence[Answer], reply: BatchReply
) -> list[Transfer]:
    """Returns a transfer for each object."""
    return [single(order, answer) for answer in answers]


def single(order: Order, answer: Answer) -> Single:
    """Returns the transfer of one object, which can be resumed where that pays."""
    pays = order.adapter == TUS or answer.ref.size >= _WORTHWHILE
    if order.operation == UPLOAD and pays:
        return _Resumable(order, answer)
    return Single(order, answer)


class _Resumable(Single):
    """Sends one object from where an earlier attempt ended."""

    _whole = False
    _refusals = 0

    def send(
        self, connection: HttpConnection, action: Action, handle: BinaryIO, watch: Watch
    ) -> bytes:
        """Sends what the server has not yet of an open blob."""
        if self._whole:
            return super().send(connection, action, handle, watch)
        offset = self._offset(connection, action)
        watch.had(offset)
        size = self.ref.size - offset
        if offset and not size:
            return b''
        headers = action.headers(
            {**_VERSION, 'Content-Type': _TYPE, 'Upload-Offset': str(offset)}
        )
        body = sentblob(handle, self.ref, watch.moved, offset)
        request = Request('PATCH', action.href, headers, body, size)
        try:
            with connection.transport.send(request) as response:
                replies.showheaders(connection.log, response)
                return replies.readall(response)
        except HttpFailed as exc:
            self._consider(exc)
            raise

    def _consider(self, exc: HttpFailed) -> None:
        """Decides how to go on after a refusal; who sends it all asks nobody."""
        if exc.status in _BUSY:
            self._refusals += 1
        if exc.status in (_SPOILT, *_BUSY):
            # what is there may be of another's making
            self._whole = exc.status == _SPOILT or self._refusals >= _PATIENCE
            exc.transient = True

    def _offset(self, connection: HttpConnection, action: Action) -> int:
        request = Request('HEAD', action.href, action.headers(_VERSION))
        try:
            with connection.transport.send(request) as response:
                replies.showheaders(connection.log, response)
                text = response.header('upload-offset') or ''
        except HttpFailed as exc:
            if exc.status != _NOTFOUND:
                raise
            return 0
        if not _OFFSET.match(text) or int(text) > self.ref.size:
            raise ReplyBroken(
                b'LFS server does not say how much of %s it has' % self.ref.oid
            )
        return int(text)
