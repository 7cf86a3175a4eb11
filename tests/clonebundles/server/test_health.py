"""The status of each format, and what happens next."""

from __future__ import annotations

from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server import health
from hgext3rd.hglfs.clonebundles.server.catalog import Catalog, Failure, Place
from hgext3rd.hglfs.clonebundles.server.policy import Situation, Triggers

NOW = 1000000.0


def test_a_bundle_that_is_not_everywhere_is_to_be_made():
    there = bundle(revs=10, places=(Place('a', 'http://a/x'),))
    now = Situation(10, 0, NOW)
    assert health.wanted(there, ('a',), now, Triggers()) is None
    assert health.wanted(there, ('a', 'b'), now, Triggers()) == 'it is not at b'


def test_what_is_next_is_told():
    catalog = Catalog(
        (bundle(revs=10, created=NOW - 5),), (Failure('other', 'x', NOW),)
    )

    def told(revs, background):
        now = Situation(revs, 0, NOW)
        found = health.rows(
            catalog, ('zstd-v2', 'other'), (), now, Triggers(), background
        )
        return [row.next for row in found]

    assert told(10, True) == [
        'nothing: it is recent enough',
        'try again with the next change in 61 seconds: there is no bundle',
    ]
    assert told(20, False) == [
        'run hg admin::clone-bundles-refresh: 10 changesets are in no bundle',
        'run hg admin::clone-bundles-refresh: there is no bundle',
    ]
    assert (
        told(20, True)[0]
        == 'make one with the next change: 10 changesets are in no bundle'
    )
    assert told(0, True)[0] == 'nothing: there are no public changesets'
    (row, _other) = health.rows(
        catalog, ('zstd-v2', 'other'), (), Situation(20, 0, NOW), Triggers(), True
    )
    assert (row.age, row.lacking, row.revs) == (5.0, 1000, 20)
