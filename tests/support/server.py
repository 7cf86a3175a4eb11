"""A Git LFS server in this process: the real answers, without a network.

It misbehaves where a test configures it.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    ConnectionFailed,
    HttpFailed,
    ReplyBroken,
)
from hgext3rd.hglfs.lfs.remote.transport import Request
from hgext3rd.hglfs.lfs.server import batch as answers
from hgext3rd.hglfs.lfs.server import blobs, ranges
from hgext3rd.hglfs.lfs.store.files import readchunks
from hgext3rd.hglfs.lfs.wire import batch, blobstream

from .blobs import pieces
from .memory import MemoryStore
from .places import Places

BASE = 'https://lfs.example.com/repo/.git/info/lfs'
OBJECTS = 'https://lfs.example.com/objects/'
PACKS = 'https://lfs.example.com/packs'


@dataclass
class Reply:
    """A response, whose connection breaks after so many bytes if that is set."""

    body: bytes
    headers: Mapping[str, str]
    breakafter: int | None = None
    status: int = 200

    def __post_init__(self) -> None:
        self._stream = io.BytesIO(self.body[: self.breakafter])

    @property
    def headerlines(self) -> list[bytes]:
        return [b'%s: %s' % (k.encode(), v.encode()) for k, v in self.headers.items()]

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data and size and self.breakafter is not None:
            raise ReplyBroken(b'connection reset by peer', transient=True)
        return data

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.close()


@dataclass
class Server:
    """Serve ``store``; a Transport.

    ``alter`` changes a batch reply, decoded, before it is sent, ``raw`` replaces
    it; ``spoil`` changes a body and ``headers`` its headers. ``breaks`` are the
    bytes after which the next bodies break off; ``refuse`` are statuses by method,
    for an HTTP error; ``errors`` are raised by the next requests that are about
    objects. Without ``ranges`` the whole object is always sent. ``forks`` counts
    the connections that were made for other threads.
    """

    store: MemoryStore = field(default_factory=MemoryStore)
    alter: Callable[[dict], object] = lambda reply: reply
    raw: bytes | None = None
    spoil: Callable[[bytes], bytes] = lambda body: body
    headers: dict[str, str] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)
    errors: list[HttpFailed] = field(default_factory=list)
    ranges: bool = True
    requests: list[Request] = field(default_factory=list)
    forks: int = 0

    def fork(self) -> Server:
        self.forks += 1
        return self

    def send(self, request: Request) -> Reply:
        self.requests.append(request)
        if request.method in self.refuse:
            raise HttpFailed(self.refuse[request.method], b'because', b'the body')
        if request.url == BASE + '/objects/batch':
            return self._batch(request.body)
        if self.errors:
            raise self.errors.pop(0)
        if request.url.startswith(PACKS):
            upload = request.url == PACKS + '/upload'
            return self._taken(request) if upload else self._sent(request)
        assert request.url.startswith(OBJECTS)
        oid = request.url[len(OBJECTS) :][:64].encode('ascii')
        return getattr(self, '_' + request.method.lower())(oid, request)

    def asked(self, method: str) -> int:
        """Return how many requests with a method there were."""
        return sum(request.method == method for request in self.requests)

    def bytype(self) -> list[str]:
        """Return the methods of all requests, in their order."""
        return [request.method for request in self.requests]

    def _batch(self, body: bytes) -> Reply:
        reply = answers.answer(
            batch.decoderequest(body),
            self.store,
            Places(OBJECTS, PACKS),
            answers.Limits(),
        )
        if self.raw is not None:
            reply = self.raw
        else:
            reply = json.dumps(self.alter(json.loads(reply))).encode('ascii')
        return Reply(reply, {'content-type': batch.MEDIATYPE})

    def _reply(self, body: bytes, status: int = 200, **headers: str) -> Reply:
        headers = {'content-length': str(len(body)), **headers, **self.headers}
        return Reply(body, headers, self.breaks.pop(0) if self.breaks else None, status)

    def _get(self, oid: bytes, request: Request) -> Reply:
        if not self.store.has(oid):
            raise HttpFailed(404, b'Not Found')
        body = self.spoil(self.store.blobs[oid])
        etag = self.headers.get('etag', '')
        wanted = request.headers.get('Range')
        if not self.ranges or request.headers.get('If-Range', etag) != etag:
            wanted = None
        try:
            part = ranges.parse(wanted.encode('ascii'), len(body)) if wanted else None
        except ranges.Unsatisfiable as exc:
            raise HttpFailed(416, b'Range Not Satisfiable') from exc
        if part is None:
            return self._reply(body)
        start, end = part
        place = 'bytes %d-%d/%d' % (start, end - 1, len(body))
        return self._reply(body[start:end], 206, **{'content-range': place})

    def _put(self, oid: bytes, request: Request) -> Reply:
        if self.breaks:
            request.body.read(self.breaks.pop(0))
            raise ConnectionFailed(b'broken pipe', transient=True)
        try:
            self.store.ingest(readchunks(request.body), oid, request.length)
        except BlobMangled as exc:
            raise HttpFailed(400, exc.message) from exc
        return Reply(b'thank you', {})

    def _post(self, oid: bytes, request: Request) -> Reply:
        """Verify an upload."""
        if not self.store.has(oid):
            raise HttpFailed(404, b'Not Found')
        return Reply(b'', {})

    def _head(self, oid: bytes, request: Request) -> Reply:
        assert request.headers['Tus-Resumable'] == '1.0.0'
        size = self.store.size(oid)
        # a complete upload that is not verified yet must not look like a stored one
        there = max(0, self.store.partial(oid) - 1) if size is None else size
        return Reply(b'', {'upload-offset': str(there), **self.headers})

    def _patch(self, oid: bytes, request: Request) -> Reply:
        assert request.headers['Content-Type'] == 'application/offset+octet-stream'
        offset = int(request.headers['Upload-Offset'])
        if offset > self.store.partial(oid):
            raise HttpFailed(409, b'Conflict')
        body = b''.join(readchunks(request.body))
        assert len(body) == request.length

        def source(there: int):
            return there, self._broken(body[there - offset :])

        try:
            self.store.receive(oid, offset + len(body), source)
        except BlobMangled as exc:
            raise HttpFailed(400, exc.message) from exc
        return Reply(b'', {}, status=204)

    def _broken(self, body: bytes) -> Iterator[bytes]:
        upto = self.breaks.pop(0) if self.breaks else None
        yield body[:upto]
        if upto is not None:
            raise ConnectionFailed(b'broken pipe', transient=True)

    def _sent(self, request: Request) -> Reply:
        items = list(blobstream.Reader([request.body]).items())
        return self._reply(self.spoil(b''.join(blobs.send(items, self.store))))

    def _taken(self, request: Request) -> Reply:
        body = b''.join(readchunks(request.body))
        assert len(body) == request.length
        if self.breaks:
            with contextlib.suppress(ValueError):
                blobs.take(blobstream.Reader([body[: self.breaks.pop(0)]]), self.store)
            raise ConnectionFailed(b'broken pipe', transient=True)
        answer = blobs.take(blobstream.Reader(pieces(body, 50000)), self.store)
        return self._reply(self.spoil(answer))
