"""A connection to a Git LFS server, with the requests of the Batch API."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from ..blob import BlobRef
from ..errors import (
    BatchTooLarge,
    ConnectionFailed,
    HttpFailed,
    RemoteError,
    ReplyBroken,
)
from ..log import Log
from ..wire import batch
from ..wire.action import mergedheaders
from ..wire.batch import BatchReply, BatchRequest
from ..wire.wirejson import WireError
from . import replies
from .streams import nothing
from .transport import Request, Response, Transport

#: Statuses with which servers refuse a request that has too many objects.
_TOOLARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)


@dataclass(frozen=True)
class HttpConnection:
    """A connection to the Git LFS server at ``base``, a URL.

    ``close`` ends the processes of custom transfer agents; see ``api.Connection``.
    """

    base: str
    transport: Transport
    log: Log
    headers: Mapping[str, str] = field(default_factory=dict)
    close: Callable[[], None] = nothing

    def forked(self, log: Log | None) -> HttpConnection:
        """Return this connection; with a log, a new one for a worker thread."""
        if log is None:
            return self
        return replace(self, transport=self.transport.fork(), log=log)

    def ask(
        self, operation: str, refs: Sequence[BlobRef], adapters: Sequence[str]
    ) -> BatchReply:
        """Send a batch request and return the reply; raise RemoteError.

        Raises BatchTooLarge if the server may accept a request for fewer objects.
        """
        request = BatchRequest(operation, refs, adapters)
        wanted = [ref.oid for ref in refs]
        with self._explained(operation), self._post(request.encode()) as response:
            chunks = replies.shown(self.log, response)
            beginning = replies.FirstChunk(chunks)
            try:
                return batch.readreply(beginning, wanted)
            except WireError as exc:
                raise RemoteError(
                    b'LFS server returns invalid JSON: %s'
                    % replies.excerpt(beginning.text),
                    hint=b'%s; is %s a Git LFS server?'
                    % (str(exc).encode('ascii'), self.base.encode('ascii')),
                ) from exc

    def _post(self, body: bytes) -> Response:
        types = {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE}
        headers = mergedheaders(self.headers, types)
        request = Request('POST', '%s/objects/batch' % self.base, headers, body)
        return self.transport.send(request)

    @contextlib.contextmanager
    def _explained(self, operation: str) -> Iterator[None]:
        """Name the endpoint in errors."""
        try:
            yield
        except HttpFailed as exc:
            kind = BatchTooLarge if exc.status in _TOOLARGE else RemoteError
            message = b'LFS HTTP error: %s' % exc.message
            hint = self._hint(exc.status, operation)
            raise replies.failed(exc, message, hint, kind) from exc
        except ConnectionFailed as exc:
            raise ConnectionFailed(
                b'LFS error: %s' % exc.message,
                hint=self._override,
                transient=exc.transient,
            ) from exc
        except ReplyBroken as exc:
            exc.hint = self._override
            raise

    def _hint(self, status: int, operation: str) -> bytes:
        base = self.base.encode('ascii')
        if status == HTTPStatus.BAD_REQUEST:
            return b'check that lfs serving is enabled on %s and "%s" is supported' % (
                base,
                operation.encode('ascii'),
            )
        if status == HTTPStatus.NOT_FOUND:
            return self._override
        return b'api=%s/objects/batch, action=%s' % (base, operation.encode('ascii'))

    @property
    def _override(self) -> bytes:
        return b'the "lfs.url" config may be used to override %s' % (
            self.base.encode('ascii')
        )
