"""Log the transfers of objects, with ``ui.log`` and to the file ``lfs.accesslog``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from mercurial.utils import procutil

from ..lfs import oid as oids
from ..lfs.server import accesslog
from ..lfs.store import files

EVENT = b'hglfs'
#: Returns the client that is served; called for each line.
Client = Callable[[], accesslog.Client]


class UiAccessLog:
    """Write a line for each transferred object; see AccessLog for the contract.

    ``ui`` is the repository's. ``path`` is the log file, None to use ``ui.log`` only.
    The duration in a line is the time since the previous line, or, in the first line,
    since this log was created.
    """

    def __init__(self, ui, path: bytes | None, client: Client) -> None:
        self._ui = ui
        self._path = path
        self._client = client
        self._began = time.monotonic()

    def moved(self, operation: str, oid: bytes, size: int, status: int) -> None:
        """Log the transfer of ``size`` bytes of an object, with its HTTP status."""
        began, self._began = self._began, time.monotonic()
        if not oids.isoid(oid):
            return
        seconds = self._began - began
        what = accesslog.Moved(operation, oid, size, seconds, status)
        text = accesslog.line(self._client(), what)
        self._ui.log(EVENT, b'lfs: %s\n', text)
        if self._path:
            self._append(self._path, accesslog.stamped(text, time.time()))

    def _append(self, path: bytes, text: bytes) -> None:
        try:
            files.append(path, text, files.Modes())
        except OSError as exc:  # not a reason to fail the transfer
            why = files.reason(exc)
            self._ui.warn(b'cannot write %s: %s\n' % (path, why))


def overssh(ui, path: bytes | None) -> UiAccessLog:
    """Return the access log for the client of an ssh connection.

    ``path`` is the log file, None to use ``ui.log`` only.
    """
    environ = os.environb if hasattr(os, 'environb') else {}
    user = environ.get(b'REMOTE_USER') or procutil.getuser()
    address = environ.get(b'SSH_CLIENT', b'').partition(b' ')[0]
    return UiAccessLog(ui, path, lambda: accesslog.Client(user, address))
