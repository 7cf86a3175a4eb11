"""Makes packs of the blobs that a clone checks out, as far as they are worth it.

It goes with the making of bundles, by the same worker.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mercurial import error, scmutil
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...actions import scan
from ...hg import lfsrepo
from ...lfs.errors import LfsError
from ...lfs.wire.blobstream import Item
from . import bundles, generate, packfile, packplan, policy, state
from .catalog import Failure
from .packbook import PackBook
from .packplan import Held
from .packs import Pack, Shelf
from .settings import AUTO, INLINE, BundleSettings, Target

#: The bookmark that a clone checks out, where there is one.
_BOOKMARK = b'@'


@dataclass(frozen=True)
class PackReport:
    """How many packs clients are told of, with how many blobs and bytes of them.

    ``due`` is whether a look at what there is new is to come.
    """

    packs: int
    blobs: int
    size: int
    failure: Failure | None
    due: bool


def open(repo) -> PackBook:
    """Returns the packs of a repository; its shares have the same."""
    return PackBook(bundles.open(repo), bundles.modes(repo))


def targets(settings: BundleSettings) -> list[Target]:
    """Returns the destinations that packs are published at.

    Over Mercurial's own connection nothing can be resumed.
    """
    return [target for target in settings.targets if target.name != INLINE]


def isdue(repo, settings: BundleSettings) -> bool:
    """Tells whether there is anything to look at for one who doesn't insist."""
    if not _ison(repo, settings):
        return False
    shelf = open(repo).read()
    if policy.pausing(shelf.failure, time.time()):
        return False
    return shelf.failure is not None or shelf.seen != _tips(repo, settings)


def look(repo, settings: BundleSettings) -> PackReport | None:
    """Returns how the packs are; None where there are to be none."""
    if not _ison(repo, settings):
        return None
    shelf = open(repo).read()
    told = [pack for pack in shelf.current if valid(repo, pack)]
    return PackReport(
        len(told),
        sum(pack.blobs for pack in told),
        sum(pack.size for pack in told),
        shelf.failure,
        shelf.failure is not None or shelf.seen != _tips(repo, settings),
    )


def refresh(repo, settings: BundleSettings, lease, patient: bool) -> bool:
    """Makes what is worth it, and prunes; tells whether anything went wrong.

    For the one worker. With ``patient``, what failed lately isn't tried again.
    """
    book = open(repo)
    if not _ison(repo, settings) and not os.path.exists(book.path):
        return False
    bad = False
    if not patient or not policy.pausing(book.read().failure, time.time()):
        try:
            bad = _round(repo, settings, lease)
        # whatever it is: people look for it where the other failures are
        except Exception as exc:
            repo.ui.traceback()
            said = getattr(exc, 'message', None) or stringutil.forcebytestr(exc)
            repo.ui.warn(_(b'clone bundles: %s: %s\n') % (b'blobs', said))
            _note(book, said)
            bad = True
    return not prune(repo, settings, settings.grace) or bad


def clear(repo, settings: BundleSettings) -> bool:
    """Removes all packs; tells whether all could be."""
    book = open(repo)
    if not os.path.exists(book.path):
        return True
    moment = time.time()
    book.change(
        lambda old: replace(
            old.retired(lambda one: True, moment), seen=(), failure=None
        )
    )
    return prune(repo, settings, 0.0)


def valid(repo, pack: Pack) -> bool:
    """Tells whether all that a pack was made of is still there, and public."""
    return state.valid(repo, pack)


def _ison(repo, settings: BundleSettings) -> bool:
    large = lfsrepo.REQUIREMENT in repo.requirements
    return bool(large and settings.blobs and settings.formats and targets(settings))


def _tips(repo, settings: BundleSettings) -> tuple[str, ...]:
    """Returns the changesets whose blobs are packed; all of them are public."""
    repo = repo.filtered(b'served')
    if settings.blobs == AUTO:
        return _checkedout(repo)
    revs = scmutil.revrange(repo, [settings.blobs or b'none()'])
    revs = repo.revs(b'sort(%ld and public())', list(revs))
    return tuple(repo[rev].hex().decode('ascii') for rev in revs)


def _checkedout(repo) -> tuple[str, ...]:
    """Returns what a clone checks out, as far as that is public."""
    node = repo._bookmarks.get(_BOOKMARK)
    here = node is not None and repo.changelog.hasnode(node)
    if here and not repo[node].mutable():
        return (node.hex(),)
    public = repo.revs(b'public()')
    found = repo.revs(b'max(%ld and branch("literal:default"))', public)
    found = found or repo.revs(b'max(%ld)', public)
    return tuple(repo[rev].hex().decode('ascii') for rev in found)


