"""What a server's configuration says, and the keys that it signs with."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mercurial import error, util
from mercurial.i18n import _

from ..lfs.server import batch, signing
from ..lfs.store import files

#: The longest file of keys that is read, in bytes.
_LONGESTKEYS = 64 << 10
_OFFLOADS = {
    b'no': None,
    b'x-accel-redirect': b'X-Accel-Redirect',
    b'x-sendfile': b'X-Sendfile',
}


@dataclass(frozen=True)
class Serving:
    """How blobs are served; see ``config.ITEMS`` for units and defaults.

    ``offload`` is the header that has the web server in front send a file, or None;
    ``keyfile`` is None where actions aren't signed.
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
        """How many requests without blobs may be read at once while clients are slow.

        With all transfers they are fewer than a web server's threads; 0 is no limit.
        """
        return max(1, self.transfers // 4) if self.transfers else 0


def read(repo) -> Serving:
    """Returns what the repository's configuration says; raises Abort."""
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
            _(b'lfs.offload is none of %s: %s') % (b', '.join(sorted(_OFFLOADS)), name)
        )
    return _OFFLOADS[name.lower()]


def _ownkeyfile(repo) -> bytes:
    return os.path.join(repo.sharedpath, b'lfs', b'signing-key')


def signer(path: bytes) -> signing.Signer:
    """Returns what signs and knows tokens, by the keys in a file.

    One that is missing is made, for its owner alone. Raises Abort for keys that
    others could read, and for what is none.
    """
    try:
        return signing.Signer(signing.parsekeys(_text(path)))
    except ValueError as exc:
        raise error.ConfigError(
            _(b'%s: %s') % (path, str(exc).encode('ascii')),
            hint=_(
                b'it holds keys of %d bytes in hexadecimal, one a line, newest first'
            )
            % signing.LEASTKEY,
        ) from exc


def _text(path: bytes) -> bytes:
    if not os.path.exists(path):
        _make(path)
    if os.name == 'posix' and os.stat(path).st_mode & 0o077:
        raise error.ConfigError(
            _(b'%s can be read by others') % path, hint=_(b'chmod 600 %s') % path
        )
    try:
        return files.readbounded(path, _LONGESTKEYS)
    except OSError as exc:
        raise error.ConfigError(
            _(b'cannot read %s: %s') % (path, files.reason(exc))
        ) from exc


def _make(path: bytes) -> None:
    """Makes a key file, whole or not at all, unless somebody else just has."""
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
