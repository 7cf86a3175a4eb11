"""Makes the bundles that are worth it, and removes those whose time is over.

One process at a time does so for a repository. What changes meanwhile is looked at
once more when it is done, so that many pushes make few bundles.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg.abort import translated
from ...lfs import words
from ...lfs.errors import LfsError
from ...lfs.store import files
from . import bundles, bundlespecs, generate, start, state
from . import packing as packs
from .book import Book
from .catalog import Bundle, Catalog
from .settings import BundleSettings

#: For how many times the delay a repository may keep us from beginning.
_IMPATIENCE = 30


def now(repo, background: bool) -> int:
    """Makes what is worth it, and what failed before, too; returns an exit code.

    With ``background`` another process does it. Raises Abort where one is at it.
    """
    settings = bundles.readsettings(repo)
    if not state.formats(repo, settings):
        raise error.ConfigError(
            _(b'there are no formats for clone bundles'),
            hint=_(b'set clone-bundles.auto-generate.formats, as to zstd-v2, gzip-v2'),
        )
    with translated():
        if background:
            start.worker(repo)
            return 0
        lease = bundles.open(repo).worker
        if not lease.take():
            raise busy(lease.holder())
        with lease.kept():
            bad = _round(repo, settings, lease, patient=False)
    repo.invalidateall()
    again(repo, settings)
    return 1 if bad else 0


def clear(repo) -> int:
    """Removes all bundles; returns an exit code."""
    settings = bundles.readsettings(repo)
    moment = time.time()
    with translated():
        catalog = bundles.open(repo).change(
            lambda old: replace(old.retired(lambda one: True, moment), failures=()),
            settings.destinations,
        )
        good = prune(repo, settings, catalog, grace=0.0)
        return 0 if packs.clear(repo, settings) and good else 1


def busy(holder) -> error.Abort:
    """Returns the error for when another process makes bundles."""
    who = _(b'another process')
    if holder is not None and holder.pid:
        who = _(b'process %d on %s') % (holder.pid, bundles.tolocal(holder.machine))
    return error.StateError(
        _(b'clone bundles are being made by %s') % who,
        hint=_(b'see hg admin::clone-bundles-status'),
    )


def background(repo) -> None:
    """Makes what is worth it for as long as anything is, a little patiently."""
    settings = bundles.readsettings(repo)
    if state.worthwhile(repo, settings) or packs.isdue(repo, settings):
        again(repo, settings, first=True)


def again(repo, settings: BundleSettings, first: bool = False) -> None:
    """Makes what has become worth it while this process was at work.

    Who changed anything until its lease was given back has left it to this process.
    """
    lease = bundles.open(repo).worker
    with translated():
        while first or _isdue(repo, settings):
            if not lease.take():
                break
            with lease.kept():
                _settle(repo, settings.delay)
                _round(repo, settings, lease, patient=True)
            first = False
            repo.invalidateall()


def _isdue(repo, settings: BundleSettings) -> bool:
    return state.isdue(repo, settings) or packs.isdue(repo, settings)


def _settle(repo, delay: float) -> None:
    """Waits until nothing was added to the repository for a while."""
    until = time.monotonic() + _IMPATIENCE * delay
    before = None
    while delay > 0 and time.monotonic() < until:
        size = os.stat(repo.svfs.join(b'00changelog.i')).st_size
        if size == before:
            break
        before = size
        time.sleep(delay)
    repo.invalidateall()


def _round(repo, settings: BundleSettings, lease, patient: bool) -> bool:
    """Does all that is to be done now; tells whether anything went wrong."""
    book = bundles.open(repo)
    generate.sweep(repo)
    catalog = book.change(
        lambda old: _retire(repo, settings, old), settings.destinations
    )
    formats = state.due(repo, settings, catalog, state.situation(repo), patient)
    what = generate.content(repo)
    bad = False
    for format in formats:
        bad = not _one(repo, settings, lease, format, what) or bad
    bad = packs.refresh(repo, settings, lease, patient) or bad
    catalog = book.change(lambda old: old, settings.destinations)
    return not prune(repo, settings, catalog, settings.grace) or bad


def _retire(repo, settings: BundleSettings, catalog: Catalog) -> Catalog:
    """Returns the catalog without what must not be, or isn't to be, advertised."""
    wanted = {format.name for format in state.formats(repo, settings)}
    moment = time.time()
    kept = catalog.retired(lambda bundle: bundle.format not in wanted, moment)
    if not settings.chainlength:
        kept = kept.cut(lambda step: False, moment)
    return state.sound(repo, kept, moment)