def _round(repo, settings: BundleSettings, lease) -> bool:
    book = open(repo)
    tips = _tips(repo, settings) if _ison(repo, settings) else ()
    wanted = _wanted(repo, tips)
    held = _held(repo, settings, book)
    known = {one.pack.digest for one in held}
    plan = packplan.plan(held, wanted, settings.packratio)
    gone = {pack.digest for pack in plan.retired}
    failed: list[bytes] = []
    made: set[str] = set()
    for items in plan.made:
        pack = _one(repo, settings, lease, items, tips, failed)
        made.update([pack.digest] if pack else [])

    def settled(old: Shelf) -> Shelf:
        kept = (known - gone) | made
        now = old.retired(lambda one: one.digest not in kept, time.time())
        now = replace(now, seen=tips, failure=None)
        return now.failed(_text(failed[-1]), time.time()) if failed else now

    book.change(settled)
    for words in failed:
        repo.ui.warn(_(b'clone bundles: %s: %s\n') % (b'blobs', words))
    return bool(failed)


def _wanted(repo, tips: Sequence[str]) -> dict[bytes, int]:
    """Returns the blobs of some changesets that the repository holds, with sizes."""
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return {}
    found: dict[bytes, int] = {}
    missing: set[bytes] = set()
    repo = repo.unfiltered()
    for tip in tips:
        ctx = repo[bytes.fromhex(tip)]
        for path in ctx.manifest():
            large = scan.offile(ctx, path)
            if large is None or large.ref.oid in found:
                continue
            if lfs.ownstore.size(large.ref.oid) == large.ref.size:
                found[large.ref.oid] = large.ref.size
            else:
                missing.add(large.ref.oid)
    if missing:
        message = _(b'clone bundles: %d large files are not here, and in no pack\n')
        repo.ui.log(b'clonebundles', message % len(missing))
        repo.ui.status(message % len(missing))
    return found


def _held(repo, settings: BundleSettings, book: PackBook) -> list[Held]:
    """Returns the packs that are of use as they are."""
    names = [target.name for target in targets(settings)]
    found = []
    for pack in book.read().current:
        items = book.items(pack)
        there = any(pack.at(name) for name in names)
        if items is not None and there and valid(repo, pack):
            found.append(Held(pack, items))
    return found


def _one(
    repo,
    settings: BundleSettings,
    lease,
    items: Sequence[Item],
    tips: tuple[str, ...],
    failed: list[bytes],
) -> Pack | None:
    """Makes and publishes a pack, and has clients told of it.

    What goes wrong at some destination is added to ``failed``.
    """
    book = open(repo)
    size = sum(item.size for item in items)
    message = _(b'clone bundles: packing %d large files, %d bytes\n')
    repo.ui.status(message % (len(items), size))
    with packfile.written(repo, items, tips) as (path, pack, items):
        if pack is None:
            return None
        places = generate.publishat(repo, targets(settings), path, pack, failed)
        if not lease.held():
            raise error.Abort(_(b'another process has taken over'))
        pack = replace(pack, places=places)
        book.note(pack, items)
        book.change(lambda old: old.added(pack))
        bundles.open(repo).keepmaking(None)
    names = b', '.join(bundles.tolocal(place.destination) for place in pack.places)
    repo.ui.status(
        _(b'clone bundles: published %s, %d bytes, at %s\n')
        % (bundles.tolocal(pack.basename), pack.size, names)
    )
    return pack


def _note(book: PackBook, message: bytes) -> None:
    book.change(lambda old: old.failed(_text(message), time.time()))


def _text(message: bytes) -> str:
    return message.decode('utf-8', 'replace')


def prune(repo, settings: BundleSettings, grace: float) -> bool:
    """Removes the packs whose time is over; tells whether all could be."""
    now = time.time()
    good = True
    for pack in open(repo).read().packs:
        if not policy.expired(pack, now, grace):
            continue
        failed = _remove(repo, settings, pack)
        if failed:
            name = bundles.tolocal(pack.basename)
            repo.ui.warn(_(b'clone bundles: %s: %s\n') % (name, failed))
            good = False
    return good


def _remove(repo, settings: BundleSettings, pack: Pack) -> bytes | None:
    book = open(repo)
    known = {target.name: target for target in settings.targets}
    for place in pack.places:
        target = known.get(place.destination)
        if target is None:  # who has no destination can't remove
            continue
        try:
            generate.destinationof(repo, target).remove(pack, place.url)
        except LfsError as exc:
            return exc.message
    book.change(lambda old: old.without(pack))
    book.forget(pack)
    return None
