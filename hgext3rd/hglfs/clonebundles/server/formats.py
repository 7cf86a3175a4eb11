"""Which of several bundles a client had better take."""

from __future__ import annotations

_COMPRESSIONS = ('zstd', 'gzip', 'bzip2')


def rank(spec: str) -> int:
    """Returns a key that sorts specifications, the best first.

    What is well compressed goes before what is not; among these a stream, which is
    applied as it is, goes before what is large for nothing.
    """
    compression, _dash, version = spec.partition('-')
    if 'stream' in version:
        return len(_COMPRESSIONS)
    if compression in _COMPRESSIONS:
        return _COMPRESSIONS.index(compression)
    return len(_COMPRESSIONS) + 1