def _one(
    repo,
    settings: BundleSettings,
    lease,
    format: bundlespecs.Format,
    what: generate.Content,
) -> bool:
    """Makes a bundle of one format; tells whether all went well."""
    name = bundles.tolocal(format.name)
    base = state.base(repo, settings, bundles.open(repo).read(), format)
    if base is None:
        told = _(b'clone bundles: making %s of %d changesets\n') % (name, what.revs)
    else:
        more = what.revs - base.covers
        told = _(b'clone bundles: making %s of %d more changesets\n') % (name, more)
    repo.ui.status(told)
    try:
        made = generate.make(repo, settings, format, what, base)
        failed = made.failed
        if not lease.held():
            raise error.Abort(_(b'another process has taken over'))
        _enter(repo, settings, made, base)
    # whatever it is: it must not keep the other formats, and people look for it there
    except Exception as exc:
        repo.ui.traceback()
        why = getattr(exc, 'message', None) or stringutil.forcebytestr(exc)
        failed = words.shown(why)
        _note(repo, settings, format, failed)
    if failed:
        repo.ui.warn(_(b'clone bundles: %s: %s\n') % (name, failed))
    return not failed


def _enter(
    repo, settings: BundleSettings, made: generate.Made, base: Bundle | None
) -> None:
    """Has clients told of a bundle."""
    bundle = made.bundle

    def added(catalog: Catalog) -> Catalog:
        after = catalog.extended(base, bundle) if base else catalog.added(bundle)
        if not made.failed:
            return after
        words = stringutil.forcebytestr(made.failed).decode('utf-8', 'replace')
        noted = catalog.failed(bundle.format, words, time.time())
        return replace(after, failures=noted.failures)

    book = bundles.open(repo)
    book.change(added, settings.destinations)
    book.keepmaking(None)
    files.discard(bundles.clonesfile(repo))
    names = b', '.join(bundles.tolocal(place.destination) for place in bundle.places)
    repo.ui.status(
        _(b'clone bundles: published %s, %d bytes, at %s\n')
        % (bundles.tolocal(bundle.basename), bundle.size, names)
    )


def _note(
    repo, settings: BundleSettings, format: bundlespecs.Format, message: bytes
) -> None:
    words = message.decode('utf-8', 'replace')
    bundles.open(repo).change(
        lambda catalog: catalog.failed(format.name, words, time.time()),
        settings.destinations,
    )


def prune(repo, settings: BundleSettings, catalog: Catalog, grace: float) -> bool:
    """Removes the bundles whose time is over; tells whether all could be.

    What can't be removed stays in the catalog, for the next time.
    """
    good = True
    for bundle in state.over(catalog, grace):
        failed = _remove(repo, settings, bundles.open(repo), bundle)
        if failed:
            name = bundles.tolocal(bundle.basename)
            repo.ui.warn(_(b'clone bundles: %s: %s\n') % (name, failed))
            good = False
    return good


def _remove(repo, settings: BundleSettings, book: Book, bundle: Bundle) -> bytes | None:
    targets = {target.name: target for target in settings.targets}
    others = [b for b in book.read().files if b.basename != bundle.basename]
    shared = any(other.digest == bundle.digest for other in others)
    for place in bundle.places:
        target = targets.get(place.destination)
        # a blob is named by its content alone; who has no destination can't remove
        if target is None or (shared and not place.url):
            continue
        try:
            generate.destinationof(repo, target).remove(bundle, place.url)
        except LfsError as exc:
            return exc.message
    book.change(lambda catalog: catalog.without(bundle), settings.destinations)
    return None
