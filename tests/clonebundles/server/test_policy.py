"""When bundles are made, and how long they are kept; which go first, and for whom."""

from __future__ import annotations

import pytest
from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server import formats, health, policy, regions
from hgext3rd.hglfs.clonebundles.server.catalog import Catalog, Failure, Place
from hgext3rd.hglfs.clonebundles.server.policy import Situation, Triggers

NOW = 1000000.0


def reason(has, revs, clones=0, size=1000, **triggers):
    return policy.reason(
        None if has is None else bundle(revs=has, size=size),
        Situation(revs, clones, NOW),
        Triggers(**triggers),
    )


@pytest.mark.parametrize(
    ('has', 'revs', 'worth'),
    [
        (None, 0, False),
        (None, 1, True),
        (100, 100, False),
        (96, 100, False),
        (95, 100, True),
        (94, 100, True),
        (99000, 100000, True),  # a thousand are enough
        (99001, 100000, False),
        (120, 100, False),
    ],
)
def test_a_part_or_a_number_of_changesets_is_worth_a_bundle(has, revs, worth):
    assert (reason(has, revs) is not None) is worth


def test_a_bundle_that_lacks_nothing_is_never_made_again():
    assert reason(100, 100, ratio=1.0) is None
    assert (
        policy.reason(bundle(revs=5), Situation(5, 9, NOW), Triggers(2, 0, 1, 1))
        is None
    )


def test_bytes_can_be_worth_one():
    # 99 changesets are in 990,000 bytes, so that one is about 10,000
    assert reason(99, 100, size=990000) is None
    assert 'about 10000 bytes' in (reason(99, 100, size=990000, bytes=10000) or '')
    assert reason(99, 100, size=990000, bytes=10001) is None


def test_clones_can_be_worth_one():
    assert reason(99, 100, clones=1000) is None
    assert '50 clones' in (
        policy.reason(bundle(revs=99), Situation(100, 50, NOW), Triggers(clones=50))
        or ''
    )
    assert (
        policy.reason(bundle(revs=99), Situation(100, 49, NOW), Triggers(clones=50))
        is None
    )


def test_who_fails_pauses_ever_longer_up_to_a_day():
    pauses = [
        policy.backoff(Failure('x', 'why', NOW, tries), NOW) for tries in (1, 2, 3, 20)
    ]
    assert pauses == [60.0, 120.0, 240.0, 86400.0]
    assert policy.backoff(None, NOW) == 0.0
    assert policy.backoff(Failure('x', 'why', NOW - 60), NOW) == 0.0
    # noted by a clock that was wrong by years
    assert policy.backoff(Failure('x', 'why', NOW * 9), NOW) == 60.0


def test_what_is_replaced_is_kept_for_its_time():
    assert not policy.expired(bundle(), NOW, 0.0)
    assert not policy.expired(bundle(replaced=NOW - 10), NOW, 11.0)
    assert policy.expired(bundle(replaced=NOW - 10), NOW, 10.0)


def test_the_best_compressed_goes_first():
    specs = ['none-v2', 'none-streamv2', 'bzip2-v1', 'gzip-v2', 'zstd-v3', 'zstd-v2']
    assert sorted(specs, key=formats.rank) == [
        'zstd-v3',
        'zstd-v2',
        'gzip-v2',
        'bzip2-v1',
        'none-streamv2',
        'none-v2',
    ]


REGIONS = regions.parse(['192.0.2.0/24=eu', '192.0.2.128/25=lab', '2001:db8::/32=us'])


@pytest.mark.parametrize(
    ('address', 'region'),
    [
        ('192.0.2.1', 'eu'),
        ('192.0.2.200', 'lab'),
        ('198.51.100.1', None),
        ('2001:db8::1', 'us'),
        ('::ffff:192.0.2.1', 'eu'),
        ('::1', None),
        ('', None),
        ('nonsense', None),
        (None, None),
    ],
)
def test_the_smallest_network_tells_the_region(address, region):
    assert REGIONS.of(address) == region


@pytest.mark.parametrize(
    'item', ['192.0.2.0/24', '192.0.2.0/24=', '=eu', '192.0.2.1/24=eu']
)
def test_what_is_no_region_is_named(item):
    with pytest.raises(ValueError, match=r'\A%s\Z' % item):
        regions.parse([item])


def test_the_near_go_first_and_the_far_last():
    items = ['us1', 'any', 'eu1', 'us2', 'eu2']

    def of(item):
        return None if item == 'any' else item[:2]

    assert regions.nearest(items, 'eu', of) == ['eu1', 'eu2', 'any', 'us1', 'us2']
    assert regions.nearest(items, None, of) == items


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
