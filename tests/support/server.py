"""A Git LFS server in this process: the real answers, over no network.

It misbehaves on purpose where a test tells it to.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hgext3rd.hglfs.model import batch
from hgext3rd.hglfs.model.errors import BlobMangled, ConnectionFailed, HttpFailed
from hgext3rd.hglfs.remote.transport import Request
from hgext3rd.hglfs.server import batch as answers
from hgext3rd.hglfs.store.files import readchunks

from .memory import MemoryStore

BASE = 'https://lfs.example.com/repo/.git/info/lfs'
_OBJECTS = 'https://lfs.example.com/objects/'
_NOW = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)


@dataclass
class Reply:
    """A response, whose line breaks after so many bytes where that is set."""

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
            raise ConnectionFailed(b'connection reset by peer', transient=True)
        return data

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.close()


@dataclass
class Server:
    """Serves ``store``; a Transport.

    ``alter`` changes a batch reply, decoded, before it is sent, ``raw`` replaces
    it; ``spoil`` changes a blob's body and ``headers`` its headers. ``breaks`` are
    the bytes after which the next bodies break off; ``refuse`` are statuses by
    method, for an HTTP error.
    """

    store: MemoryStore = field(default_factory=MemoryStore)
    alter: Callable[[dict], object] = lambda reply: reply
    raw: bytes | None = None
    spoil: Callable[[bytes], bytes] = lambda body: body
    headers: dict[str, str] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Reply:
        self.requests.append(request)
        if request.method in self.refuse:
            raise HttpFailed(self.refuse[request.method], b'because', b'the body')
        if request.method == 'POST':
            assert request.url == BASE + '/objects/batch'
            return self._batch(request.body)
        assert request.url.startswith(_OBJECTS)
        oid = request.url[len(_OBJECTS) :].encode('ascii')
        return self._get(oid) if request.method == 'GET' else self._put(oid, request)

    def asked(self, method: str) -> int:
        """Returns how many requests with a method there were."""
        return sum(request.method == method for request in self.requests)

    def _batch(self, body: bytes) -> Reply:
        reply = answers.answer(
            batch.decoderequest(body),
            self.store,
            lambda oid: _OBJECTS + oid.decode('ascii'),
            _NOW,
        )
        if self.raw is not None:
            reply = self.raw
        else:
            reply = json.dumps(self.alter(json.loads(reply))).encode('ascii')
        return Reply(reply, {'content-type': batch.MEDIATYPE})

    def _get(self, oid: bytes) -> Reply:
        if not self.store.has(oid):
            raise HttpFailed(404, b'Not Found')
        body = self.spoil(self.store.blobs[oid])
        headers = {'content-length': str(len(body)), **self.headers}
        return Reply(body, headers, self.breaks.pop(0) if self.breaks else None)

    def _put(self, oid: bytes, request: Request) -> Reply:
        if self.breaks:
            request.body.read(self.breaks.pop(0))
            raise ConnectionFailed(b'broken pipe', transient=True)
        try:
            self.store.ingest(readchunks(request.body), oid, request.length)
        except BlobMangled as exc:
            raise HttpFailed(400, exc.message) from exc
        return Reply(b'thank you', {})
