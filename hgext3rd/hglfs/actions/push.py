"""Sends the blobs of changesets to where others will look for them."""

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
    """Raises Abort where a peer could not make sense of large files."""
    # between local repositories core itself compares the requirements
    if peer.local() or peer.capable(b'lfs'):
        return
    raise error.Abort(
        _(b'required features are not supported in the destination: %s') % b'lfs',
        hint=_(b'enable the lfs extension on the server'),
    )


@contextlib.contextmanager
def towards(lfs: LfsRepo, peer) -> Iterator[None]:
    """Makes a peer the one that blobs are sent to, while a push goes on."""
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
    # the peer is open already: at hand, or at the end of a connection
    if place.scheme == endpoint.REPOSITORY and peer.local():
        return remotes.ofrepository(peer.local(), UPLOAD)
    if place.scheme == endpoint.PEER:
        return remotes.ofpeer(peer)
    endpoint.check(place)
    return remotes.make(lfs, place, UPLOAD)


def outgoing(pushop) -> None:
    """Sends what a push's changesets need, before the push; Mercurial's hook."""
    repo = pushop.repo
    if REQUIREMENT in repo.requirements:
        upload(repo, pushop.outgoing.missing)


def upload(repo, revs, optional: bool = False) -> None:
    """Send the blobs that some changesets introduce.

    Where it is ``optional``, it is no error that no endpoint is configured.
    """
    lfs = lfsrepo.get(repo)
    if lfs is None:
        return
    with translated():
        remote = lfs.ops.target or next(remotes.candidates(lfs, UPLOAD))
        unset = isinstance(remote, NoRemote) and remote.setting is None
        if not isinstance(remote, NullRemote) and not (optional and unset):
            _send(lfs, remote, revs)


def _obtain(lfs: LfsRepo, remote: Remote, refs: list[BlobRef]) -> None:
    """Fetch the blobs that a remote wants and that are not here.

    A clone has those of what it checked out alone; the others are where its changesets
    came from. What can't be fetched is reported, file by file, when it is to be sent.
    """
    absent = scan.missing(lfs, refs)
    if not absent:
        return
    policy = remotes.policy(lfs)
    silent = progress.meter(lfs.ui, UPLOAD, remote)
    plans = queue.planned(remote, UPLOAD, absent, policy.retry, silent)
    wanted = [ref for plan in plans for one in plan.transfers for ref in one.refs]
    try:
        fetch.obtain(lfs, wanted)
    except (BlobGone, BlobMissing):
        pass
    except RemoteError as exc:
        lfs.ui.warn(_(b'lfs: not fetched: %s\n') % exc.message)


def _send(lfs: LfsRepo, remote: Remote, revs) -> None:
    refs = scan.ofrevs(lfs.repo, revs)
    if refs:
        _obtain(lfs, remote, refs)
        meter = progress.meter(lfs.ui, UPLOAD, remote)
        queue.move(remote, UPLOAD, refs, lfs.store, meter, remotes.policy(lfs))
