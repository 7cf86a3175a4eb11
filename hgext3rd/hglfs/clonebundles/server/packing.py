"""Generate packs of the blobs that a clone checks out, when they are due.

The worker that generates bundles also generates the packs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mercurial import scmutil, util
from mercurial.i18n import _

from ...actions import scan
from ...hg import bars, lfsrepo
from ...lfs import words
from ...lfs.store.api import BlobStore
from ...lfs.wire.blobstream import Item
from . import packfile, packplan, policy, state
from .bundles import BundleRepo
from .catalog import PACKS, Catalog, Failure, Pack
from .packplan import Held
from .settings import AUTO, BundleSettings
from .work import Work

#: The bookmark that a clone checks out, if it exists.
_BOOKMARK = b'@'
_NAME = PACKS.encode('ascii')


@dataclass(frozen=True)
class PackReport:
    """The status of the packs.

    ``packs`` is the number of advertised packs, ``blobs`` the number of blobs in them,
    and ``size`` their total size in bytes. ``due`` is whether the packs may be
    outdated, so that the worker will check them.
    """

    packs: int
    blobs: int
    size: int
    failure: Failure | None
    due: bool


def isdue(repo, known: BundleRepo) -> bool:
    """Return whether the worker should check the packs now.

    It should if the packs may be outdated, unless the pause after a failure is not
    over.
    """
    if not _enabled(repo, known.settings):
        return False
    catalog = known.packs.read()
    if policy.backoff(catalog.failure(PACKS), time.time()):
        return False
    return _maybeoutdated(repo, known.settings, catalog)


def report(repo, known: BundleRepo) -> PackReport | None:
    """Return the status of the packs; None if they are not enabled."""
    if not _enabled(repo, known.settings):
        return None
    catalog = known.packs.read()
    valid = [pack for pack in catalog.advertised if state.valid(repo, pack)]
    return PackReport(
        len(valid),
        sum(pack.blobs for pack in valid),
        sum(pack.size for pack in valid),
        catalog.failure(PACKS),
        _maybeoutdated(repo, known.settings, catalog),
    )


def refresh(repo, work: Work, patient: bool) -> bool:
    """Generate the packs that are due, and remove expired packs.

    With ``patient``, nothing is generated before the pause after a failure is over.
    Returns whether anything failed.
    """
    known = work.known
    if not _enabled(repo, known.settings) and not known.packs.exists():
        return False
    bad = False
    failure = known.packs.read().failure(PACKS)
    if not patient or not policy.backoff(failure, time.time()):
        try:
            bad = _runonce(repo, work)
        # any exception: it is recorded as a failure, and shown by the status command
        except Exception as exc:
            message = work.reason(exc)
            work.warn(_NAME, message)
            known.packs.notefailure(PACKS, message)
            bad = True
    return not work.prune(known.packs, known.settings.grace) or bad


def clear(work: Work) -> bool:
    """Remove all packs; return whether all could be removed."""
    return not work.known.packs.exists() or work.clear(work.known.packs)


def _enabled(repo, settings: BundleSettings) -> bool:
    large = lfsrepo.REQUIREMENT in repo.requirements
    wanted = settings.blobs and settings.formats and settings.packtargets
    return bool(large and wanted)


def _maybeoutdated(repo, settings: BundleSettings, catalog: Catalog[Pack]) -> bool:
    failed = catalog.failure(PACKS) is not None
    return failed or catalog.seen != _tips(repo, settings)


def _tips(repo, settings: BundleSettings) -> tuple[str, ...]:
    """Return the hashes of the public changesets whose blobs are packed."""
    repo = repo.filtered(b'served')
    if settings.blobs == AUTO:
        return _checkedout(repo)
    revs = scmutil.revrange(repo, [settings.blobs or b'none()'])
    revs = repo.revs(b'sort(%ld and public())', list(revs))
    return tuple(repo[rev].hex().decode('ascii') for rev in revs)


def _checkedout(repo) -> tuple[str, ...]:
    """Return the hash of the public changeset that a new clone checks out.

    Returns an empty tuple if there is no such changeset.
    """
    node = repo._bookmarks.get(_BOOKMARK)
    here = node is not None and repo.changelog.hasnode(node)
    if here and not repo[node].mutable():
        return (node.hex(),)
    public = repo.revs(b'public()')
    found = repo.revs(b'max(%ld and branch("literal:default"))', public)
    found = found or repo.revs(b'max(%ld)', public)
    return tuple(repo[rev].hex().decode('ascii') for rev in found)


def _runonce(repo, work: Work) -> bool:
    known = work.known
    tips = _tips(repo, known.settings) if _enabled(repo, known.settings) else ()
    lfs = lfsrepo.get_if_required(repo)
    wanted = _wanted(repo, lfs.ownstore, tips) if lfs is not None else {}
    held = _held(repo, known)
    plan = packplan.plan(held, wanted, known.settings.packratio)
    gone = {pack.digest for pack in plan.retired}
    kept = {one.pack.digest for one in held} - gone
    failed: list[bytes] = []
    for items in plan.made:
        assert lfs is not None  # the wanted blobs are in its store
        pack = _makeone(work, lfs.ownstore, items, tips, failed)
        kept.update([pack.digest] if pack else [])

    def settled(old: Catalog[Pack]) -> Catalog[Pack]:
        now = old.retired(lambda one: one.digest not in kept, time.time())
        now = replace(now.recovered(PACKS), seen=tips)
        if not failed:
            return now
        return now.failed(PACKS, failed[-1].decode('utf-8', 'replace'), time.time())

    known.packs.change(settled)
    for message in failed:
        work.warn(_NAME, message)
    return bool(failed)


def _wanted(repo, store: BlobStore, tips: Sequence[str]) -> dict[bytes, int]:
    """Return the blobs of some changesets that are in the store: sizes by oid.

    Prints the number of missing blobs.
    """
    found: dict[bytes, int] = {}
    missing: set[bytes] = set()
    repo = repo.unfiltered()
    for tip in tips:
        ctx = repo[bytes.fromhex(tip)]
        for path in ctx.manifest():
            large = scan.offile(ctx, path)
            if large is None or large.ref.oid in found:
                continue
            if store.size(large.ref.oid) == large.ref.size:
                found[large.ref.oid] = large.ref.size
            else:
                missing.add(large.ref.oid)
    if missing:
        message = words.plural(
            len(missing),
            _(b'clone bundles: %d large file is not here, and in no pack\n'),
            _(b'clone bundles: %d large files are not here, and in no pack\n'),
        )
        _show(repo.ui, message % len(missing))
    return found


def _held(repo, known: BundleRepo) -> list[Held]:
    """Return the advertised packs that can be kept, each with its blobs.

    A pack is left out if its changesets are no longer public, if its index is lost, or
    if it is at no configured destination.
    """
    names = known.settings.packtargets
    found = []
    for pack in known.packs.read().advertised:
        items = known.packs.items(pack)
        there = any(pack.at(target.name) for target in names)
        if items is not None and there and state.valid(repo, pack):
            found.append(Held(pack, items))
    return found


def _makeone(
    work: Work,
    store: BlobStore,
    items: Sequence[Item],
    tips: tuple[str, ...],
    failed: list[bytes],
) -> Pack | None:
    """Generate, publish and advertise a pack; return it, or None if it would be empty.

    The messages of destinations that failed are appended to ``failed``.
    """
    known, ui = work.known, work.ui
    size = sum(item.size for item in items)
    message = words.plural(
        len(items),
        _(b'clone bundles: packing %d large file, %s\n'),
        _(b'clone bundles: packing %d large files, %s\n'),
    )
    ui.status(message % (len(items), util.bytecount(size)))
    watch = bars.watch(ui, _(b'clone bundle pack'), b'', size)

    def omitted(oid: bytes) -> None:
        text = _(b'clone bundles: %s is damaged or gone, and left out\n')
        _show(ui, text % oid)

    written = packfile.written(known.folder, store, items, tips, omitted, watch)
    with written as (path, pack, kept):
        if pack is None:
            return None
        names = [target.name for target in known.settings.packtargets]
        published = work.publish(path, pack, names)
        failed += published.failed
        pack = replace(pack, places=published.places)
        known.packs.note(pack, kept)
        known.packs.change(lambda old: old.added(pack))
        known.folder.protectblob(None)
    work.announce(pack)
    return pack


def _show(ui, message: bytes) -> None:
    """Print a message, and write it to Mercurial's log."""
    ui.log(b'clonebundles', message)
    ui.status(message)
