"""One connection to a Git LFS server, and the Batch API over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..model import batch
from ..model.batch import BatchReply, BatchRequest
from ..model.blob import BlobRef
from ..model.errors import ConnectionFailed, HttpFailed, RemoteError, ReplyBroken
from ..model.journal import Journal
from ..model.wirejson import WireError
from . import replies
from .streams import nothing
from .transport import Request, Transport


@dataclass(frozen=True)
class HttpLine:
    """One connection to a server, and what may be asked over it.

    ``close`` ends what runs for the transfers, as Line has it.
    """

    base: str
    transport: Transport
    journal: Journal
    headers: Mapping[str, str] = field(default_factory=dict)
    close: Callable[[], None] = nothing

    def forked(self, journal: Journal | None) -> HttpLine:
        """Returns itself; with a journal, another line for the thread that has it."""
        if journal is None:
            return self
        return replace(self, transport=self.transport.fork(), journal=journal)

    def ask(
        self, operation: str, refs: Sequence[BlobRef], adapters: Sequence[str]
    ) -> BatchReply:
        """Returns the server's word about some objects; raises RemoteError."""
        request = BatchRequest(operation, refs, adapters)
        body = self._post(operation, request.encode())
        try:
            return batch.decodereply(body)
        except WireError as exc:
            raise RemoteError(
                b'LFS server returns invalid JSON: %s' % replies.excerpt(body),
                hint=b'%s; is %s a Git LFS server?'
                % (str(exc).encode('ascii'), self.base.encode('ascii')),
            ) from exc

    def _post(self, operation: str, body: bytes) -> bytes:
        types = {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE}
        headers = {**self.headers, **types}
        request = Request('POST', '%s/objects/batch' % self.base, headers, body)
        try:
            with self.transport.send(request) as response:
                reply = replies.readall(response)
                replies.explain(self.journal, response, reply)
        except HttpFailed as exc:
            hint = self._hint(exc.status, operation)
            raise replies.failed(
                exc, b'LFS HTTP error: %s' % exc.message, hint
            ) from exc
        except ConnectionFailed as exc:
            raise ConnectionFailed(
                b'LFS error: %s' % exc.message,
                hint=self._override,
                transient=exc.transient,
            ) from exc
        except ReplyBroken as exc:
            exc.hint = self._override
            raise
        return reply

    def _hint(self, status: int, operation: str) -> bytes:
        base = self.base.encode('ascii')
        if status == 400:
            return b'check that lfs serving is enabled on %s and "%s" is supported' % (
                base,
                operation.encode('ascii'),
            )
        if status == 404:
            return self._override
        return b'api=%s/objects/batch, action=%s' % (base, operation.encode('ascii'))

    @property
    def _override(self) -> bytes:
        return b'the "lfs.url" config may be used to override %s' % (
            self.base.encode('ascii')
        )
