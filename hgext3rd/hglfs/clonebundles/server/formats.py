"""Rank the formats of bundles for the order of the manifest."""

from __future__ import annotations

_COMPRESSIONS = ('zstd', 'gzip', 'bzip2')


def rank(spec: str) -> int:
    """Return a sort key for a bundle specification: the best format has the lowest key.

    Compressed formats come first, zstd before gzip and bzip2. Streams, which are fast
    to apply, come next, and uncompressed changegroups come last.
    """
    compression, _dash, version = spec.partition('-')
    if 'stream' in version:
        return len(_COMPRESSIONS)
    if compression in _COMPRESSIONS:
        return _COMPRESSIONS.index(compression)
    return len(_COMPRESSIONS) + 1
