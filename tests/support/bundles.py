"""Clone bundles as tests need them."""

from __future__ import annotations

from hgext3rd.hglfs.clonebundles.server.catalog import Bundle

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
