"""Goes on where a clone bundle ends, with the increments that the server has.

Whatever goes wrong with one ends it: the pull that follows brings the rest.
"""

from __future__ import annotations

from mercurial import bundlecaches, error
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg.repolfs import RepoLfs
from ...lfs import words
from ...lfs.errors import LfsError, RemoteError
from .. import chain, offer
from . import apply, download, seed

#: What a peer raises that fails, or is gone.
_BROKEN = (OSError, ValueError, error.Error, error.RepoError, error.ResponseError)


def goon(box: RepoLfs, seeded: dict) -> None:
    """Applies the increments of a bundle that was applied, as far as that goes."""
    base = offer.parse(seeded).oid
    if base is None or not box.seeder.capable(chain.CAPABILITY):
        return
    for places in _steps(box, base):
        if not any(_applied(box, entry) for entry in places):
            box.ui.note(_(b'pulling the rest from the server\n'))
            break


def _steps(box: RepoLfs, base: bytes) -> list[list[dict]]:
    try:
        # no method of a peer's: it is a command of ours
        text = box.seeder._call(chain.COMMAND, digests=base)
    except _BROKEN as exc:
        why = words.shown(stringutil.forcebytestr(exc))
        box.ui.debug(b'the server tells of no more bundles: %s\n' % why)
        return []
    _entries, compatible = box.offered
    entries = bundlecaches.parseclonebundlesmanifest(box.repo, text)
    best = bundlecaches.sortclonebundleentries(box.ui, compatible(entries))
    return chain.steps(best, base)


def _applied(box: RepoLfs, entry: dict) -> bool:
    """Applies an increment from one place; tells whether that went well."""
    ui = box.ui
    place = words.shown(entry[b'URL'])
    ui.status(_(b'applying clone bundle from %s\n') % place)
    try:
        _apply(box, entry, place)
    except LfsError as exc:
        ui.warn(_(b'error fetching bundle: %s\n') % seed.told(exc))
        if exc.hint:
            ui.warn(b'(%s)\n' % exc.hint)
        return False
    except apply.NotApplied as exc:
        ui.warn(_(b'error applying bundle: %s\n') % exc.args[0])
        return False
    ui.status(_(b'finished applying clone bundle\n'))
    return True


def _apply(box: RepoLfs, entry: dict, place: bytes) -> None:
    repo, url = box.repo, entry[b'URL']
    offered = offer.parse(entry)
    if offered.oid is None or offered.size is None or not url.startswith(seed.OURS):
        raise RemoteError(b'the server does not tell enough of it')
    if not all(map(repo.changelog.hasnode, chain.needed(entry))):
        raise RemoteError(b'it goes on from changesets that are not here')
    fetched = download.fetched(box, offered)
    with fetched as handle, apply.undone(repo):
        apply.apply(repo, handle, place)
