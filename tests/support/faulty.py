"""A Git LFS server on a socket, which misbehaves as a test wants."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from hgext3rd.hglfs.lfs.errors import BlobMangled
from hgext3rd.hglfs.lfs.server import batch as answers
from hgext3rd.hglfs.lfs.server import blobs, ranges
from hgext3rd.hglfs.lfs.wire import batch, blobstream

from .memory import MemoryStore
from .places import Places

#: A longer wait, in seconds, is a failure.
ENOUGH = 20
#: An endless reply ends after so many bytes, so that a test ends.
ENDLESS = 256 << 20


@dataclass
class Reply:
    """The reply of a correct server."""

    body: bytes = b''
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None


#: Sends something in place of a reply.
Fault = Callable[['Handler', Reply], object]


class Faulty:
    """Serve ``store`` at ``base``; use it in ``with``.

    ``faults`` are run in place of the replies of a kind: to a ``batch``, a ``get``,
    ``put``, ``head`` or ``patch`` of an object, or to ``packs``; so often, or always.
    ``adapter`` is the one that it chooses, ``headers`` are those of its actions, and
    with ``closed`` it requires a password. ``seen`` are the requests, each with its
    kind and headers, ``sent`` the number of bytes of endless replies.
    """

    def __init__(self, adapter: str = batch.BASIC) -> None:
        self.store = MemoryStore()
        self.adapter = adapter
        self.headers: dict[str, str] = {}
        self.closed = False
        self.faults: dict[str, tuple[Fault, float]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.sent = 0
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(('localhost', 0), Handler)
        self._server.daemon_threads = True
        self._server.faulty = self
        self.base = 'http://localhost:%d' % self._server.server_port

    def __enter__(self) -> Faulty:
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, kind: str, fault: Fault, times: float = float('inf')) -> None:
        """Inject a fault, so many times."""
        self.faults[kind] = fault, times

    def behave(self) -> None:
        """Remove all faults."""
        self.faults.clear()
        self.over.set()
        self.seen.clear()

    def kinds(self) -> list[str]:
        """Return the kinds of all requests, in order."""
        return [kind for kind, _headers in self.seen]

    def fault(self, kind: str) -> Fault | None:
        """Return the fault to run in place of a reply."""
        with self._lock:
            fault, left = self.faults.get(kind, (None, 0))
            if left <= 0:
                return None
            self.faults[kind] = fault, left - 1
            return fault

    def answer(self, kind: str, handler: Handler, body: bytes) -> Reply:
        """Return the correct reply to a request."""
        oid = handler.path.rpartition('/')[2].encode('ascii')
        return getattr(self, '_' + kind)(oid, handler, body)

    def _batch(self, oid: bytes, handler: Handler, body: bytes) -> Reply:
        reply = answers.answer(
            batch.decoderequest(body),
            self.store,
            Places(self.base + '/objects/', self.base + '/packs'),
            answers.Limits(),
        )
        said = json.loads(reply)
        said['transfer'] = self.adapter
        actions = [
            a for item in said['objects'] for a in item.get('actions', {}).values()
        ]
        for action in [*actions, *filter(None, [said.get('packs')])]:
            action['header'].update(self.headers)
        return Reply(json.dumps(said).encode('ascii'))

    def _get(self, oid: bytes, handler: Handler, body: bytes) -> Reply:
        content = self.store.blobs[oid]
        wanted = handler.headers.get('Range')
        part = ranges.parse(wanted.encode('ascii'), len(content)) if wanted else None
        if part is None:
            return Reply(content)
        start, end = part
        place = 'bytes %d-%d/%d' % (start, end - 1, len(content))
        return Reply(content[start:end], 206, {'Content-Range': place})

    def _put(self, oid: bytes, handler: Handler, body: bytes) -> Reply:
        try:
            self.store.ingest([body], oid)
        except BlobMangled:
            return Reply(status=400)
        return Reply()

    def _head(self, oid: bytes, handler: Handler, body: bytes) -> Reply:
        return Reply(headers={'Upload-Offset': str(self.store.partial(oid))})

    def _patch(self, oid: bytes, handler: Handler, body: bytes) -> Reply:
        offset = int(handler.headers['Upload-Offset'])
        if offset != self.store.partial(oid):
            return Reply(status=409)
        try:
            self.store.receive(oid, offset + len(body), lambda there: (there, [body]))
        except BlobMangled:
            return Reply(status=400)
        return Reply(status=204)

    def _packs(self, oid: bytes, handler: Handler, body: bytes) -> Reply:
        if handler.path.endswith('/upload'):
            return Reply(blobs.take(blobstream.Reader([body]), self.store))
        items = list(blobstream.Reader([body]).items())
        return Reply(b''.join(blobs.send(items, self.store)))


class Handler(http.server.BaseHTTPRequestHandler):
    """Send the correct reply, or run a fault."""

    protocol_version = 'HTTP/1.1'
    timeout = ENOUGH
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def _answer(self) -> None:
        faulty = self.server.faulty
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        kind = self.command.lower()
        if self.path.startswith('/packs'):
            kind = 'packs'
        elif self.path.endswith('/batch'):
            kind = 'batch'
        if faulty.closed and 'Authorization' not in self.headers:
            self.reply(
                Reply(status=401, headers={'WWW-Authenticate': 'Basic realm="x"'})
            )
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        faulty.seen.append((kind, headers))
        fault = faulty.fault(kind)
        reply = faulty.answer(kind, self, body)
        if fault is None:
            self.reply(reply)
        else:
            fault(self, reply)

    do_GET = do_PUT = do_POST = do_PATCH = do_HEAD = _answer

    def reply(self, reply: Reply, length: int | None = None) -> None:
        """Send a reply, with another length if one is given."""
        self.head(reply, len(reply.body) if length is None else length)
        if self.command != 'HEAD':
            self.wfile.write(reply.body)

    def head(self, reply: Reply, length: int | None) -> None:
        """Send the start of a reply; without a length, it lasts until the close."""
        self.send_response(reply.status, reply.reason)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if length is None:
            self.close_connection = True
        elif reply.status != 204:
            self.send_header('Content-Length', str(length))
        self.end_headers()

    def hangup(self) -> None:
        """Close the connection."""
        self.close_connection = True


# faults


def nothing(handler: Handler, reply: Reply) -> None:
    """Close the connection without a reply."""
    handler.hangup()


def cut(handler: Handler, reply: Reply) -> None:
    """Send half of the announced bytes."""
    handler.head(reply, len(reply.body))
    handler.wfile.write(reply.body[: len(reply.body) // 2])
    handler.hangup()


def stall(handler: Handler, reply: Reply) -> None:
    """Send half, and then nothing."""
    handler.head(reply, len(reply.body))
    handler.wfile.write(reply.body[: len(reply.body) // 2])
    handler.server.faulty.over.wait(ENOUGH)
    handler.hangup()


def silence(handler: Handler, reply: Reply) -> None:
    """Send nothing, and keep the connection."""
    handler.server.faulty.over.wait(ENOUGH)
    handler.hangup()


def longer(handler: Handler, reply: Reply) -> None:
    """Send more bytes, with a length that includes them."""
    handler.reply(Reply(reply.body + b'more', reply.status, reply.headers))


def shorter(handler: Handler, reply: Reply) -> None:
    """Send fewer bytes, with their length."""
    handler.reply(Reply(reply.body[:-4], reply.status, reply.headers))


def overannounced(handler: Handler, reply: Reply) -> None:
    """Send the whole body with a length that is too large."""
    handler.reply(reply, len(reply.body) + 4)
    handler.hangup()


def unannounced(handler: Handler, reply: Reply) -> None:
    """Send no length, and fewer bytes."""
    handler.head(reply, None)
    handler.wfile.write(reply.body[:-4])


def chunked(handler: Handler, reply: Reply) -> None:
    """Break off within a chunk."""
    reply.headers['Transfer-Encoding'] = 'chunked'
    handler.head(reply, None)
    handler.wfile.write(b'%x\r\n' % len(reply.body) + reply.body[:-4])


def flipped(handler: Handler, reply: Reply) -> None:
    """Send one bit wrong."""
    body = bytearray(reply.body)
    body[len(body) // 2] ^= 1
    handler.reply(Reply(bytes(body), reply.status, reply.headers))


def garbage(handler: Handler, reply: Reply) -> None:
    """Send another protocol."""
    handler.wfile.write(b'220 smtp.example.com ESMTP\r\n\r\n')
    handler.hangup()


def saying(
    body: bytes, status: int = 200, reason: str | None = None, **headers
) -> Fault:
    """Return a fault that sends another reply."""
    named = {name.replace('_', '-'): value for name, value in headers.items()}
    return lambda handler, reply: handler.reply(Reply(body, status, named, reason))


def endless(start: bytes, more: bytes, status: int = 200) -> Fault:
    """Return a fault that sends without end."""

    def go(handler: Handler, reply: Reply) -> None:
        handler.head(Reply(b'', status), None)
        handler.wfile.write(start)
        piece = more * (1 + (64 << 10) // len(more))
        faulty, sent = handler.server.faulty, 0
        with contextlib.suppress(OSError):
            while sent < ENDLESS:
                handler.wfile.write(piece)
                sent += len(piece)
        faulty.sent = max(faulty.sent, sent)

    return go


def altered(change: Callable[[bytes], bytes]) -> Fault:
    """Return a fault that changes the body."""
    return lambda handler, reply: handler.reply(
        Reply(change(reply.body), reply.status, reply.headers)
    )


def rewritten(change: Callable[[dict], object]) -> Fault:
    """Return a fault that changes a batch's reply, in place."""

    def alter(body: bytes) -> bytes:
        said = json.loads(body)
        change(said)
        return json.dumps(said).encode('ascii')

    return altered(alter)
