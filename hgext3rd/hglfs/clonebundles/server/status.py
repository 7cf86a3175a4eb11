"""Report the status of bundles and packs, and verify what is advertised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...hg.abort import translated
from ...lfs import words
from ...lfs.errors import LfsError
from . import advertise, bundles, health, lease, packing, publish, state
from .bundles import tolocal
from .health import Row
from .publish import Publisher


@dataclass(frozen=True)
class Report:
    """The status of the bundles and packs of a repository.

    ``rows`` has one item for each format. ``complaints`` are the invalid lines of the
    manifest, each as its number and what is wrong. ``worker`` is None if no worker is
    running, ``packs`` is None if packs are not enabled.
    """

    rows: tuple[Row, ...]
    complaints: tuple[tuple[int, bytes], ...]
    worker: lease.Holder | None
    packs: packing.PackReport | None = None

    @property
    def bad(self) -> bool:
        """Whether there is any failure, problem or invalid line."""
        failed = self.packs is not None and self.packs.failure
        return bool(self.complaints or failed) or any(
            row.failure or row.problems for row in self.rows
        )


def report(repo, check: bool) -> Report:
    """Return the status; with ``check``, also download and verify each bundle."""
    known = bundles.open(repo)
    settings = known.settings
    with translated():
        catalog = state.sound(repo, known.bundles.read(), 0.0)
        rows = health.rows(
            catalog,
            tuple(format.name for format in state.formats(repo, settings)),
            settings.names,
            state.situation(repo, known.folder),
            settings.triggers,
            settings.onchange,
        )
        if check:
            publishers = bundles.publishers(repo, settings)
            rows = [_checked(publishers, row) for row in rows]
        complaints = tuple(advertise.complaints(repo, known))
        worker = known.folder.worker.holder()
        return Report(tuple(rows), complaints, worker, packing.report(repo, known))


def _checked(publishers: Mapping[str, Publisher], row: Row) -> Row:
    found = []
    for name, publisher in publishers.items():
        for bundle in (row.bundle, *row.bundle.chain) if row.bundle else ():
            place = bundle.at(name)
            try:
                if place is not None:
                    publish.check(publisher, bundle, place.url)
            except LfsError as exc:
                found.append((name, str(exc)))
    return replace(row, problems=tuple(found))


def fields(row: Row) -> dict:
    """Return the fields of a row for templates."""
    bundle, failure = row.bundle, row.failure
    return {
        'format': tolocal(row.format),
        'age': None if row.age is None else int(row.age),
        'revs': bundle.revs if bundle else 0,
        'publicrevs': row.revs,
        'size': bundle.size if bundle else 0,
        'chainlength': len(bundle.chain) if bundle else 0,
        'chainrevs': bundle.covers - bundle.revs if bundle else 0,
        'chainsize': bundle.chainsize if bundle else 0,
        'lackingbytes': row.lacking,
        'digest': b'sha256:%s' % tolocal(bundle.digest) if bundle else b'',
        'spec': tolocal(bundle.spec) if bundle else b'',
        'error': tolocal(failure.message) if failure else b'',
        'tries': failure.tries if failure else 0,
        'next': tolocal(row.next),
    }


def lists(row: Row) -> dict[str, list[bytes]]:
    """Return the fields of a row that are lists, for templates.

    ``places`` are the destinations, each with its URL unless that is different for each
    client. ``problems`` are the destinations that failed.
    """
    found = row.bundle.places if row.bundle else ()
    names = (filter(None, (place.destination, place.url)) for place in found)
    return {
        'places': [words.shown(tolocal(' '.join(name))) for name in names],
        'problems': [tolocal(': '.join(pair)) for pair in row.problems],
    }
