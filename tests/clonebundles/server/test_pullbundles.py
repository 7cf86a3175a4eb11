"""Increments in ``pullbundles.manifest``, beside the lines of others."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from support.bundles import BASE, PLACES, STEPS, chained, step

from hgext3rd.hglfs.clonebundles.server import pullbundles
from hgext3rd.hglfs.clonebundles.server.catalog import Catalog
from hgext3rd.hglfs.clonebundles.server.catalogfile import BundleCatalogFile
from hgext3rd.hglfs.clonebundles.server.manifestentries import Destination
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.store.files import Modes

LOCAL = {'store': 'store/lfs/objects/{blob}', 'inline': 'bundle-cache/{basename}'}
DESTINATIONS = (Destination('store', (), LOCAL['store']), Destination('cdn'))


def lines(catalog: Catalog) -> list[bytes]:
    return [one.format() for one in pullbundles.entries(catalog, LOCAL)]


def test_local_increments_are_listed_as_pull_bundles():
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
def test_a_path_that_cannot_be_opened_is_not_listed(folder):
    found = pullbundles.entries(chained(STEPS[0]), {'store': folder + '/{blob}'})
    assert found == []


HANDMADE = [b'', b'# x\r\n\nmine heads=%s\n' % (b'1' * 40), b'mine.hg', b'\xff=\n']


@pytest.mark.parametrize('text', HANDMADE)
def test_lines_of_others_are_kept(text):
    ours = pullbundles.entries(chained(*STEPS), LOCAL)
    with_ours = pullbundles.merged(text, ours)
    assert with_ours.startswith(text)
    assert with_ours.count(b'made-by=hglfs\n') == 3
    assert pullbundles.merged(with_ours, ours) == with_ours
    assert pullbundles.merged(with_ours, []).rstrip(b'\n') == text.rstrip(b'\n')
    assert pullbundles.merged(text, []) == text


def test_the_file_is_updated_with_the_catalog(folder):
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
