"""The repositories that share a store, so that what they need is kept.

Format: paths of ``.hg`` folders, one a line.
"""

from __future__ import annotations

import contextlib
import os

from . import files


def read(place: bytes) -> list[bytes]:
    """Returns the paths that a file names."""
    with contextlib.suppress(FileNotFoundError), open(place, 'rb') as handle:
        return list(dict.fromkeys(line for line in handle.read().split(b'\n') if line))
    return []


def register(place: bytes, path: bytes, modes: files.Modes) -> None:
    """Adds a path where it is missing.

    A path that has a newline in it can't be told, and is not.
    """
    if b'\n' in path or path in read(place):
        return
    files.makefolders(os.path.dirname(place), modes)
    # a line that a killed process left half must not spoil ours
    files.append(place, b'\n%s\n' % path, modes)


def prune(place: bytes, modes: files.Modes) -> list[bytes]:
    """Drops the paths that are gone; returns those that are left."""
    known = read(place)
    there = [path for path in known if os.path.isdir(path)]
    if there != known:
        text = b''.join(b'%s\n' % path for path in there)
        files.replacewith(place, text, modes)
    return there
