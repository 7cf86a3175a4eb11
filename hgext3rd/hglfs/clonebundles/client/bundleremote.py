"""A bundle at a URL of its own, as a remote that can only be fetched from.

What is known by its SHA-256 is a blob like others; what is not arrives in a file.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from ...lfs.blob import DOWNLOAD, BlobRef
from ...lfs.errors import BlobMangled, HttpFailed, RemoteError, StoreFailed
from ...lfs.log import Log
from ...lfs.remote import basic, replies, resume
from ...lfs.remote.api import Plan, Transfer, Watch
from ...lfs.remote.connection import HttpConnection
from ...lfs.remote.transport import Request, Response, Transport
from ...lfs.store.api import BlobStore
from ...lfs.store.hashing import Hasher
from ...lfs.wire.action import Action
from ...lfs.wire.batch import BASIC, Answer
from ..manifest import MAXSIZE, Offer

_TOTAL = re.compile(r'bytes 0-0/([0-9]{1,19})\Z')
#: Makes the transfer of what a remote has.
Maker = Callable[[BlobRef], Transfer]


class BundleRemote:
    """Has one bundle, at ``href``; see Remote for the contract."""

    quiet = True

    def __init__(
        self, href: str, transport: Transport, log: Log, parallel: int = 1
    ) -> None:
        self.name = href.encode('utf-8')
        self.parallel = parallel
        self.make: Maker = self.asblob
        self._href = href
        self._connection = HttpConnection(href, transport, log)

    def connect(self, log: Log | None = None) -> HttpConnection:
        """Return the main thread's connection; with a log, another for a thread."""
        return self._connection.forked(log)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yields what has to be done."""
        yield Plan(len(refs), [self.make(ref) for ref in refs])

    def asblob(self, ref: BlobRef) -> Transfer:
        """Returns the transfer of a bundle that is known by its SHA-256."""
        asked = datetime.datetime.now(datetime.timezone.utc)
        order = basic.Order(DOWNLOAD, BASIC, self.parallel, asked)
        return _BlobDownload(order, Answer(ref, {DOWNLOAD: Action(self._href)}))

    def asfile(self, ref: BlobRef, receiver: BundleReceiver) -> Transfer:
        """Returns the transfer of another one into a file."""
        return _FileDownload(self._href, ref, receiver)

    def size(self) -> int | None:
        """Returns how many bytes the bundle has, where its server tells.

        A presigned URL is for GET alone, so that is what is asked, for one byte.
        Raises RemoteError.
        """
        request = Request('GET', self._href, {'Range': 'bytes=0-0'})
        with self._connection.transport.send(request) as response:
            if response.status != 206:
                return replies.announced(response)
            found = _TOTAL.match(response.header('content-range') or '')
            return int(found.group(1)) if found else None


class _BlobDownload(basic.Single):
    """A bundle that is a blob, without a Git LFS server.

    A URL whose time is over is asked for anew by the caller, who then goes on.
    """

    _raised = basic.UNAUTHORIZED

    @contextlib.contextmanager
    def explained(self, connection: HttpConnection) -> Iterator[None]:
        """Leaves the errors as they are: there is but one object."""
        yield

    def _outlived(self, exc: HttpFailed) -> bool:
        return False  # nobody here can be asked for another URL

    def _renewable(self, exc: HttpFailed) -> bool:
        return False


class BundleReceiver:
    """A bundle that arrives in a file, and is measured by what was announced of it.

    To be closed, or to be asked by ``prove``.
    """

    def __init__(self, sink: BinaryIO, offer: Offer) -> None:
        self._sink = sink
        self._offer = offer
        self._most = MAXSIZE if offer.size is None else offer.size
        self._hasher: Hasher | None = None
        self.received = 0

    def restart(self) -> None:
        """Forgets what has come."""
        self.close()
        if self._offer.checksum:
            self._hasher = Hasher(self._offer.checksum[0])
        self.received = 0
        with _translate_errors():
            self._sink.seek(0)
            self._sink.truncate()

    def write(self, chunk: bytes) -> None:
        """Takes in the next bytes; raises BlobMangled where they are too many."""
        self.received += len(chunk)
        if self.received > self._most:
            raise BlobMangled(b'it has more than the %d bytes announced' % self._most)
        with _translate_errors():
            self._sink.write(chunk)
        if self._hasher is not None:
            self._hasher.feed(chunk)

    def verify(self) -> None:
        """Raises RemoteError where what has come is not what was announced."""
        with _translate_errors():
            self._sink.flush()
        size, checksum = self._offer.size, self._offer.checksum
        if size is not None and self.received < size:
            raise RemoteError(
                b'it ended after %d of %d bytes' % (self.received, size), transient=True
            )
        if self._hasher is None or checksum is None:
            return
        if self._hasher.digest().hex().encode('ascii') != checksum[1]:
            raise BlobMangled(b'its digest is not the one announced')

    def close(self) -> None:
        """Ends it."""
        if self._hasher is not None:
            self._hasher.close()


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreFailed(
            b'cannot store it: %s' % str(exc).encode('utf-8', 'replace')
        ) from exc


class _FileDownload:
    """Fetches a bundle into a file; goes on where it was while the process lives."""

    def __init__(self, href: str, ref: BlobRef, receiver: BundleReceiver) -> None:
        self.ref = ref
        self._href = href
        self._receiver = receiver
        self._etag = ''
        self._size = 0

    @property
    def refs(self) -> Sequence[BlobRef]:
        """The one bundle, under no oid."""
        return [self.ref]

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Fetches it; see Transfer for the contract."""
        watch.started(self.ref)
        receiver = self._receiver
        with (
            contextlib.closing(receiver),
            self._request(connection, watch.last) as response,
        ):
            replies.showheaders(connection.log, response)
            if response.status != 206:
                self._restart(response)
            watch.had(receiver.received)
            for chunk in replies.body(response, self.ref, MAXSIZE):
                receiver.write(chunk)
                watch.moved(len(chunk))
            receiver.verify()
        watch.arrived(self.ref)

    def _request(self, connection: HttpConnection, last: bool) -> Response:
        """Return the reply to a request for what is missing: 206, else the whole."""
        there, size, send = (
            self._receiver.received,
            self._size,
            connection.transport.send,
        )
        whole = Request('GET', self._href)
        if not self._etag or not 0 < there < size:
            return send(whole)
        headers = {'Range': 'bytes=%d-%d' % (there, size - 1), 'If-Range': self._etag}
        return resume.request(
            lambda: send(Request('GET', self._href, headers)),
            lambda: send(whole),
            lambda response: replies.ispart(response, there, size, size),
            last,
            basic.UNAUTHORIZED,
        )

    def _restart(self, response: Response) -> None:
        self._receiver.restart()
        etag = response.header('etag') or ''
        self._etag = etag if etag.startswith('"') else ''
        self._size = replies.announced(response) or 0
