"""A clone bundle at a URL, as a remote for downloads.

A bundle whose SHA-256 and size are known is downloaded into a store like any blob;
any other bundle is downloaded into a file.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
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
#: Creates the transfer of a bundle.
Maker = Callable[[BlobRef], Transfer]


class BundleRemote:
    """A remote that has one bundle, at the URL ``href``; see Remote for the methods."""

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
        """Return a connection to the host of the bundle.

        Without ``log``, it is the connection of the main thread. With ``log``, it is a
        new connection for another thread.
        """
        return self._connection.forked(log)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield a single plan, with a transfer for each of ``refs``."""
        yield Plan(len(refs), [self.make(ref) for ref in refs])

    def asblob(self, ref: BlobRef) -> Transfer:
        """Return a transfer into the store, for a bundle whose SHA-256 is known."""
        asked = datetime.datetime.now(datetime.timezone.utc)
        order = basic.Order(DOWNLOAD, BASIC, self.parallel, asked)
        return _BlobDownload(order, Answer(ref, {DOWNLOAD: Action(self._href)}))

    def asfile(self, ref: BlobRef, receiver: BundleReceiver) -> Transfer:
        """Return a transfer into the file to which ``receiver`` writes."""
        return _FileDownload(self._href, ref, receiver)

    def size(self) -> int | None:
        """Request the size of the bundle in bytes; return None if the server omits it.

        The request is a GET for one byte, as presigned URLs do not allow HEAD. Raises
        RemoteError.
        """
        request = Request('GET', self._href, {'Range': 'bytes=0-0'})
        with self._connection.transport.send(request) as response:
            if response.status != HTTPStatus.PARTIAL_CONTENT:
                return replies.announced(response)
            found = _TOTAL.match(response.header('content-range') or '')
            return int(found.group(1)) if found else None


class _BlobDownload(basic.Single):
    """The download of a bundle into a store, without a Git LFS server.

    An expired URL is an error here, because it cannot be renewed by a batch request.
    The caller requests the manifest again for a new URL, and then resumes the download.
    """

    _raised = basic.UNAUTHORIZED

    @contextlib.contextmanager
    def explained(self, connection: HttpConnection) -> Iterator[None]:
        """Leave errors in this context unchanged.

        Other downloads add the oid to errors; here, there is only one object.
        """
        yield

    def _outlived(self, exc: HttpFailed) -> bool:
        return False  # another URL is requested by the caller

    def _renewable(self, exc: HttpFailed) -> bool:
        return False


class BundleReceiver:
    """Write a downloaded bundle into a file; verify the size and checksum of its offer.

    ``received`` is the number of bytes written so far. The caller must call ``close``.
    """

    def __init__(self, sink: BinaryIO, offer: Offer) -> None:
        self._sink = sink
        self._offer = offer
        self._most = MAXSIZE if offer.size is None else offer.size
        self._hasher: Hasher | None = None
        self.received = 0

    def restart(self) -> None:
        """Discard the bytes received so far."""
        self.close()
        if self._offer.checksum:
            self._hasher = Hasher(self._offer.checksum[0])
        self.received = 0
        with _translate_errors():
            self._sink.seek(0)
            self._sink.truncate()

    def write(self, chunk: bytes) -> None:
        """Write the next bytes; raise BlobMangled if they exceed the announced size."""
        self.received += len(chunk)
        if self.received > self._most:
            raise BlobMangled(b'it has more than the %d bytes announced' % self._most)
        with _translate_errors():
            self._sink.write(chunk)
        if self._hasher is not None:
            self._hasher.feed(chunk)

    def verify(self) -> None:
        """Verify size and checksum of the complete bundle; raise RemoteError.

        What the offer does not state is not verified.
        """
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
        """Stop the hasher's thread."""
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
    """The download of a bundle into a file; resumes within the same process."""

    def __init__(self, href: str, ref: BlobRef, receiver: BundleReceiver) -> None:
        self.ref = ref
        self._href = href
        self._receiver = receiver
        self._etag = ''
        self._size = 0

    @property
    def refs(self) -> Sequence[BlobRef]:
        """A reference to the bundle, as if it was a blob; its oid is not a checksum."""
        return [self.ref]

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Download the bundle into the receiver's file; see ``Transfer.run``."""
        watch.started(self.ref)
        receiver = self._receiver
        with (
            contextlib.closing(receiver),
            self._request(connection, watch.last) as response,
        ):
            replies.showheaders(connection.log, response)
            if response.status != HTTPStatus.PARTIAL_CONTENT:
                self._restart(response)
            watch.had(receiver.received)
            for chunk in replies.body(response, self.ref, MAXSIZE):
                receiver.write(chunk)
                watch.moved(len(chunk))
            receiver.verify()
        watch.arrived(self.ref)

    def _request(self, connection: HttpConnection, last: bool) -> Response:
        """Request the bytes that are missing; return the response.

        It is a valid partial response (206), or a response with the whole bundle.
        ``last`` is whether this is the last try.
        """
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
