"""The catalog as a value: bundles, and the chains of their increments."""

from __future__ import annotations

from dataclasses import replace

from support.bundles import BASE, STEPS, bundle, chained, current

from hgext3rd.hglfs.clonebundles.server import catalog as catalogs
from hgext3rd.hglfs.clonebundles.server.catalog import Catalog


def test_a_catalog_survives_encoding_and_decoding():
    catalog = chained(*STEPS)
    assert catalogs.decodebundles(catalogs.encodebundles(catalog)) == catalog


def test_a_base_covers_the_changesets_of_its_increments():
    base = current(chained(*STEPS))
    assert base.chain == STEPS
    assert (base.revs, base.covers, base.chainsize) == (10, 13, 30)
    assert base.ends == (*BASE.heads, *(one.heads[0] for one in STEPS))
    assert base.lacking(14) == 100
    assert base.basename == BASE.basename
    assert STEPS[0].basename.startswith('part-zstd-v2-11_revs-')


def test_a_new_base_retires_the_increments_of_the_old_one():
    catalog = chained(*STEPS).added(bundle(digest='ee' * 32, revs=14, created=9.0))
    assert current(catalog).chain == ()
    old = [one for one in catalog.artifacts if not one.current]
    assert [one.digest for one in old] == [one.digest for one in (BASE, *STEPS)]
    assert {one.replaced for one in old} == {9.0}
    assert not any(one.chain for one in old)


def test_a_chain_is_cut_at_the_first_bad_increment():
    catalog = chained(*STEPS).cut(lambda one: one != STEPS[1], 9.0)
    assert current(catalog).chain == STEPS[:1]
    assert catalog.artifacts[1:] == tuple(
        replace(one, replaced=9.0) for one in STEPS[1:]
    )
    assert set(catalog.files) == {current(catalog), *STEPS[:1], *catalog.artifacts[1:]}
    assert chained(*STEPS).cut(lambda one: True, 9.0) == chained(*STEPS)


def test_an_increment_without_its_base_is_not_advertised():
    base = current(chained(STEPS[0]))
    for after in (
        Catalog(),
        chained(STEPS[0]).retired(lambda one: True, 9.0),
        chained(STEPS[0]).cut(lambda one: False, 9.0),
    ):
        found = after.extended(base, STEPS[1])
        assert not any(STEPS[1] in one.chain for one in found.artifacts)
        (alone,) = (one for one in found.artifacts if one.digest == STEPS[1].digest)
        assert not alone.current


def test_an_increment_clears_the_failures():
    catalog = chained().failed('zstd-v2', 'why', 1.0)
    assert catalog.extended(current(catalog), STEPS[0]).failures == ()
