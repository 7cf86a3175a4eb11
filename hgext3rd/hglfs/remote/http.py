"""A Git LFS server as a remote: the Batch API and basic transfers.

Format: git-lfs ``docs/api/batch.md`` and ``docs/api/basic-transfers.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..model import batch
from ..model.batch import Action, Answer, BatchRequest
from ..model.blob import DOWNLOAD, BlobRef
from ..model.errors import (
    BlobMangled,
    BlobRefused,
    ConnectionFailed,
    HttpFailed,
    RemoteError,
)
from ..model.journal import Journal
from ..model.oid import CHUNK
from ..store.api import BlobStore
from .api import Progress, Transfer
from .streams import CountedFile, checkintact, counted
from .transport import Request, Response, Transport

#: The longest reply to a batch of 100 that is believed, in bytes.
_MAXREPLY = 16 << 20
_OCTETS = 'application/octet-stream'
_SAYINGS = {
    404: b'The object does not exist',
    410: b'The object was removed by the owner',
    422: b'Validation error',
    500: b'Internal server error',
}


class HttpRemote:
    """Speaks to the Git LFS server whose endpoint is ``base``, a URL."""

    quiet = False

    def __init__(self, base: str, transport: Transport, journal: Journal) -> None:
        self._base = base
        self._transport = transport
        self._journal = journal

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[list[Transfer]]:
        """Yields what has to be moved, a batch at a time."""
        for start in range(0, len(refs), batch.BATCHSIZE):
            some = refs[start : start + batch.BATCHSIZE]
            yield [
                _Basic(operation, answer, self._transport, self._journal)
                for answer in self._ask(operation, some)
            ]

    def _ask(self, operation: str, refs: Sequence[BlobRef]) -> list[Answer]:
        body = self._post(operation, BatchRequest(operation, refs).encode())
        try:
            answers = batch.decodereply(body)
        except batch.WireError as exc:
            raise RemoteError(
                b'LFS server returns invalid JSON: %s' % _excerpt(body),
                hint=b'%s; is %s a Git LFS server?'
                % (str(exc).encode('ascii'), self._base.encode('ascii')),
            ) from exc
        return list(_match(operation, refs, answers))

    def _post(self, operation: str, body: bytes) -> bytes:
        request = Request(
            'POST',
            '%s/objects/batch' % self._base,
            {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE},
            body,
        )
        try:
            with self._transport.send(request) as response:
                reply = _readall(response)
                self._showreply(response, reply)
        except HttpFailed as exc:
            hint = self._hint(exc.status, operation)
            raise RemoteError(b'LFS %s' % _http(exc), hint=hint) from exc
        except ConnectionFailed as exc:
            raise ConnectionFailed(
                b'LFS error: %s' % exc.message,
                hint=self._override,
                transient=exc.transient,
            ) from exc
        return reply

    def _hint(self, status: int, operation: str) -> bytes:
        base = self._base.encode('ascii')
        if status == 400:
            return b'check that lfs serving is enabled on %s and "%s" is supported' % (
                base,
                operation.encode('ascii'),
            )
        if status == 404:
            return self._override
        return b'api=%s/objects/batch, action=%s' % (
            base,
            operation.encode('ascii'),
        )

    @property
    def _override(self) -> bytes:
        return b'the "lfs.url" config may be used to override %s' % (
            self._base.encode('ascii')
        )

    def _showreply(self, response: Response, reply: bytes) -> None:
        if not self._journal.debugging:
            return
        try:
            explained = batch.explain(reply).encode('utf-8')
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return  # decodereply says what is wrong with it
        _showheaders(self._journal, response)
        self._journal.debug(b'%s\n' % explained)


@dataclass(frozen=True)
class _Basic:
    """Moves one object by a plain GET or PUT."""

    operation: str
    answer: Answer
    transport: Transport
    journal: Journal

    @property
    def ref(self) -> BlobRef:
        return self.answer.ref

    @property
    def action(self) -> Action:
        return self.answer.actions[self.operation]

    def run(self, store: BlobStore, progress: Progress) -> None:
        try:
            if self.operation == DOWNLOAD:
                self._download(store, progress)
            else:
                self._upload(store, progress)
        except HttpFailed as exc:
            self.journal.debug(b'%s: %s\n' % (self.ref.oid, exc.body))
            raise RemoteError(
                b'LFS %s (oid=%s, action=%s)'
                % (_http(exc), self.ref.oid, self.operation.encode('ascii'))
            ) from exc
        except ConnectionFailed as exc:
            raise ConnectionFailed(
                b'LFS error: %s' % exc.message,
                hint=b'attempted connection to %s' % self.action.href.encode('ascii'),
                transient=exc.transient,
            ) from exc

    def _download(self, store: BlobStore, progress: Progress) -> None:
        request = Request('GET', self.action.href, self.action.header)
        with self.transport.send(request) as response:
            _showheaders(self.journal, response)
            store.ingest(
                counted(_body(response, self.ref), progress),
                self.ref.oid,
                self.ref.size,
            )

    def _upload(self, store: BlobStore, progress: Progress) -> None:
        checkintact(store, self.ref)
        headers = {**self.action.header, 'Content-Type': _OCTETS}
        with store.open(self.ref.oid) as handle:
            body = CountedFile(handle, progress)
            size = self.ref.size
            request = Request('PUT', self.action.href, headers, body, size)
            with self.transport.send(request) as response:
                _showheaders(self.journal, response)
                said = _readall(response)
        if said:
            self.journal.debug(b'lfs upload response: %s' % said)
        if 'verify' in self.answer.actions:
            self._verify(self.answer.actions['verify'])

    def _verify(self, action: Action) -> None:
        """Has the server confirm what it got, where it wants to."""
        headers = {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE}
        headers.update(action.header)
        body = batch.encoderef(self.ref)
        with self.transport.send(Request('POST', action.href, headers, body)) as reply:
            _readall(reply)


def _match(
    operation: str, refs: Sequence[BlobRef], answers: Sequence[Answer]
) -> Iterator[Answer]:
    """Yields what is to be moved; raises BlobRefused for the first error."""
    asked = {ref.oid: ref for ref in refs}
    for answer in answers:
        ref = asked.pop(answer.ref.oid, None)
        if ref is None:
            raise RemoteError(
                b'LFS server error. Unsolicited response for oid %s' % answer.ref.oid
            )
        offered = operation in answer.actions
        # some servers leave out the action instead of stating the error
        missing = operation == DOWNLOAD and not offered
        code = 404 if missing else None
        if answer.errorcode is not None:
            code = answer.errorcode
        if code is not None:
            said = _SAYINGS.get(code, b'status code %d' % code)
            raise BlobRefused(b'LFS server error for "%s": %s' % (ref.path, said))
        if offered:
            yield replace(answer, ref=ref)
    for ref in asked.values():
        raise BlobRefused(
            b'LFS server error for "%s": no answer for oid %s' % (ref.path, ref.oid)
        )


def _body(response: Response, ref: BlobRef) -> Iterator[bytes]:
    """Yields what a server sends for a blob, and not a byte more than it should."""
    announced = _length(response)
    size = 0
    while chunk := response.read(CHUNK):
        size += len(chunk)
        if size > ref.size:
            raise BlobMangled(b'corrupt remote lfs object: %s' % ref.oid)
        yield chunk
    if announced is not None and size != announced:
        raise RemoteError(
            b'Response length (%d) does not match Content-Length header (%d)'
            b' for %s' % (size, announced, ref.oid),
            transient=True,
        )


def _length(response: Response) -> int | None:
    """Returns the length that a server announces, if that is a number."""
    text = response.header('content-length') or ''
    return int(text) if re.match(r'[0-9]{1,99}\Z', text) else None


def _readall(response: Response) -> bytes:
    """Returns a body that has to be small; raises RemoteError where it isn't."""
    parts: list[bytes] = []
    while chunk := response.read(CHUNK):
        parts.append(chunk)
        if len(parts) * CHUNK > _MAXREPLY and sum(map(len, parts)) > _MAXREPLY:
            raise RemoteError(
                b'LFS server sent a reply of more than %d bytes' % _MAXREPLY
            )
    return b''.join(parts)


def _showheaders(journal: Journal, response: Response) -> None:
    if journal.debugging:
        journal.debug(b'Status: %d\n' % response.status)
        journal.debug(b'%s\n' % b'\n'.join(sorted(response.headerlines)))


def _http(exc: HttpFailed) -> bytes:
    return b'HTTP error: %s' % exc.message


def _excerpt(body: bytes) -> bytes:
    return body if len(body) <= 200 else body[:200] + b'...'
