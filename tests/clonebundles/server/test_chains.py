"""Chains: which increments go on where, until when, and what is told of them."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bundles import bundle

from hgext3rd.hglfs.clonebundles import manifest
from hgext3rd.hglfs.clonebundles.server import catalog as catalogs
from hgext3rd.hglfs.clonebundles.server import policy, pullbundles
from hgext3rd.hglfs.clonebundles.server.catalog import Bundle, Catalog, Place
from hgext3rd.hglfs.clonebundles.server.catalogfile import BundleCatalogFile
from hgext3rd.hglfs.clonebundles.server.manifestentries import Destination
from hgext3rd.hglfs.clonebundles.server.policy import Situation, Triggers
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.errors import RemoteError
from hgext3rd.hglfs.lfs.store.files import Modes

PLACES = (Place('store', ''), Place('cdn', 'https://h/x'))
LOCAL = {'store': 'store/lfs/objects/{blob}', 'inline': 'bundle-cache/{basename}'}
DESTINATIONS = (Destination('store', (), LOCAL['store']), Destination('cdn'))


def step(number: int, size: int = 10, **changed) -> Bundle:
    return bundle(
        **{
            'revs': 10 + number,
            'size': size,
            'digest': '%064x' % number,
            'heads': ('%040x' % number,),
            'bases': ('%040x' % (number - 1),),
            'increment': True,
            'created': 1000.0 + number,
            'places': PLACES,
            **changed,
        }
    )


BASE = bundle(places=PLACES)
STEPS = tuple(map(step, (1, 2, 3)))


def chained(*steps: Bundle, base: Bundle = BASE) -> Catalog:
    catalog = Catalog().added(base)
    for one in steps:
        current = catalog.current(base.format)
        assert current is not None
        catalog = catalog.extended(current, one)
    return catalog


def current(catalog: Catalog) -> Bundle:
    found = catalog.current('zstd-v2')
    assert found is not None
    return found


def test_what_is_written_is_read():
    catalog = chained(*STEPS)
    assert catalogs.decodebundles(catalogs.encodebundles(catalog)) == catalog


def test_a_base_covers_what_its_increments_do():
    base = current(chained(*STEPS))
    assert base.chain == STEPS
    assert (base.revs, base.covers, base.chainsize) == (10, 13, 30)
    assert base.ends == (*BASE.heads, *(one.heads[0] for one in STEPS))
    assert base.lacking(14) == 100
    assert base.basename == BASE.basename
    assert STEPS[0].basename.startswith('part-zstd-v2-11_revs-')


def test_what_replaces_a_base_retires_its_increments():
    catalog = chained(*STEPS).added(bundle(digest='ee' * 32, revs=14, created=9.0))
    assert current(catalog).chain == ()
    old = [one for one in catalog.artifacts if not one.current]
    assert [one.digest for one in old] == [one.digest for one in (BASE, *STEPS)]
    assert {one.replaced for one in old} == {9.0}
    assert not any(one.chain for one in old)


def test_a_chain_is_cut_at_the_first_that_is_not_good():
    catalog = chained(*STEPS).cut(lambda one: one != STEPS[1], 9.0)
    assert current(catalog).chain == STEPS[:1]
    assert catalog.artifacts[1:] == tuple(
        replace(one, replaced=9.0) for one in STEPS[1:]
    )
    assert set(catalog.files) == {current(catalog), *STEPS[:1], *catalog.artifacts[1:]}
    assert chained(*STEPS).cut(lambda one: True, 9.0) == chained(*STEPS)


def test_an_increment_of_a_base_that_is_gone_is_told_to_nobody():
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


def test_an_increment_ends_failures():
    catalog = chained().failed('zstd-v2', 'why', 1.0)
    assert catalog.extended(current(catalog), STEPS[0]).failures == ()


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
def test_a_chain_ends_where_it_is_long_or_large(sizes, longest, extends):
    steps = [step(number, size) for number, size in enumerate(sizes, 1)]
    base = current(chained(*steps))
    assert policy.isextendable(base, ('store', 'cdn'), longest) is extends


def test_what_is_not_everywhere_is_no_base():
    assert policy.isextendable(BASE, ('store',), 8)
    assert not policy.isextendable(BASE, ('store', 'elsewhere'), 8)
    assert not policy.isextendable(None, (), 8)


def test_what_increments_have_is_worth_nothing_more():
    when = Triggers(revs=1)
    assert policy.reason(BASE, Situation(13, 0, 0.0), when)
    base = current(chained(*STEPS))
    assert policy.reason(base, Situation(13, 0, 0.0), when) is None
    assert policy.reason(base, Situation(14, 0, 0.0), when)


def lines(catalog: Catalog) -> list[bytes]:
    return [one.format() for one in pullbundles.entries(catalog, LOCAL)]


def test_increments_at_hand_are_pull_bundles():
    assert lines(chained()) == []
    assert lines(chained(STEPS[0])) == [
        b'store/lfs/objects/00/%062x BUNDLESPEC=zstd-v2;cg.version%%3D03 heads=%040x '
        b'bases=%040x made-by=hglfs' % (1, 1, 0)
    ]
    rootless = step(1, bases=(), heads=('1' * 40, '2' * 40))
    (line,) = lines(chained(rootless))
    assert b'bases' not in line
    assert b'heads=%s;%s ' % (b'1' * 40, b'2' * 40) in line
    assert lines(chained(step(1, places=PLACES[1:]))) == []
    first = replace(BASE, spec='gzip-v1')
    assert lines(chained(step(1, spec='gzip-v1'), base=first)) == []
    retired = chained(*STEPS).retired(lambda one: True, 9.0)
    assert lines(retired) == []


@pytest.mark.parametrize('folder', ['/abs', '../up', 'a b', 'a/../b', 'ä'])
def test_a_path_that_nobody_could_open_is_not_told(folder):
    found = pullbundles.entries(chained(STEPS[0]), {'store': folder + '/{blob}'})
    assert found == []


HANDMADE = [b'', b'# x\r\n\nmine heads=%s\n' % (b'1' * 40), b'mine.hg', b'\xff=\n']


@pytest.mark.parametrize('text', HANDMADE)
def test_what_others_wrote_stays(text):
    ours = pullbundles.entries(chained(*STEPS), LOCAL)
    with_ours = pullbundles.merged(text, ours)
    assert with_ours.startswith(text)
    assert with_ours.count(b'made-by=hglfs\n') == 3
    assert pullbundles.merged(with_ours, ours) == with_ours
    assert pullbundles.merged(with_ours, []).rstrip(b'\n') == text.rstrip(b'\n')
    assert pullbundles.merged(text, []) == text


def test_the_file_follows_the_catalog(folder):
    paths = Paths(
        os.path.join(folder, b'lfs', b'bundles'),
        os.path.join(folder, b'clonebundles.manifest'),
        os.path.join(folder, b'lfs', b'keep', b'bundles'),
        os.path.join(folder, b'pullbundles.manifest'),
    )
    state = StateFolder(paths, 'here', Modes())
    catalogfile = BundleCatalogFile(state, DESTINATIONS)
    catalogfile.change(lambda catalog: chained())
    assert not os.path.exists(paths.pullbundles)
    catalogfile.change(lambda catalog: chained(*STEPS))
    with open(paths.pullbundles, 'rb') as handle:
        assert handle.read().count(b'\n') == 3
    with open(paths.manifest, 'rb') as handle:
        assert handle.read().count(b'\n') == 1
    with open(paths.keep, 'rb') as handle:
        assert handle.read().count(b'\n') == 4
    catalogfile = BundleCatalogFile(state, (Destination('store'), Destination('cdn')))
    catalogfile.change(lambda catalog: catalog)
    assert not os.path.exists(paths.pullbundles)
    assert catalogfile.handwritten(catalogfile.read()) == []


def entry(number: bytes, base: bytes = b'x') -> dict[bytes, bytes]:
    return {manifest.STEP: number, manifest.BASE: base, b'URL': b'u' + number}


def test_a_clients_chain_ends_where_one_is_missing():
    one, two, four = entry(b'1'), entry(b'2'), entry(b'4')
    assert manifest.increments([two, four, one, two], b'x') == [[one], [two, two]]
    assert manifest.increments([two], b'x') == []
    assert manifest.increments([one, entry(b'2', b'y')], b'x') == [[one]]
    assert manifest.increments([entry(b'01'), entry(b'0'), {}], b'x') == []


def test_what_an_increment_needs_is_known_or_it_is_refused():
    both = b'%s;%s' % (b'a' * 40, b'b' * 40)
    assert manifest.bases({manifest.BASES: both}) == [b'\xaa' * 20, b'\xbb' * 20]
    assert manifest.bases({manifest.BASES: b''}) == []
    for bad in ({}, {manifest.BASES: b'12'}, {manifest.BASES: b'g' * 40}):
        with pytest.raises(RemoteError):
            manifest.bases(bad)


@given(st.binary(max_size=90))
def test_nothing_that_a_server_says_is_an_accident(text):
    manifest.increments([{manifest.STEP: text, manifest.BASE: text}], text)
    with contextlib.suppress(RemoteError):
        manifest.bases({manifest.BASES: text})
