"""How the bundles of a repository are, and whether clients get what they are told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...hg.abort import translated
from ...lfs import words
from ...lfs.errors import LfsError
from . import advertise, bundles, generate, health, lease, publish, state
from . import packing as packs
from .health import Row
from .settings import BundleSettings


@dataclass(frozen=True)
class Report:
    """A row for each format, lines of the manifest that are bad, and who works."""

    rows: tuple[Row, ...]
    complaints: tuple[tuple[int, bytes], ...]
    worker: lease.Holder | None
    packs: packs.PackReport | None = None

    @property
    def bad(self) -> bool:
        """Whether something is wrong."""
        failed = self.packs is not None and self.packs.failure
        return bool(self.complaints or failed) or any(
            row.failure or row.problems for row in self.rows
        )


def look(repo, check: bool) -> Report:
    """Returns how things are; with ``check``, after a look at what is published."""
    settings = bundles.readsettings(repo)
    book = bundles.open(repo)
    with translated():
        catalog = book.read()
        catalog = state.sound(repo, catalog, 0.0)
        rows = health.rows(
            catalog,
            tuple(format.name for format in state.formats(repo, settings)),
            settings.names,
            state.situation(repo),
            settings.triggers,
            settings.onchange,
        )
        if check:
            rows = [_checked(repo, settings, row) for row in rows]
        complaints = tuple(advertise.complaints(repo))
        worker = book.worker.holder()
        return Report(tuple(rows), complaints, worker, packs.look(repo, settings))


def _checked(repo, settings: BundleSettings, row: Row) -> Row:
    found = []
    for target in settings.targets:
        destination = generate.destinationof(repo, target)
        for bundle in (row.bundle, *row.bundle.chain) if row.bundle else ():
            place = bundle.at(target.name)
            try:
                if place is not None:
                    publish.check(destination, bundle, place.url)
            except LfsError as exc:
                found.append((target.name, str(exc)))
    return replace(row, problems=tuple(found))


def fields(row: Row) -> dict:
    """Returns a row's fields as templates have them."""
    bundle, failure = row.bundle, row.failure
    local = bundles.tolocal
    return {
        'format': local(row.format),
        'age': None if row.age is None else int(row.age),
        'revs': bundle.revs if bundle else 0,
        'publicrevs': row.revs,
        'size': bundle.size if bundle else 0,
        'chainlength': len(bundle.chain) if bundle else 0,
        'chainrevs': bundle.covers - bundle.revs if bundle else 0,
        'chainsize': bundle.chainsize if bundle else 0,
        'lackingbytes': row.lacking,
        'digest': b'sha256:%s' % local(bundle.digest) if bundle else b'',
        'spec': local(bundle.spec) if bundle else b'',
        'error': local(failure.message) if failure else b'',
        'tries': failure.tries if failure else 0,
        'next': local(row.next),
    }


def lists(row: Row) -> dict[str, list[bytes]]:
    """Returns where a row's bundle is, with URLs as far as fixed, and what is wrong."""
    found = row.bundle.places if row.bundle else ()
    names = (filter(None, (place.destination, place.url)) for place in found)
    return {
        'places': [words.shown(bundles.tolocal(' '.join(name))) for name in names],
        'problems': [bundles.tolocal(': '.join(pair)) for pair in row.problems],
    }
