"""When a bundle is due, how long failures pause, and what expires."""

from __future__ import annotations

import pytest
from support.bundles import BASE, STEPS, bundle, chained, current, step

from hgext3rd.hglfs.clonebundles.server import policy
from hgext3rd.hglfs.clonebundles.server.catalog import Failure
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
def test_enough_new_changesets_make_a_bundle_due(has, revs, worth):
    assert (reason(has, revs) is not None) is worth


def test_a_complete_bundle_is_never_due():
    assert reason(100, 100, ratio=1.0) is None
    assert (
        policy.reason(bundle(revs=5), Situation(5, 9, NOW), Triggers(2, 0, 1, 1))
        is None
    )


def test_enough_new_bytes_make_a_bundle_due():
    # 99 changesets are in 990,000 bytes, so that one is about 10,000
    assert reason(99, 100, size=990000) is None
    assert 'about 9.77 KB' in (reason(99, 100, size=990000, bytes=10000) or '')
    assert reason(99, 100, size=990000, bytes=10001) is None


def test_enough_clones_make_a_bundle_due():
    assert reason(99, 100, clones=1000) is None
    assert '50 clones' in (
        policy.reason(bundle(revs=99), Situation(100, 50, NOW), Triggers(clones=50))
        or ''
    )
    assert (
        policy.reason(bundle(revs=99), Situation(100, 49, NOW), Triggers(clones=50))
        is None
    )


def test_the_backoff_doubles_up_to_a_day():
    pauses = [
        policy.backoff(Failure('x', 'why', NOW, tries), NOW) for tries in (1, 2, 3, 20)
    ]
    assert pauses == [60.0, 120.0, 240.0, 86400.0]
    assert policy.backoff(None, NOW) == 0.0
    assert policy.backoff(Failure('x', 'why', NOW - 60), NOW) == 0.0
    # noted by a clock that was wrong by years
    assert policy.backoff(Failure('x', 'why', NOW * 9), NOW) == 60.0


def test_a_replaced_bundle_is_kept_for_the_retention_time():
    assert not policy.expired(bundle(), NOW, 0.0)
    assert not policy.expired(bundle(replaced=NOW - 10), NOW, 11.0)
    assert policy.expired(bundle(replaced=NOW - 10), NOW, 10.0)


@pytest.mark.parametrize(
    ('sizes', 'longest', 'extends'),
    [
        ((), 8, True),
        ((), 0, False),
        ((10, 10), 3, True),
        ((10, 10), 2, False),
        ((250, 250), 8, True),
        ((250, 251), 8, False),
    ],
)
def test_a_long_or_large_chain_is_not_extended(sizes, longest, extends):
    steps = [step(number, size) for number, size in enumerate(sizes, 1)]
    base = current(chained(*steps))
    assert policy.isextendable(base, ('store', 'cdn'), longest) is extends


def test_a_base_missing_at_a_destination_is_not_extended():
    assert policy.isextendable(BASE, ('store',), 8)
    assert not policy.isextendable(BASE, ('store', 'elsewhere'), 8)
    assert not policy.isextendable(None, (), 8)


def test_changesets_in_increments_are_not_counted_as_new():
    when = Triggers(revs=1)
    assert policy.reason(BASE, Situation(13, 0, 0.0), when)
    base = current(chained(*STEPS))
    assert policy.reason(base, Situation(13, 0, 0.0), when) is None
    assert policy.reason(base, Situation(14, 0, 0.0), when)
