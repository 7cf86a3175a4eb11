"""Upload the blobs of changesets before these are pushed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mercurial import error
from mercurial.i18n import _

from ..hg import endpoint, lfsrepo, progress, remotes
from ..hg.abort import translated
from ..hg.lfsrepo import REQUIREMENT, LfsRepo
from ..lfs.blob import UPLOAD, BlobRef
from ..lfs.errors import BlobGone, BlobMissing, RemoteError
from ..lfs.remote.api import Remote
from ..lfs.remote.null import NoRemote, NullRemote
from ..lfs.transfer import queue
from . import fetch, scan


def checkpeer(repo, peer) -> None:
    """Raise Abort if a peer does not support large files."""
    # for local repositories, Mercurial itself compares the requirements
    if peer.local() or peer.capable(b'lfs'):
        return
    raise error.Abort(
        _(b'required features are not supported in the destination: %s') % b'lfs',
        hint=_(b'enable the lfs extension on the server'),
    )


@contextlib.contextmanager
def uploadingto(lfs: LfsRepo, peer) -> Iterator[None]:
    """Make uploads in this context go to the remote of a peer."""
    with translated():
        lfs.ops.target = _target(lfs, peer)
    try:
        yield
    finally:
        lfs.ops.target = None


def _target(lfs: LfsRepo, peer) -> Remote:
    alone = remotes.standalone(lfs, UPLOAD, peer.url())
    if alone is not None:
        return alone
    place = next(endpoint.places(lfs.repo, UPLOAD, peer.url()))
    # use the open peer: a local repository, or a connection
    if place.scheme == endpoint.REPOSITORY and peer.local():
        return remotes.ofrepository(peer.local(), UPLOAD)
    if place.scheme == endpoint.PEER:
        return remotes.ofpeer(peer)
    endpoint.check(place)
    return remotes.make(lfs, place, UPLOAD)


def outgoing(pushop) -> None:
    """Upload the blobs that a push needs, before Mercurial pushes the changesets.

    This is a ``prepushoutgoing`` hook.
    """
    repo = pushop.repo
    if REQUIREMENT in repo.requirements:
        upload(repo, pushop.outgoing.missing)


def upload(repo, revs, optional: bool = False) -> None:
    """Upload the blobs that some changesets introduce.

    If no endpoint is configured, raises Abort; with ``optional``, does nothing instead.
    """
    lfs = lfsrepo.get(repo)
    if lfs is None:
        return
    with translated():
        remote = lfs.ops.target or next(remotes.candidates(lfs, UPLOAD))
        unset = isinstance(remote, NoRemote) and remote.setting is None
        if not isinstance(remote, NullRemote) and not (optional and unset):
            send(lfs, remote, scan.ofrevs(repo, revs))


def wanted(lfs: LfsRepo, remote: Remote, refs: list[BlobRef]) -> list[BlobRef]:
    """Return the blobs among ``refs`` that a remote does not have; raise LfsError."""
    retry = remotes.policy(lfs).retry
    silent = progress.meter(lfs.ui, UPLOAD, remote)
    plans = queue.planned(remote, UPLOAD, refs, retry, silent)
    return [ref for plan in plans for one in plan.transfers for ref in one.refs]


def _obtain(lfs: LfsRepo, remote: Remote, refs: list[BlobRef]) -> None:
    """Fetch the blobs that are to be uploaded but are missing in this repository.

    After a clone, the store only has the blobs of the checkout. The other blobs are
    fetched from where the changesets came from. A blob that cannot be fetched is not an
    error here: the upload reports it.
    """
    absent = scan.missing(lfs, refs)
    if not absent:
        return
    needed = wanted(lfs, remote, absent)
    try:
        fetch.obtain(lfs, needed)
    except (BlobGone, BlobMissing):
        pass
    except RemoteError as exc:
        lfs.ui.warn(_(b'lfs: not fetched: %s\n') % exc.message)


def send(lfs: LfsRepo, remote: Remote, refs: list[BlobRef]) -> None:
    """Upload the blobs among ``refs`` that a remote needs; raise LfsError."""
    if refs:
        _obtain(lfs, remote, refs)
        meter = progress.meter(lfs.ui, UPLOAD, remote)
        queue.move(remote, UPLOAD, refs, lfs.store, meter, remotes.policy(lfs))
