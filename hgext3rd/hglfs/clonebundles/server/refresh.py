"""Generate the bundles and packs that are due, and remove expired ones.

Only one process at a time, the worker, does this for a repository. When it has
finished, it checks for changesets that were pushed since it started. Therefore many
pushes in a short time lead to few bundles.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from mercurial import error
from mercurial.i18n import _

from ...hg.abort import translated
from ...lfs import words
from . import generate, packing, start, state
from . import work as working
from .bundles import BundleRepo, tolocal
from .bundlespecs import Format
from .catalog import Bundle, Catalog
from .work import Work

#: How many times the delay to wait for a quiet repository before starting anyway.
_IMPATIENCE = 30


def now(repo, background: bool) -> int:
    """Generate outdated bundles and packs at once; return an exit code.

    A pause after a failure is ignored. Raises Abort if a worker is running. With
    ``background``, starts a worker instead, unless one is running.
    """
    work = working.prepared(repo)
    if not state.formats(repo, work.known.settings):
        raise error.ConfigError(
            _(b'there are no formats for clone bundles'),
            hint=_(b'set clone-bundles.auto-generate.formats = zstd-v2, gzip-v2'),
        )
    with translated():
        if background:
            start.worker(repo, work.known.folder)
            return 0
        if not work.lease.take():
            raise busy(work.lease.holder())
        with work.lease.renewed():
            bad = _runonce(repo, work, patient=False)
    repo.invalidateall()
    _repeat(repo, work)
    return 1 if bad else 0


def clear(repo) -> int:
    """Remove all bundles and packs; return an exit code."""
    work = working.prepared(repo)
    with translated():
        good = work.clear(work.known.bundles)
        return 0 if packing.clear(work) and good else 1


def busy(holder) -> error.Abort:
    """Return the error if ``holder``, another process, is generating bundles."""
    who = _(b'another process')
    if holder is not None and holder.pid:
        who = _(b'process %d on %s') % (holder.pid, tolocal(holder.machine))
    return error.StateError(
        _(b'clone bundles are being made by %s') % who,
        hint=_(b'see hg admin::clone-bundles-status'),
    )


def background(repo) -> None:
    """Generate bundles and packs until none is outdated, in a background worker.

    Waits until no more changesets are being added. Formats are left out while the pause
    after a failure lasts.
    """
    work = working.prepared(repo)
    if start.isdue(repo, work.known):
        _repeat(repo, work, first=True)


def _repeat(repo, work: Work, first: bool = False) -> None:
    """Generate bundles and packs again and again, until none is outdated.

    The check is repeated because changesets that are added while this process holds the
    lease do not start another worker. With ``first``, generates once without a check.
    """
    known = work.known
    with translated():
        while first or state.isdue(repo, known) or packing.isdue(repo, known):
            if not work.lease.take():
                break
            with work.lease.renewed():
                _settle(repo, known.settings.delay)
                _runonce(repo, work, patient=True)
            first = False
            repo.invalidateall()


def _settle(repo, delay: float) -> None:
    """Wait until the changelog has not grown for ``delay`` seconds.

    Waits at most ``_IMPATIENCE`` times the delay.
    """
    until = time.monotonic() + _IMPATIENCE * delay
    before = None
    while delay > 0 and time.monotonic() < until:
        size = os.stat(repo.svfs.join(b'00changelog.i')).st_size
        if size == before:
            break
        before = size
        time.sleep(delay)
    repo.invalidateall()


def _runonce(repo, work: Work, patient: bool) -> bool:
    """Generate outdated bundles and packs, and remove expired ones, once.

    With ``patient``, formats are left out while the pause after a failure lasts.
    Returns whether anything failed.
    """
    known = work.known
    known.folder.sweep()
    formats = state.formats(repo, known.settings)
    catalog = known.bundles.change(lambda old: _retire(repo, known, formats, old))
    now = state.situation(repo, known.folder)
    due = state.due(formats, known.settings, catalog, now, patient)
    what = generate.content(repo)
    bad = False
    for format in due:
        bad = not _makeone(repo, work, format, what) or bad
    bad = packing.refresh(repo, work, patient) or bad
    known.bundles.change(lambda old: old)
    return not work.prune(known.bundles, known.settings.grace) or bad


def _retire(
    repo, known: BundleRepo, formats: Sequence[Format], catalog: Catalog[Bundle]
) -> Catalog[Bundle]:
    """Return the catalog with bundles retired that should not be advertised.

    These are invalid bundles, and bundles whose format is no longer configured.
    """
    wanted = {format.name for format in formats}
    moment = time.time()
    kept = catalog.retired(lambda bundle: bundle.format not in wanted, moment)
    if not known.settings.chainlength:
        kept = kept.cut(lambda step: False, moment)
    return state.sound(repo, kept, moment)


def _makeone(repo, work: Work, format: Format, what: generate.Content) -> bool:
    """Generate and publish a bundle of one format; return False if anything failed."""
    known = work.known
    name = tolocal(format.name)
    base = state.base(known.settings, known.bundles.read(), format)
    if base is None:
        count = what.revs
        one = _(b'clone bundles: making %s of %d changeset\n')
        many = _(b'clone bundles: making %s of %d changesets\n')
    else:
        count = what.revs - base.covers
        one = _(b'clone bundles: making %s of %d more changeset\n')
        many = _(b'clone bundles: making %s of %d more changesets\n')
    work.ui.status(words.plural(count, one, many) % (name, count))
    try:
        with generate.written(repo, known.folder, format, what, base) as (path, bundle):
            published = work.publish(path, bundle, known.settings.names)
        failed = published.failed[-1] if published.failed else None
        _advertise(work, replace(bundle, places=published.places), failed, base)
    # any exception: it is recorded as a failure, and other formats go on
    except Exception as exc:
        failed = work.reason(exc)
        known.bundles.notefailure(format.name, failed)
    if failed:
        work.warn(name, failed)
    return not failed


def _advertise(
    work: Work, bundle: Bundle, failed: bytes | None, base: Bundle | None
) -> None:
    """Add a published bundle to the catalog, as an increment if ``base`` is given.

    ``failed`` is the message of a destination that failed, or None; it is recorded.
    """

    def added(catalog: Catalog[Bundle]) -> Catalog[Bundle]:
        after = catalog.extended(base, bundle) if base else catalog.added(bundle)
        if failed is None:
            return after
        message = failed.decode('utf-8', 'replace')
        noted = catalog.failed(bundle.format, message, time.time())
        return replace(after, failures=noted.failures)

    known = work.known
    known.bundles.change(added)
    known.folder.protectblob(None)
    known.folder.resetclones()
    work.announce(bundle)
