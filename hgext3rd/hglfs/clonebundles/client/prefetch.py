"""Fetches the large files of a first checkout in packs, where the server has some.

Whatever goes wrong with that, and whatever is in no pack, is left to the remotes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import stringutil, urlutil

from ...hg import compat, endpoint, journal, messages, progress, remotes, wire
from ...hg.repolfs import RepoLfs
from ...lfs import words
from ...lfs.blob import DOWNLOAD, BlobRef
from ...lfs.errors import RemoteError
from ...lfs.transfer import queue, retry
from ...lfs.wire.wirejson import WireError
from .. import blobpack
from ..blobpack import Offered
from .packremote import PackRemote, worth

#: From so many bytes on a first checkout after the clone is worth a connection.
_WORTHASKING = 8 << 20
#: A remote of packs bounds by itself how often it tries again.
_RETRY = retry.Retry(count=1 << 10)
#: What a peer raises that is gone, or fails.
_BROKEN = (OSError, ValueError, error.Error, error.RepoError, error.ResponseError)


def fetch(box: RepoLfs, refs: Sequence[BlobRef]) -> None:
    """Fetches those of some blobs that come in packs.

    Raises BlobError where they can't be stored.
    """
    if not worth([ref.size for ref in refs]) or not _ispossible(box):
        return
    with _peer(box, refs) as peer:
        offered = _asked(box, peer) if peer is not None else []
    if not offered:
        return
    remote = _remote(box, offered)
    policy = queue.Policy(_RETRY, 1, remotes.policy(box).bandwidth)
    meter = progress.meter(box.ui, DOWNLOAD, remote)
    try:
        queue.move(remote, DOWNLOAD, refs, box.store, meter, policy)
    except RemoteError as exc:
        _warn(box, exc.message)
    except error.Abort as exc:  # a certificate, or a password that nobody gives
        _warn(box, exc.message)
    _tell(box, remote)


def _tell(box: RepoLfs, remote: PackRemote) -> None:
    for failure in remote.failures:
        where = words.quoted(failure.url)
        messages.note(box.ui, _(b'lfs: %s: %s\n') % (where, failure.error.message))
    for failure in remote.failures:
        if failure.last:  # else another place did
            return _warn(box, failure.error.message, failure.error.hint)


def _warn(box: RepoLfs, message: bytes, hint: bytes | None = None) -> None:
    box.ui.warn(_(b'lfs: cannot use a pack of files: %s\n') % words.shown(message))
    if hint:
        box.ui.warn(b'(%s)\n' % hint)


def _ispossible(box: RepoLfs) -> bool:
    """Tells whether blobs come from where the changesets do."""
    return (
        box.ui.configbool(b'ui', b'clonebundles')
        and box.settings.standalone is None
        and endpoint.isderived(box.repo)
    )


@contextlib.contextmanager
def _peer(box: RepoLfs, refs: Sequence[BlobRef]) -> Iterator[Any]:
    """Lends the peer to ask, once: for a first checkout, or else None."""
    cloned, box.cloned = box.cloned, False
    if cloned is None and sum(ref.size for ref in refs) >= _WORTHASKING:
        with _connected(box) as peer:
            yield peer
    else:
        yield cloned or None


@contextlib.contextmanager
def _connected(box: RepoLfs) -> Iterator[Any]:
    url = endpoint.peer(box.repo)
    if urlutil.url(url).scheme not in (b'http', b'https', b'ssh'):
        yield None
        return
    try:
        peer = compat.openpeer(box.ui, url)
    except _BROKEN as exc:
        why = words.shown(stringutil.forcebytestr(exc))
        messages.note(box.ui, b'lfs: %s\n' % why)
        yield None
        return
    with contextlib.closing(peer):
        yield peer


def _asked(box: RepoLfs, peer) -> list[Offered]:
    """Returns the packs that a peer offers."""
    try:
        if not peer.capable(wire.BLOBPACKS):
            return []
        return blobpack.decode(peer._call(wire.BLOBPACKS))
    except WireError as exc:
        _warn(
            box,
            b'what the server tells of them makes no sense: %s'
            % str(exc).encode('ascii'),
        )
    except _BROKEN as exc:
        _warn(box, stringutil.forcebytestr(exc))
    return []


def _remote(box: RepoLfs, offered: list[Offered]) -> PackRemote:
    # the server's own packs are for whoever may read the repository
    url = endpoint.peer(box.repo)
    connection = remotes.offered(box, url)
    told = journal.UiJournal(box.ui)

    def again() -> list[Offered]:
        messages.note(box.ui, _(b'asking the server for new URLs of its packs\n'))
        with _connected(box) as peer:
            return _asked(box, peer) if peer is not None else []

    return PackRemote(urlutil.hidepassword(url), connection, told, offered, again)
