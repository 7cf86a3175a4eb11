"""Lists of blobs that are to be kept although no history names them.

Format: a folder of files, each with an oid a line; ``#`` begins a comment. Anything
may put one there, under a name of its own, by renaming it into place.
"""

from __future__ import annotations

import os

from ..model.errors import StoreFailed
from ..model.oid import isoid


def kept(folder: bytes) -> set[bytes]:
    """Returns the oids that are named; raises StoreFailed for what can't be read."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return set()
    return {oid for name in sorted(names) for oid in _oids(os.path.join(folder, name))}


def _oids(path: bytes) -> list[bytes]:
    try:
        with open(path, 'rb') as handle:
            lines = [line.partition(b'#')[0].strip() for line in handle]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise StoreFailed(
            b'cannot read %s: %s' % (path, os.fsencode(exc.strerror or str(exc)))
        ) from exc
    for number, line in enumerate(lines, 1):
        if line and not isoid(line):
            raise StoreFailed(
                b'%s:%d: not an object id' % (path, number),
                hint=b'each line names a blob that is to be kept',
            )
    return [line for line in lines if line]
