"""The status of each format, and what happens next."""

from __future__ import annotations

from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server import health
from hgext3rd.hglfs.clonebundles.server.catalog import Catalog, Failure, Place
from hgext3rd.hglfs.clonebundles.server.policy import Situation, Triggers

NOW = 1000000.0


def test_a_bundle_missing_at_a_destination_is_made():
    there = bundle(revs=10, places=(Place('a', 'http://a/x'),))
    now = Situation(10, 0, NOW)
    assert health.wanted(there, ('a',), now, Triggers()) is None
    assert health.wanted(there, ('a', 'b'), now, Triggers()) == 'it is not at b'


def test_the_next_step_is_shown():
    catalog = Catalog(
        (bundle(revs=10, created=NOW - 5),), (Failure('other', 'x', NOW),)
    )

    def steps(revs, background):
        now = Situation(revs, 0, NOW)
        found = health.rows(
            catalog, ('zstd-v2', 'other'), (), now, Triggers(), background
        )
        return [row.next for row in found]

    assert steps(10, True) == [
        'nothing: it is recent enough',
        'try again with the next change in 61 seconds: there is no bundle',
    ]
    assert steps(20, False) == [
        'run hg admin::clone-bundles-refresh: 10 changesets are in no bundle',
        'run hg admin::clone-bundles-refresh: there is no bundle',
    ]
    assert (
        steps(20, True)[0]
        == 'make one with the next change: 10 changesets are in no bundle'
    )
    assert steps(0, True)[0] == 'nothing: there are no public changesets'
    (row, _other) = health.rows(
        catalog, ('zstd-v2', 'other'), (), Situation(20, 0, NOW), Triggers(), True
    )
    assert (row.age, row.lacking, row.revs) == (5.0, 1000, 20)
