"""The settings of a server, and its signing keys."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mercurial import error, util
from mercurial.i18n import _

from ..lfs.server import batch, signing
from ..lfs.store import files

#: The longest key file that is accepted, in bytes.
_LONGESTKEYS = 64 << 10
_OFFLOADS = {
    b'no': None,
    b'x-accel-redirect': b'X-Accel-Redirect',
    b'x-sendfile': b'X-Sendfile',
}


@dataclass(frozen=True)
class Serving:
    """The settings of a server; see ``config.ITEMS`` for units and defaults.

    ``offload`` is the reply header that makes the web server in front send a file; None
    if hgweb sends files itself. ``keyfile`` is None if actions are not signed.
    """

    limits: batch.Limits
    transfers: int
    waiting: int
    offload: bytes | None
    prefix: bytes
    root: bytes
    keyfile: bytes | None

    @property
    def documents(self) -> int:
        """The maximum number of documents that are read from slow clients in parallel.

        For the meaning of document see ``web.pace.Documents``. This number and
        ``transfers`` together should be below the number of the web server's threads. 0
        means no limit.
        """
        return max(1, self.transfers // 4) if self.transfers else 0


def read(repo) -> Serving:
    """Return the settings of a repository's server; raise ConfigError."""
    ui = repo.ui
    signed = ui.configbool(b'lfs', b'signed-actions')
    keyfile = ui.configpath(b'lfs', b'signing-key')
    return Serving(
        limits=batch.Limits(
            max(0, ui.configint(b'lfs', b'maxobjects')),
            max(0, ui.configbytes(b'lfs', b'maxsize')),
        ),
        transfers=max(0, ui.configint(b'lfs', b'maxtransfers')),
        waiting=max(0, ui.configint(b'lfs', b'maxwaiting')),
        offload=_offload(ui.config(b'lfs', b'offload')),
        prefix=ui.config(b'lfs', b'offload-prefix'),
        root=os.path.realpath(ui.configpath(b'lfs', b'offload-root')),
        keyfile=(keyfile or _ownkeyfile(repo)) if signed else None,
    )


def _offload(name: bytes) -> bytes | None:
    if name.lower() not in _OFFLOADS:
        raise error.ConfigError(
            _(b'lfs.offload must be one of %s, not %s')
            % (b', '.join(sorted(_OFFLOADS)), name)
        )
    return _OFFLOADS[name.lower()]


def _ownkeyfile(repo) -> bytes:
    return os.path.join(repo.sharedpath, b'lfs', b'signing-key')


def signer(path: bytes) -> signing.Signer:
    """Return the signer for the keys in a file, which is created if missing.

    Raises ConfigError for a malformed file, and for one that other users can read.
    """
    try:
        return signing.Signer(signing.parsekeys(_text(path)))
    except ValueError as exc:
        raise error.ConfigError(
            _(b'%s: %s') % (path, str(exc).encode('ascii')),
            hint=_(
                b'write hexadecimal keys of %d bytes to it, one per line, newest first'
            )
            % signing.LEASTKEY,
        ) from exc


def _text(path: bytes) -> bytes:
    if not os.path.exists(path):
        _make(path)
    if os.name == 'posix' and os.stat(path).st_mode & 0o077:
        raise error.ConfigError(
            _(b'%s can be read by other users') % path,
            hint=_(b'run: chmod 600 %s') % path,
        )
    try:
        return files.readbounded(path, _LONGESTKEYS)
    except OSError as exc:
        raise error.ConfigError(
            _(b'cannot read %s: %s') % (path, files.reason(exc))
        ) from exc


def _make(path: bytes) -> None:
    """Create a key file atomically; keep a file that another process created first."""
    util.makedirs(os.path.dirname(path))
    unseen = b'%s.%s' % (path, os.urandom(8).hex().encode('ascii'))
    handle = os.open(unseen, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, 'wb') as sink:
            sink.write(os.urandom(signing.LEASTKEY).hex().encode('ascii') + b'\n')
            sink.flush()
            os.fsync(sink.fileno())
        files.placenew(unseen, path)
    finally:
        os.unlink(unseen)
