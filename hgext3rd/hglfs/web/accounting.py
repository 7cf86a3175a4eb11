"""Accounting of LFS requests: bytes, duration, status and user of each.

The access log gets a line for each object. The counters include every request, where
``lfs.metrics`` enables them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from http import HTTPStatus

from ..hg import accesslog as logs
from ..lfs.blob import DOWNLOAD, UPLOAD
from ..lfs.errors import StoreFailed
from ..lfs.oid import isoid
from ..lfs.server import accesslog, counters

_OPERATIONS = {b'GET': DOWNLOAD, b'PUT': UPLOAD, b'PATCH': UPLOAD}
#: The routes that transfer blobs.
_TRANSFERS = ('objects', 'packs')
#: The headers by which the web server in front is made to send a file.
_OFFLOADS = (b'X-Accel-Redirect', b'X-Sendfile')


class Account:
    """The totals of one request; ``log`` is the access log for its objects."""

    def __init__(self, lfs, name: str, req, log: accesslog.AccessLog) -> None:
        known = name in counters.ROUTES
        self.log = log
        self.counted = counters.Route()
        self.status = 0
        self._lfs = lfs
        self._route = name if known else 'other'
        self.object = _requested_object(req) if name == 'objects' else None
        self._began = time.monotonic()
        self._active = contextlib.ExitStack()
        if lfs.settings.metrics and name in _TRANSFERS:
            with contextlib.suppress(OSError):
                self._active.enter_context(open_counters(lfs).active())

    def close(self, broken: bool = False) -> None:
        """Log and count the request; ``broken`` is whether it ended early."""
        took = time.monotonic() - self._began
        if self.object is not None:
            operation, oid = self.object
            moved = self.counted.received
            if operation == DOWNLOAD:  # an error reply sends no bytes of the object
                moved = self.counted.sent if self.status < HTTPStatus.BAD_REQUEST else 0
            self.log.moved(operation, oid, moved, self.status)
        self._active.close()
        if self._lfs.settings.metrics:
            self.counted.microseconds = int(took * 1e6)
            self.counted.errors = int(
                broken or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            )
            with contextlib.suppress(OSError, StoreFailed):
                open_counters(self._lfs).add(self._route, self.status, self.counted)


def open_counters(lfs) -> counters.Counters:
    """Return the counters of a repository."""
    return counters.Counters(lfs.state(b'metrics'), lfs.modes)


@contextlib.contextmanager
def account_for(lfs, name: str, req, res, access) -> Iterator[_CountedResponse]:
    """Yield a response that counts its body; log and count the request at the end.

    If the body is a generator, the end is when the body has been sent.
    """
    # no reference to the request, which would keep the response alive: see _counted
    caller, address = access.caller, req.rawenv.get(b'REMOTE_ADDR')
    log = logs.UiAccessLog(
        lfs.ui,
        lfs.settings.accesslog,
        lambda: accesslog.Client(caller.user, address),
    )
    account = Account(lfs, name, req, log)
    response = _CountedResponse(res, account)
    try:
        with _count_body(req, account):
            yield response
    except BaseException:
        account.status = HTTPStatus.INTERNAL_SERVER_ERROR
        account.close(broken=True)
        raise
    account.status = _status_code(res.status)
    account.counted.sent += _offloaded_size(lfs, account, res)
    if not response.streams:
        account.close()


@contextlib.contextmanager
def _count_body(req, account: Account) -> Iterator[None]:
    """Count the bytes read from a request's body; restore core's reader afterwards."""
    handle, counted = req.bodyfh, _Body(req.bodyfh, account)
    _setbody(req, counted)
    try:
        yield
    finally:
        if req.bodyfh is counted:
            _setbody(req, handle)


def _setbody(req, body) -> None:
    object.__setattr__(req, 'bodyfh', body)  # the request is frozen


def _offloaded_size(lfs, account: Account, res) -> int:
    """Return the size of the blob that the web server in front sends, else 0."""
    if account.object is None or not any(map(res.headers.get, _OFFLOADS)):
        return 0
    return lfs.ownstore.size(account.object[1]) or 0


def _requested_object(req) -> tuple[str, bytes] | None:
    operation = _OPERATIONS.get(req.method)
    oid = req.dispatchparts[-1] if req.dispatchparts else b''
    return (operation, oid) if operation and isoid(oid) else None


def _status_code(status: bytes | None) -> int:
    code = (status or b'').partition(b' ')[0]
    return int(code) if code.isdigit() else 0


class _Body:
    """A request's body whose bytes are counted as they are read."""

    def __init__(self, handle, account: Account) -> None:
        self._handle = handle
        self._account = account

    def read(self, *size) -> bytes:
        data = self._handle.read(*size)
        self._account.counted.received += len(data)
        return data

    def __getattr__(self, name: str):
        return getattr(self._handle, name)


class _CountedResponse:
    """A response whose body is counted; ``log`` is the access log for its objects."""

    def __init__(self, res, account: Account) -> None:
        self._res = res
        self._account = account
        self.log = account.log
        self.streams = False

    @property
    def status(self) -> bytes:
        return self._res.status

    @status.setter
    def status(self, status: bytes) -> None:
        self._res.status = status

    def setbodybytes(self, body: bytes) -> None:
        self._account.counted.sent += len(body)
        self._res.setbodybytes(body)

    def setbodygen(self, chunks) -> None:
        self.streams = True
        self._res.setbodygen(_counted(chunks, self._account))

    def __getattr__(self, name: str):
        return getattr(self._res, name)


def _counted(chunks, account: Account) -> Iterator[bytes]:
    # no reference to the response, which would keep it alive: the generator must be
    # closed as soon as the client has disconnected
    broken = True
    try:
        for chunk in chunks:
            # counted before it is sent: the server may not request another chunk
            isfile = not isinstance(chunk, bytes)  # a FileBody, sent by the server
            broken = not isfile
            account.counted.sent += _sizeof(chunk) if isfile else len(chunk)
            yield chunk
        broken = False
    finally:
        account.close(broken)
        close = getattr(chunks, 'close', None)
        if close is not None:
            close()


def _sizeof(body) -> int:
    return os.fstat(body.fileno()).st_size
