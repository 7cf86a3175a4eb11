"""Download a clone bundle and verify it against its offer."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from typing import BinaryIO

from mercurial import encoding, error, util
from mercurial.utils import stringutil

from ...hg import messages, progress, remotes
from ...hg.lfsrepo import LfsRepo
from ...lfs.blob import DOWNLOAD, BlobRef
from ...lfs.errors import BlobMissing, ConnectionFailed, LfsError, RemoteError
from ...lfs.remote import ranges
from ...lfs.store import disk, files, retention
from ...lfs.transfer import queue
from ..manifest import INLINE, MAXSIZE, Offer
from . import bundleremote

#: The age at which a complete bundle is removed from the cache, in seconds.
_STALE = 3 * 24 * 3600
_PLACE = b'bundles'
#: Errors of a peer that lacks the bundle, or whose connection is lost.
_BROKEN = (OSError, ValueError, error.Error, error.ResponseError)


@contextlib.contextmanager
def fetched(lfs: LfsRepo, peer, offer: Offer) -> Iterator[BinaryIO]:
    """Download a bundle that a peer offers, and yield it as an open file.

    A bundle whose SHA-256 is known is kept on disk until it has been applied, so that
    another process can resume its download. Raises LfsError if the download fails.
    """
    with contextlib.ExitStack() as stack:
        try:
            handle = _opened(lfs, peer, offer, stack)
        except error.Abort as exc:  # a bad certificate, or no password
            raise RemoteError(exc.message) from exc
        yield handle


def _opened(lfs: LfsRepo, peer, offer: Offer, stack: contextlib.ExitStack) -> BinaryIO:
    if offer.url.startswith(INLINE):
        sink = stack.enter_context(_temporary(lfs))
        _receive_inline(lfs, peer, offer, sink)
        return sink
    remote = _remote(lfs, peer, offer)
    size = offer.size
    if offer.oid and size is None:
        size = remote.size()
    if offer.oid is None or size is None:
        sink = stack.enter_context(_temporary(lfs))
        _download_file(lfs, remote, offer, sink)
        return sink
    store = disk.DiskStore(_folder(lfs), show=lfs.show)
    _sweep(store)
    handle = _open_blob(lfs, remote, store, BlobRef(offer.oid, size, offer.url))
    stack.enter_context(_removed_after_use(store, offer.oid))
    return stack.enter_context(handle)


def _remote(lfs: LfsRepo, peer, offer: Offer) -> bundleremote.BundleRemote:
    href = encoding.strfromlocal(offer.url)
    connection = remotes.advertisedtransport(lfs, peer.url())
    parallel = remotes.policy(lfs).connections
    log = messages.UiLog(lfs.ui)
    return bundleremote.BundleRemote(href, connection, log, parallel)


def _open_blob(
    lfs: LfsRepo, remote: bundleremote.BundleRemote, store: disk.DiskStore, ref: BlobRef
) -> BinaryIO:
    """Open a bundle in the cache; download it before, or resume its download."""
    for last in (False, True):
        with contextlib.suppress(BlobMissing):
            if store.has(ref.oid) and store.damaged(ref.oid):
                store.remove(ref.oid)
        if not store.has(ref.oid):
            _check_free_space(store.root, ref.size - store.partial(ref.oid))
            _download(lfs, remote, ref, store)
        try:
            return store.open(ref.oid)
        except BlobMissing:  # another clone applied it, and removed it
            if last:
                raise
    raise AssertionError('not reached')


def _download_file(
    lfs: LfsRepo, remote: bundleremote.BundleRemote, offer: Offer, sink: BinaryIO
) -> None:
    ref = BlobRef(b'the bundle', offer.size or 0, offer.url)
    _check_free_space(lfs.repo.path, ref.size)
    receiver = bundleremote.BundleReceiver(sink, offer)
    remote.make = lambda ref: remote.asfile(ref, receiver)
    _download(lfs, remote, ref, disk.DiskStore(lfs.repo.path))
    sink.seek(0)


def _download(
    lfs: LfsRepo, remote: bundleremote.BundleRemote, ref: BlobRef, store: disk.DiskStore
) -> None:
    policy = remotes.policy(lfs)
    if not ranges.isworthwhile(ref.size, policy.connections):
        # one connection: the bundle is too small for parallel ranges
        policy = queue.Policy(policy.retry, 1, policy.bandwidth)
    meter = progress.BundleMeter(lfs.ui)
    queue.move(remote, DOWNLOAD, [ref], store, meter, policy)


def _receive_inline(lfs: LfsRepo, peer, offer: Offer, sink: BinaryIO) -> None:
    """Receive a bundle inline, over the connection of the peer, into ``sink``."""
    bar = progress.BundleMeter(lfs.ui)
    bar.planned(1, offer.size or 0)
    try:
        with contextlib.closing(bundleremote.BundleReceiver(sink, offer)) as receiver:
            receiver.restart()
            _receive(_request_inline(peer, offer), receiver, bar)
            receiver.verify()
    except _BROKEN as exc:
        raise ConnectionFailed(stringutil.forcebytestr(exc)) from exc
    finally:
        bar.closed()
    sink.seek(0)


def _request_inline(peer, offer: Offer) -> Iterator[bytes]:
    # hg <= 6.7: no inline bundles
    ask = getattr(peer, 'get_cached_bundle_inline', None)
    if ask is None:
        raise RemoteError(b'this version of Mercurial has no inline clone bundles')
    return ask(offer.url[len(INLINE) :])


def _receive(
    chunks: Iterator[bytes],
    receiver: bundleremote.BundleReceiver,
    bar: progress.BundleMeter,
) -> None:
    try:
        for chunk in chunks:
            receiver.write(chunk)
            bar.advanced(len(chunk))
    except LfsError:
        # the connection is used again: read the reply to its end
        for _chunk in chunks:
            pass
        raise


@contextlib.contextmanager
def _temporary(lfs: LfsRepo) -> Iterator[BinaryIO]:
    """Yield a temporary file without a name, on the disk of the repository."""
    with tempfile.TemporaryFile(dir=lfs.repo.path) as handle:
        yield handle


@contextlib.contextmanager
def _removed_after_use(store: disk.DiskStore, oid: bytes) -> Iterator[None]:
    """Remove a bundle from the cache at the end of the context, even on most errors.

    The bundle is kept for another try after an OSError or an interrupt, because these
    are not caused by the bundle.
    """
    try:
        yield
    except OSError:
        raise
    except Exception:
        _remove(store, oid)
        raise
    _remove(store, oid)


def _remove(store: disk.DiskStore, oid: bytes) -> None:
    with contextlib.suppress(OSError):
        store.remove(oid)
        os.rmdir(os.path.dirname(store.path(oid)))


def _sweep(store: disk.DiskStore) -> None:
    """Remove complete bundles that were not applied within ``_STALE`` seconds."""
    before = time.time() - _STALE
    for bundle in list(retention.stale(store.entries(), before)):
        _remove(store, bundle.oid)


def _folder(lfs: LfsRepo) -> bytes:
    """Return the folder for downloaded bundles.

    It is in the user's cache if that is writable, otherwise in ``.hg``.
    """
    shared = lfs.settings.usercache
    if shared:
        path = os.path.join(os.path.realpath(shared), _PLACE)
        with contextlib.suppress(OSError):
            files.makefolders(path, files.Modes())
            if os.access(path, os.W_OK | os.X_OK):
                return path
    return os.path.join(lfs.repo.sharedpath, b'lfs', _PLACE)


def _check_free_space(folder: bytes, size: int) -> None:
    """Raise RemoteError if ``size`` bytes do not fit on the disk.

    The error is not StoreFailed, because the size is what the server states, and may be
    wrong.
    """
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    if size > min(shutil.disk_usage(folder).free, MAXSIZE):
        needed = util.bytecount(size)
        raise RemoteError(b'there is no room for %s in %s' % (needed, folder))
