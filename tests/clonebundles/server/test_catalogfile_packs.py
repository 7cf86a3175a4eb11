"""The catalog of packs on disk, with the indexes and the blobs to keep."""

from __future__ import annotations

import os

import pytest
from support.packs import LARGE, SMALL, URL, items, made

from hgext3rd.hglfs.clonebundles.server import catalog as catalogs
from hgext3rd.hglfs.clonebundles.server.catalog import (
    BLOBS,
    PACKS,
    Catalog,
    Place,
)
from hgext3rd.hglfs.clonebundles.server.catalogfile import PackCatalogFile
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.store import files


@pytest.fixture
def catalogfile(folder):
    home = os.path.join(folder, b'home')
    os.mkdir(home)
    names = (b'manifest', b'keep', b'pullbundles')
    paths = Paths(home, *(os.path.join(folder, name) for name in names))
    return PackCatalogFile(StateFolder(paths, 'host', files.Modes()))


def test_added_packs_are_in_the_catalog(catalogfile, folder):
    assert catalogfile.read() == Catalog()
    place = Place(BLOBS, '')
    one = made('ab' * 32, *items(*SMALL), places=(place,))
    two = made('cd' * 32, *items(*LARGE), places=(Place('web', URL),))
    catalogfile.note(one, items(*SMALL))
    catalogfile.change(
        lambda old: old.added(one).added(two).failed(PACKS, 'disk full', 5.0)
    )
    catalog = catalogfile.read()
    assert catalog.artifacts == (one, two)
    assert catalog.failure(PACKS).tries == 1
    assert catalogfile.items(one) == items(*SMALL)
    assert catalogfile.items(two) is None
    with open(os.path.join(folder, b'keep-packs'), 'rb') as handle:
        assert handle.read() == b'ab' * 32 + b'\n'
    catalog = catalogfile.change(lambda old: old.retired(lambda pack: pack == one, 9.0))
    assert catalog.advertised == (two,)
    assert catalog.artifacts[0].replaced == 9.0
    with open(os.path.join(folder, b'keep-packs'), 'rb') as handle:
        assert handle.read() == b'ab' * 32 + b'\n'
    catalogfile.change(lambda old: old.without(one))
    with open(os.path.join(folder, b'keep-packs'), 'rb') as handle:
        assert handle.read() == b''


@pytest.mark.parametrize('text', [b'', b'{}', b'[]', b'{"version": 9}'])
def test_an_invalid_catalog_of_packs_is_read_as_empty(catalogfile, text):
    with open(catalogfile.path, 'wb') as handle:
        handle.write(text)
    assert catalogfile.read() == Catalog()
    with pytest.raises(ValueError):  # noqa: PT011
        catalogs.decodepacks(text)
