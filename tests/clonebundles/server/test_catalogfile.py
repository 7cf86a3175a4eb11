"""The catalog on disk, and what follows from it: the manifest, the blobs to keep."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import pytest
from support import processes
from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server import catalog as catalogs
from hgext3rd.hglfs.clonebundles.server.catalog import Catalog, Place
from hgext3rd.hglfs.clonebundles.server.catalogfile import BundleCatalogFile
from hgext3rd.hglfs.clonebundles.server.manifestentries import (
    Destination,
    entry,
    ordered,
)
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store.files import Modes

CDN = Destination('cdn', (('region', 'eu'),))
STORE = Destination('store')
BOTH = (STORE, CDN)


def at(name: str, **changed):
    url = 'https://cdn.example.com/%s.hg' % name
    return bundle(places=(Place('store', ''), Place('cdn', url)), **changed)


OLD = at('old', created=1.0, digest='aa' * 32)
NEW = at('new', created=2.0, digest='bb' * 32, revs=11)
GZIP = at('gzip', created=3.0, digest='cc' * 32, format='gzip-v2', spec='gzip-v2')


@pytest.fixture
def catalogfile(folder):
    return make(folder)


def make(folder, destinations=BOTH):
    paths = Paths(
        os.path.join(folder, b'lfs', b'bundles'),
        os.path.join(folder, b'clonebundles.manifest'),
        os.path.join(folder, b'lfs', b'keep', b'bundles'),
        os.path.join(folder, b'pullbundles.manifest'),
    )
    return BundleCatalogFile(StateFolder(paths, 'here', Modes()), destinations)


def text(path: bytes) -> str:
    with open(path) as handle:
        return handle.read()


def urls(catalogfile) -> list[str]:
    return [
        line.split()[0] for line in text(catalogfile.folder.paths.manifest).splitlines()
    ]


def kept(catalogfile) -> list[str]:
    return [line[:2] for line in text(catalogfile.folder.paths.keep).splitlines()]


def test_a_catalog_survives_encoding_and_decoding():
    catalog = Catalog((OLD,)).added(NEW).failed('gzip-v2', 'whÿ', 5.0)
    assert catalogs.decodebundles(catalogs.encodebundles(catalog)) == catalog


@pytest.mark.parametrize(
    'text',
    [
        b'',
        b'[]',
        b'{}',
        b'{"version": 0, "bundles": [], "failures": []}',
        b'[' * 100000,
        b'{"version": 1, "bundles": [{}], "failures": []}',
        b'{"version": 1, "bundles": [], "failures": [{"x": 1}]}',
        b'{"version": 1, "bundles": 7, "failures": []}',
        b'\xff',
    ],
)
def test_an_invalid_catalog_is_replaced_by_an_empty_one(catalogfile, text):
    with pytest.raises(ValueError):  # noqa: PT011
        catalogs.decodebundles(text)
    os.makedirs(catalogfile.folder.paths.home)
    with open(
        os.path.join(catalogfile.folder.paths.home, b'catalog.json'), 'wb'
    ) as handle:
        handle.write(text)
    assert catalogfile.read() == Catalog()
    catalogfile.change(lambda catalog: catalog.added(NEW))
    assert catalogfile.read().artifacts == (NEW,)


@pytest.mark.parametrize('how', ['newer', 'away', 'endless'])
def test_an_unreadable_catalog_is_not_replaced(catalogfile, how):
    path = os.path.join(catalogfile.folder.paths.home, b'catalog.json')
    catalogfile.change(lambda catalog: catalog.added(OLD))
    before = kept(catalogfile)
    os.rename(path, path + b'.kept')
    if how == 'newer':
        with open(path, 'wb') as handle:
            handle.write(b'{"version": 2, "bundles": [], "failures": []}')
    elif how == 'away':
        os.symlink(b'nowhere', path)
    else:
        os.mkfifo(path)
    with pytest.raises(StoreFailed, match='newer version|cannot write'):
        catalogfile.change(lambda catalog: catalog.added(NEW))
    assert kept(catalogfile) == before
    os.rename(path + b'.kept', path)
    assert catalogfile.change(lambda catalog: catalog).artifacts == (OLD,)


def test_a_bundle_replaces_the_last_one_of_its_format():
    catalog = Catalog().added(OLD).added(GZIP).added(NEW)
    assert catalog.current('zstd-v2') == NEW
    assert catalog.current('gzip-v2') == GZIP
    assert [one.replaced for one in catalog.artifacts] == [2.0, None, None]
    assert catalog.added(NEW) == catalog


def test_failures_are_counted_until_a_bundle_is_made():
    catalog = Catalog().failed('zstd-v2', 'first', 1.0).failed('zstd-v2', 'second', 2.0)
    failure = catalog.failure('zstd-v2')
    assert failure is not None
    assert (failure.message, failure.tries) == ('second', 2)
    assert catalog.failure('gzip-v2') is None
    assert catalog.added(NEW).failures == ()


def test_bundle_names_are_unique():
    names = {one.basename for one in (OLD, NEW, GZIP)}
    assert len(names) == 3
    assert NEW.basename == 'full-zstd-v2-11_revs-222222222222_tip-bbbbbbbbbbbb.hg'
    odd = replace(NEW, format='none-v2;stream=v2/../x')
    assert '/' not in odd.basename


def test_bundles_are_advertised_best_first_then_as_configured():
    catalog = Catalog().added(GZIP).added(OLD).added(NEW)
    listed = [
        (one.digest[:2], place.destination) for one, place in ordered(catalog, BOTH)
    ]
    assert listed == [('bb', 'store'), ('bb', 'cdn'), ('cc', 'store'), ('cc', 'cdn')]
    listed = [place.destination for _one, place in ordered(catalog, (CDN,))]
    assert listed == ['cdn', 'cdn']


def test_a_manifest_line_has_the_attributes_clients_need():
    line = entry(NEW, 'https://h/x', CDN).format()
    assert line == (
        b'https://h/x BUNDLESPEC=zstd-v2;cg.version%%3D03 DIGEST=sha256:%s SIZE=1000 '
        b'region=eu REQUIRESNI=true' % (b'bb' * 32)
    )
    assert b'REQUIRESNI' not in entry(NEW, 'http://h/x', CDN).format()


def test_the_manifest_is_updated_and_handwritten_lines_stay(catalogfile):
    with open(catalogfile.folder.paths.manifest, 'w') as handle:
        handle.write('http://mine/x  BUNDLESPEC=gzip-v1\nhttp://bad x')
    catalogfile.change(lambda catalog: catalog.added(OLD))
    assert urls(catalogfile) == [OLD.places[1].url, 'http://mine/x', 'http://bad']
    catalog = catalogfile.change(lambda catalog: catalog.added(NEW))
    assert urls(catalogfile) == [NEW.places[1].url, 'http://mine/x', 'http://bad']
    assert 'http://mine/x  BUNDLESPEC=gzip-v1\n' in text(
        catalogfile.folder.paths.manifest
    )
    lines = catalogfile.handwritten(catalog)
    assert [(line.number, line.entry is None) for line in lines] == [
        (2, False),
        (3, True),
    ]


def test_a_bundle_without_public_urls_makes_an_empty_manifest(folder):
    catalogfile = make(folder, (STORE,))
    catalogfile.change(lambda catalog: catalog.added(NEW))
    assert text(catalogfile.folder.paths.manifest) == ''
    catalogfile.change(lambda catalog: catalog.retired(lambda one: True, 9.0))
    assert not os.path.exists(catalogfile.folder.paths.manifest)


def test_blobs_are_kept_while_their_bundles_are_in_the_catalog(catalogfile):
    catalogfile.change(lambda catalog: catalog.added(OLD).added(GZIP).added(NEW))
    assert kept(catalogfile) == ['aa', 'bb', 'cc']
    catalogfile.change(lambda catalog: catalog.without(OLD))
    assert kept(catalogfile) == ['bb', 'cc']
    elsewhere = replace(NEW, places=NEW.places[1:])
    catalogfile.change(lambda catalog: catalog.added(elsewhere))
    assert kept(catalogfile) == ['cc']


def test_the_blob_of_a_bundle_being_made_is_kept(
    catalogfile,
):
    catalogfile.folder.protectblob('dd' * 32)
    catalogfile.change(lambda catalog: catalog.added(NEW))
    folder = os.path.dirname(catalogfile.folder.paths.keep)
    assert sorted(os.listdir(folder)) == [b'bundles', b'bundles-making']
    assert text(os.path.join(folder, b'bundles-making')) == 'dd' * 32 + '\n'
    catalogfile.folder.protectblob(None)
    catalogfile.folder.protectblob(None)
    assert os.listdir(folder) == [b'bundles']


def test_waiting_for_a_locked_catalog_ends(catalogfile, monkeypatch):
    from hgext3rd.hglfs.clonebundles.server import statefolder as module

    monkeypatch.setattr(module, '_PATIENCE', 0.2)
    lock = processes.fork(lambda: _hold(catalogfile))
    path = os.path.join(catalogfile.folder.paths.home, b'lock')
    while not os.path.exists(path):
        time.sleep(0.01)
    with pytest.raises(StoreFailed, match='locked'):
        catalogfile.change(lambda catalog: catalog)
    os.kill(lock, signal.SIGKILL)
    os.waitpid(lock, 0)
    assert catalogfile.change(lambda catalog: catalog) == Catalog()


def _hold(catalogfile):
    with catalogfile.folder._locked():
        time.sleep(60)


def test_concurrent_changes_are_all_kept(catalogfile, folder):
    def add(number):
        for turn in range(5):
            one = bundle(format='f%d.%d' % (number, turn))
            make(folder).change(lambda catalog, one=one: catalog.added(one))

    children = [processes.fork(lambda n=n: add(n)) for n in range(4)]
    assert [processes.succeeded(child) for child in children] == [True] * len(children)
    assert len(catalogfile.read().artifacts) == 20
    left = os.listdir(catalogfile.folder.paths.home)
    assert left == [b'catalog.json']
