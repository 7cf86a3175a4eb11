"""What is known of every request in the end: bytes, time, status, and for whom.

The log has a line for each object, the counters have every request, where somebody
may see them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from ..hg import accesslog as logs
from ..lfs.blob import DOWNLOAD, UPLOAD
from ..lfs.errors import StoreFailed
from ..lfs.oid import isoid
from ..lfs.server import accesslog, counters

_OPERATIONS = {b'GET': DOWNLOAD, b'PUT': UPLOAD, b'PATCH': UPLOAD}
#: What moves blobs.
_TRANSFERS = ('objects', 'packs')
_REFUSED, _FAILED = 400, 500
#: By these the web server in front is told to send a file.
_OFFLOADS = (b'X-Accel-Redirect', b'X-Sendfile')


class Account:
    """Adds up one request, and has the ``log`` of what it moves."""

    def __init__(self, lfs, name: str, req, log: accesslog.AccessLog) -> None:
        known = name in counters.ROUTES
        self.log = log
        self.counted = counters.Route()
        self.status = 0
        self._lfs = lfs
        self._route = name if known else 'other'
        self.object = _objectof(req) if name == 'objects' else None
        self._began = time.monotonic()
        self._active = contextlib.ExitStack()
        if lfs.settings.metrics and name in _TRANSFERS:
            with contextlib.suppress(OSError):
                self._active.enter_context(of(lfs).active())

    def close(self, broken: bool = False) -> None:
        """Ends it; ``broken`` is whether it ended before it was complete."""
        took = time.monotonic() - self._began
        if self.object is not None:
            operation, oid = self.object
            moved = self.counted.received
            if operation == DOWNLOAD:  # or why there is none
                moved = self.counted.sent if self.status < _REFUSED else 0
            self.log.moved(operation, oid, moved, self.status)
        self._active.close()
        if self._lfs.settings.metrics:
            self.counted.microseconds = int(took * 1e6)
            self.counted.errors = int(broken or self.status >= _FAILED)
            with contextlib.suppress(OSError, StoreFailed):
                of(self._lfs).add(self._route, self.status, self.counted)


def of(lfs) -> counters.Counters:
    """Returns the counters of a repository."""
    return counters.Counters(lfs.state(b'metrics'), lfs.modes)


@contextlib.contextmanager
def watched(lfs, name: str, req, res, access) -> Iterator[_CountedResponse]:
    """Lends a route a response in place of another, and accounts for a request.

    Where the body is a generator, that is when it has been sent.
    """
    # not the request itself, which would keep the response alive: see _counted
    caller, address = access.caller, req.rawenv.get(b'REMOTE_ADDR')
    log = logs.UiAccessLog(
        lfs.ui,
        lfs.settings.accesslog,
        lambda: accesslog.Client(caller.user, address),
    )
    account = Account(lfs, name, req, log)
    response = _CountedResponse(res, account)
    try:
        with _counting(req, account):
            yield response
    except BaseException:
        account.status = _FAILED
        account.close(broken=True)
        raise
    account.status = _code(res.status)
    account.counted.sent += _handedover(lfs, account, res)
    if not response.streams:
        account.close()


@contextlib.contextmanager
def _counting(req, account: Account) -> Iterator[None]:
    """Counts what is read of a body; in the end core has its own again."""
    handle, counted = req.bodyfh, _Body(req.bodyfh, account)
    _setbody(req, counted)
    try:
        yield
    finally:
        if req.bodyfh is counted:
            _setbody(req, handle)


def _setbody(req, body) -> None:
    object.__setattr__(req, 'bodyfh', body)  # it is a frozen value


def _handedover(lfs, account: Account, res) -> int:
    """Returns the size of a blob that the web server in front is to send."""
    if account.object is None or not any(map(res.headers.get, _OFFLOADS)):
        return 0
    return lfs.ownstore.size(account.object[1]) or 0


def _objectof(req) -> tuple[str, bytes] | None:
    operation = _OPERATIONS.get(req.method)
    oid = req.dispatchparts[-1] if req.dispatchparts else b''
    return (operation, oid) if operation and isoid(oid) else None


def _code(status: bytes | None) -> int:
    code = (status or b'').partition(b' ')[0]
    return int(code) if code.isdigit() else 0


class _Body:
    """A body that is counted as it is read."""

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
    """A response whose body is counted; ``log`` is for the objects in it."""

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
    # knows nothing of the response, which would keep it alive: it has to end as
    # soon as a client is gone
    broken = True
    try:
        for chunk in chunks:
            # before it is sent: who has it all does not ask for more
            isfile = not isinstance(chunk, bytes)  # which the server sends by itself
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
