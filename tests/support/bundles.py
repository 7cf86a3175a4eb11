"""Clone bundles for tests."""

from __future__ import annotations

from hgext3rd.hglfs.clonebundles import manifest
from hgext3rd.hglfs.clonebundles.server.catalog import Bundle, Catalog, Place

_DEFAULTS = {
    'format': 'zstd-v2',
    'spec': 'zstd-v2;cg.version=03',
    'heads': ('1' * 40, '2' * 40),
    'revs': 10,
    'size': 1000,
    'digest': 'ab' * 32,
    'created': 1000.0,
}


def bundle(**changed) -> Bundle:
    return Bundle(**{**_DEFAULTS, **changed})


PLACES = (Place('store', ''), Place('cdn', 'https://h/x'))


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


def offered(**attributes: bytes) -> manifest.Offer:
    entry = {name.encode('ascii'): value for name, value in attributes.items()}
    return manifest.offer({b'URL': b'http://x/y', **entry})
