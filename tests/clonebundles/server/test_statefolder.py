"""Every file of the bundles' state folder, byte for byte, as earlier versions wrote it.

``fixtures`` has the documents that they wrote.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server import catalog as catalogs
from hgext3rd.hglfs.clonebundles.server.catalog import (
    PACKS,
    Bundle,
    Catalog,
    Pack,
    Place,
)
from hgext3rd.hglfs.clonebundles.server.catalogfile import (
    BundleCatalogFile,
    PackCatalogFile,
)
from hgext3rd.hglfs.clonebundles.server.manifestentries import Destination
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.store.files import Modes
from hgext3rd.hglfs.lfs.wire.blobstream import Item

FIXTURES = Path(__file__).parents[2] / 'fixtures'
URL = 'https://cdn.example.com/a.hg'
PLACES = (Place('store', ''), Place('cdn', URL))
LOCAL = Destination('store', (), 'store/lfs/objects/{blob}')
DESTINATIONS = (LOCAL, Destination('cdn', (('region', 'eu'),)))
#: The lines that ``manifests`` expects.
BASE = '%s BUNDLESPEC=zstd-v2;cg.version%%3D03 DIGEST=sha256:%s SIZE=1000 region=eu%s\n'
STEP = (
    'store/lfs/objects/cc/%s BUNDLESPEC=zstd-v2;cg.version%%3D03 heads=%s bases=%s'
    ' made-by=hglfs\n'
)
SNI = ' REQUIRESNI=true'


def made(letter: str, **changed) -> Bundle:
    return bundle(digest=2 * letter * 32, **changed)


OLD = made('a', places=PLACES)
NEW = made('b', revs=12, created=2000.5, places=PLACES[:1])
INCREMENT = made(
    'c',
    revs=13,
    size=10,
    heads=('3' * 40,),
    bases=('2' * 40,),
    increment=True,
    created=3000.0,
    places=PLACES,
)


def packed(letter: str, **changed) -> Pack:
    return Pack(2 * letter * 32, 600, 100, 7, 490, ('4' * 40,), 7.0, **changed)


PACK, OTHER = packed('d', places=PLACES), packed('e')


def bundles() -> Catalog:
    catalog = Catalog().added(OLD).added(NEW)
    catalog = catalog.extended(NEW, INCREMENT)
    return catalog.failed('gzip-v2', 'whÿ "no"', 5.0).failed('gzip-v2', 'again', 6.0)


def packs(old: Catalog[Pack]) -> Catalog[Pack]:
    added = old.added(PACK).added(OTHER).retired(lambda one: one == OTHER, 8.25)
    return replace(added, seen=('4' * 40,)).failed(PACKS, 'disk full', 9.0)


def recorded(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def test_the_bundle_catalog_is_written_in_the_same_bytes():
    assert catalogs.encodebundles(bundles()) == recorded('catalog.json')
    assert catalogs.decodebundles(recorded('catalog.json')) == bundles()
    assert catalogs.encodebundles(Catalog()) == (
        b'{\n "version": 1,\n "bundles": [],\n "failures": []\n}\n'
    )


def test_the_pack_catalog_is_written_in_the_same_bytes():
    assert catalogs.encodepacks(packs(Catalog())) == recorded('packs.json')
    assert catalogs.decodepacks(recorded('packs.json')) == packs(Catalog())
    assert catalogs.encodepacks(Catalog()) == (
        b'{\n "version": 1,\n "packs": [],\n "seen": [],\n "failure": null\n}\n'
    )


def test_a_catalog_older_than_increments_is_read():
    text = recorded('catalog.json').partition(b' "failures"')[0]
    first = text.partition(b'  {\n   "format"')[2].partition(b',\n   "increment"')[0]
    document = b'{"version": 1, "bundles": [{"format"%s}], "failures": []}' % first
    (old,) = catalogs.decodebundles(document).artifacts
    assert old == OLD.retired(2000.5)[0]


@pytest.fixture
def catalogfile(folder):
    paths = Paths(
        os.path.join(folder, b'bundles'),
        os.path.join(folder, b'clonebundles.manifest'),
        os.path.join(folder, b'keep', b'bundles'),
        os.path.join(folder, b'pullbundles.manifest'),
    )
    state = StateFolder(paths, 'here', Modes())
    return BundleCatalogFile(state, DESTINATIONS)


def everything(folder) -> dict[str, bytes]:
    root = Path(os.fsdecode(folder))
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob('*'))
        if path.is_file()
    }


def lines(*letters: str) -> bytes:
    return b''.join(b'%s\n' % (2 * letter * 32).encode() for letter in letters)


def test_the_files_derived_from_bundles(catalogfile, folder):
    catalogfile.change(lambda old: old.added(OLD))
    line = (BASE % (URL, 'aa' * 32, SNI)).encode()
    found = everything(folder)
    assert found.pop('bundles/catalog.json').startswith(b'{\n "version": 1,\n')
    assert found == {'clonebundles.manifest': line, 'keep/bundles': lines('a')}
    catalogfile.folder.protectblob('bb' * 32)
    catalogfile.change(lambda old: bundles())
    assert everything(folder) == {
        'bundles/catalog.json': recorded('catalog.json'),
        'clonebundles.manifest': b'',
        'pullbundles.manifest': (STEP % ('c' * 62, '3' * 40, '2' * 40)).encode(),
        'keep/bundles': lines('a', 'b', 'c'),
        'keep/bundles-making': lines('b'),
    }
    catalogfile.folder.protectblob(None)
    catalogfile.change(lambda old: Catalog())
    found = everything(folder)
    assert found.pop('bundles/catalog.json') == catalogs.encodebundles(Catalog())
    assert found == {'keep/bundles': b''}


def test_the_files_derived_from_packs(catalogfile, folder):
    known = PackCatalogFile(catalogfile.folder)
    items = [Item(b'5' * 64, 490)]
    known.note(PACK, items)
    index = b'%s 490 0\n' % (b'5' * 64)
    copied = everything(folder)['bundles/packs/' + 'dd' * 32]
    assert index in copied
    known.change(packs)
    assert everything(folder) == {
        'bundles/packs.json': recorded('packs.json'),
        'bundles/packs/' + 'dd' * 32: copied,
        'keep/bundles-packs': lines('d'),
    }
    known.change(lambda old: old.without(PACK).without(OTHER))
    found = everything(folder)
    assert found.pop('bundles/packs.json').startswith(b'{\n "version": 1,\n')
    assert found == {'keep/bundles-packs': b''}


def test_unchanged_files_are_not_written_again(catalogfile, folder):
    home = catalogfile.folder.paths.home
    os.makedirs(home)
    for name in ('catalog.json', 'packs.json'):
        with open(os.path.join(home, name.encode()), 'wb') as handle:
            handle.write(recorded(name))
    catalogfile.change(lambda old: old)
    PackCatalogFile(catalogfile.folder).change(lambda old: old)
    found = everything(folder)
    assert found['bundles/catalog.json'] == recorded('catalog.json')
    assert found['bundles/packs.json'] == recorded('packs.json')
    assert found['keep/bundles'] == lines('a', 'b', 'c')
    assert found['keep/bundles-packs'] == lines('d')
