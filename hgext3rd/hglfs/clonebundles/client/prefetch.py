"""Prefetch the blobs of a first checkout from the packs of the server.

Blobs that are in no pack, or could not be downloaded, are fetched from the remotes
later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import stringutil, urlutil

from ...hg import compat, endpoint, messages, peerwire, progress, remotes
from ...hg.lfsrepo import LfsRepo
from ...hg.operations import CloneState
from ...lfs import words
from ...lfs.blob import DOWNLOAD, BlobRef
from ...lfs.errors import RemoteError
from ...lfs.transfer import queue, retry
from ...lfs.wire.wirejson import WireError
from .. import blobpack
from ..blobpack import AdvertisedPack
from .packremote import PackRemote, isworthwhile

#: The least size of a first checkout, in bytes, for a new connection to the server.
_WORTHCONNECTING = 8 << 20
#: High, as the transfers of a PackRemote limit their retries themselves.
_RETRY = retry.Retry(count=1 << 10)
#: Errors of a peer that fails, or whose connection is lost.
_BROKEN = (OSError, ValueError, error.Error, error.RepoError, error.ResponseError)


def fetch(lfs: LfsRepo, refs: Sequence[BlobRef]) -> None:
    """Download those of ``refs`` that are in packs of the server.

    If the server or a host of packs fails, prints a warning. Raises BlobError if a blob
    cannot be stored.
    """
    if not isworthwhile([ref.size for ref in refs]) or not _ispossible(lfs):
        return
    with _peer(lfs, refs) as peer:
        offered = _request_packs(lfs, peer) if peer is not None else []
    if not offered:
        return
    remote = _remote(lfs, offered)
    policy = queue.Policy(_RETRY, 1, remotes.policy(lfs).bandwidth)
    meter = progress.meter(lfs.ui, DOWNLOAD, remote, lenient=True)
    try:
        queue.move(remote, DOWNLOAD, refs, lfs.store, meter, policy)
    except RemoteError as exc:
        _warn(lfs, exc.message)
    except error.Abort as exc:  # a bad certificate, or no password
        _warn(lfs, exc.message)
    _report_failures(lfs, remote)


def _report_failures(lfs: LfsRepo, remote: PackRemote) -> None:
    for failure in remote.failures:
        where = words.quoted(failure.url)
        messages.note(lfs.ui, _(b'lfs: %s: %s\n') % (where, failure.error.message))
    for failure in remote.failures:
        if failure.last:  # else another URL worked
            return _warn(lfs, failure.error.message, failure.error.hint)


def _warn(lfs: LfsRepo, message: bytes, hint: bytes | None = None) -> None:
    lfs.ui.warn(_(b'lfs: cannot use a pack of files: %s\n') % words.shown(message))
    if hint:
        lfs.ui.warn(b'(%s)\n' % hint)


def _ispossible(lfs: LfsRepo) -> bool:
    """Return whether the settings allow the use of packs.

    They do not if ``ui.clonebundles`` is disabled, or if the blobs come from another
    server than the changesets.
    """
    return (
        lfs.ui.configbool(b'ui', b'clonebundles')
        and lfs.settings.standalone is None
        and endpoint.isderived(lfs.repo)
    )


@contextlib.contextmanager
def _peer(lfs: LfsRepo, refs: Sequence[BlobRef]) -> Iterator[Any]:
    """Yield the peer from which to request packs, or None to use no packs.

    It is the peer of the clone if that is still open. Otherwise it is a new peer, if
    the blobs are big enough for another connection. Packs are used once in a process:
    for the first checkout.
    """
    clone, lfs.ops.clone = lfs.ops.clone, CloneState(packs=False)
    if clone.peer is None and sum(ref.size for ref in refs) >= _WORTHCONNECTING:
        with _connected(lfs) as peer:
            yield peer
    else:
        yield clone.peer


@contextlib.contextmanager
def _connected(lfs: LfsRepo) -> Iterator[Any]:
    url = endpoint.peer(lfs.repo)
    if urlutil.url(url).scheme not in (b'http', b'https', b'ssh'):
        yield None
        return
    try:
        peer = compat.openpeer(lfs.ui, url)
    except _BROKEN as exc:
        why = words.shown(stringutil.forcebytestr(exc))
        messages.note(lfs.ui, b'lfs: %s\n' % why)
        yield None
        return
    with contextlib.closing(peer):
        yield peer


def _request_packs(lfs: LfsRepo, peer) -> list[AdvertisedPack]:
    """Request the list of packs from a peer; return an empty one on failure."""
    try:
        if not peer.capable(peerwire.BLOBPACKS):
            return []
        return blobpack.decode(peer._call(peerwire.BLOBPACKS))
    except WireError as exc:
        _warn(
            lfs,
            b'the list of them is broken: %s' % str(exc).encode('ascii'),
        )
    except _BROKEN as exc:
        _warn(lfs, stringutil.forcebytestr(exc))
    return []


def _remote(lfs: LfsRepo, offered: list[AdvertisedPack]) -> PackRemote:
    # packs on the server itself need the credentials for the repository
    url = endpoint.peer(lfs.repo)
    connection = remotes.advertisedtransport(lfs, url)
    log = messages.UiLog(lfs.ui)

    def refresh() -> list[AdvertisedPack]:
        messages.note(lfs.ui, _(b'asking the server for new URLs of its packs\n'))
        with _connected(lfs) as peer:
            return _request_packs(lfs, peer) if peer is not None else []

    return PackRemote(urlutil.hidepassword(url), connection, log, offered, refresh)
