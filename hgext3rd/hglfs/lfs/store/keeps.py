"""Lists of blobs that are to be kept although no history names them.

Format: a folder of files, each with an oid a line; ``#`` begins a comment. Anything
may put one there, under a name of its own, by renaming it into place.
"""

from __future__ import annotations

import os

from ..errors import StoreFailed
from ..oid import isoid
from . import files

#: The longest list that is read, in bytes: about a million object ids.
_LONGEST = 64 << 20


def kept(folder: bytes) -> set[bytes]:
    """Return the oids that are named; raise StoreFailed for what can't be read."""
    try:
        names = os.listdir(folder)
    except OSError as exc:
        if isinstance(exc, FileNotFoundError) and files.isabsent(folder):
            return set()
        raise _unreadable(folder, exc) from exc
    return {oid for name in sorted(names) for oid in _oids(os.path.join(folder, name))}


def _oids(path: bytes) -> list[bytes]:
    try:
        text = files.readbounded(path, _LONGEST)
    except OSError as exc:
        if isinstance(exc, FileNotFoundError) and files.isabsent(path):
            return []
        raise _unreadable(path, exc) from exc
    lines = [line.partition(b'#')[0].strip() for line in text.split(b'\n')]
    for number, line in enumerate(lines, 1):
        if line and not isoid(line):
            raise StoreFailed(
                b'%s:%d: not an object id' % (path, number),
                hint=b'each line names a blob that is to be kept',
            )
    return [line for line in lines if line]


def _unreadable(path: bytes, exc: OSError) -> StoreFailed:
    return StoreFailed(b'cannot read %s: %s' % (path, files.reason(exc)))
