"""The order of formats in the manifest."""

from __future__ import annotations

from hgext3rd.hglfs.clonebundles.server import formats


def test_the_best_compression_goes_first():
    specs = ['none-v2', 'none-streamv2', 'bzip2-v1', 'gzip-v2', 'zstd-v3', 'zstd-v2']
    assert sorted(specs, key=formats.rank) == [
        'zstd-v3',
        'zstd-v2',
        'gzip-v2',
        'bzip2-v1',
        'none-streamv2',
        'none-v2',
    ]
