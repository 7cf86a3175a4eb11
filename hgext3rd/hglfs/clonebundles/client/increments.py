"""Apply the increments of a clone bundle after the bundle itself.

No more increments are applied after the first failure. This is not an error, because
the pull that follows gets the remaining changesets.
"""

from __future__ import annotations

from mercurial import bundlecaches, error
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import peerwire
from ...hg.lfsrepo import LfsRepo
from ...hg.operations import PullState
from ...lfs import words
from ...lfs.errors import LfsError, RemoteError
from .. import manifest
from . import apply, download, seed

#: Errors of a peer that fails, or whose connection is lost.
_BROKEN = (OSError, ValueError, error.Error, error.RepoError, error.ResponseError)


def applyall(lfs: LfsRepo, pull: PullState) -> None:
    """Apply the increments of the bundle that this clone has applied.

    Stops at the first increment that cannot be applied.
    """
    base = manifest.offer(pull.seeded).oid if pull.seeded else None
    if base is None or not pull.peer.capable(peerwire.INCREMENTSCAPABILITY):
        return
    for places in _steps(lfs, pull, base):
        if not any(_try(lfs, pull.peer, entry) for entry in places):
            lfs.ui.note(_(b'pulling the rest from the server\n'))
            break


def _steps(lfs: LfsRepo, pull: PullState, base: bytes) -> list[list[dict]]:
    try:
        # _call, as peers have no method for a command of ours
        text = pull.peer._call(peerwire.INCREMENTS, digests=base)
    except _BROKEN as exc:
        why = words.shown(stringutil.forcebytestr(exc))
        lfs.ui.debug(b'cannot list the increments of the bundle: %s\n' % why)
        return []
    entries = bundlecaches.parseclonebundlesmanifest(lfs.repo, text)
    best = bundlecaches.sortclonebundleentries(lfs.ui, pull.choose(entries))
    return manifest.increments(best, base)


def _try(lfs: LfsRepo, peer, entry: dict) -> bool:
    """Apply an increment from the URL of ``entry``; return whether this succeeded."""
    ui = lfs.ui
    place = words.shown(entry[b'URL'])
    ui.status(_(b'applying clone bundle from %s\n') % place)
    try:
        _apply(lfs, peer, entry, place)
    except LfsError as exc:
        ui.warn(_(b'error fetching bundle: %s\n') % seed.explain(exc))
        if exc.hint:
            ui.warn(b'(%s)\n' % exc.hint)
        return False
    except apply.NotApplied as exc:
        ui.warn(_(b'error applying bundle: %s\n') % exc.args[0])
        return False
    ui.status(_(b'finished applying clone bundle\n'))
    return True


def _apply(lfs: LfsRepo, peer, entry: dict, place: bytes) -> None:
    repo, url = lfs.repo, entry[b'URL']
    offered = manifest.offer(entry)
    if (
        offered.oid is None
        or offered.size is None
        or not url.startswith(seed.FETCHABLE)
    ):
        raise RemoteError(b'its URL, SHA-256 or size is missing or not supported')
    if not all(map(repo.changelog.hasnode, manifest.bases(entry))):
        raise RemoteError(b'it needs changesets that are missing here')
    fetched = download.fetched(lfs, peer, offered)
    with fetched as handle, apply.rollingback(repo):
        apply.apply(repo, handle, place)
