"""Resumable uploads by tus, at the URLs of the objects.

Format: https://tus.io/protocols/resumable-upload, version 1.0.0, of which git-lfs and
we use ``HEAD`` and ``PATCH``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
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
_BUSY = (HTTPStatus.CONFLICT, HTTPStatus.LOCKED)
#: How many times a server may report another upload of the object before the whole is
#: sent. The other upload may be our own, of a connection that has just broken.
_PATIENCE = 3
#: The minimum size for resumable uploads without the adapter ``tus``, in bytes: below
#: it, the additional request is not worth its time.
_WORTHWHILE = 8 << 20


def transfers(
    order: Order, answers: Sequence[Answer], reply: BatchReply
) -> list[Transfer]:
    """Return a transfer for each object."""
    return [single(order, answer) for answer in answers]


def single(order: Order, answer: Answer) -> Single:
    """Return the transfer of an object.

    An upload can be resumed if the adapter is tus, or if the object is large.
    """
    pays = order.adapter == TUS or answer.ref.size >= _WORTHWHILE
    if order.operation == UPLOAD and pays:
        return _Resumable(order, answer)
    return Single(order, answer)


class _Resumable(Single):
    """Upload one object, and resume earlier attempts."""

    _whole = False
    _refusals = 0

    def send(
        self, connection: HttpConnection, action: Action, handle: BinaryIO, watch: Watch
    ) -> bytes:
        """Upload those bytes of an open blob that the server does not have yet."""
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
        """Choose how to retry after a refusal: resume, or send the whole."""
        if exc.status in _BUSY:
            self._refusals += 1
        if exc.status in (HTTPStatus.BAD_REQUEST, *_BUSY):
            # the bytes on the server may be from another client
            self._whole = (
                exc.status == HTTPStatus.BAD_REQUEST or self._refusals >= _PATIENCE
            )
            exc.transient = True

    def _offset(self, connection: HttpConnection, action: Action) -> int:
        request = Request('HEAD', action.href, action.headers(_VERSION))
        try:
            with connection.transport.send(request) as response:
                replies.showheaders(connection.log, response)
                text = response.header('upload-offset') or ''
        except HttpFailed as exc:
            if exc.status != HTTPStatus.NOT_FOUND:
                raise
            return 0
        if not _OFFSET.match(text) or int(text) > self.ref.size:
            raise ReplyBroken(
                b'LFS server does not say how much of %s it has' % self.ref.oid
            )
        return int(text)
