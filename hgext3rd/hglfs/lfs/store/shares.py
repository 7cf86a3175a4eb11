"""The repositories that share a store, so that what they need is kept.

Format: paths of ``.hg`` folders, one a line. A path stays until it is removed by
``forget``: one that can't be reached may come back, and its shelves with it.
"""

from __future__ import annotations

import contextlib
import os

from ..errors import StoreFailed
from . import files

#: The longest file that is read, in bytes.
_LONGEST = 16 << 20
#: The longest path in a share's own file, in bytes.
_LONGESTPATH = 64 << 10
#: Where a share names the repository that it belongs to; the second is what
#: ``hg unshare`` leaves, beside shelves that were made before.
_POINTERS = (b'sharedpath', b'sharedpath.old')


def read(place: bytes) -> list[bytes]:
    """Return the registered paths; raise StoreFailed for an unreadable file."""
    try:
        return _paths(files.readbounded(place, _LONGEST))
    except OSError as exc:
        if isinstance(exc, FileNotFoundError) and files.isabsent(place):
            return []
        raise StoreFailed(
            b'cannot read %s: %s' % (place, files.reason(exc)),
            hint=b'it names the shares whose bundles keep blobs: make it readable',
        ) from exc


def register(place: bytes, path: bytes, modes: files.Modes) -> None:
    """Add a path where it is missing; raise StoreFailed or OSError.

    A path with a newline can't be written down, and is left out.
    """
    if b'\n' in path:
        return
    # a second time where ``forget`` replaced the file in between
    for _attempt in range(2):
        if path in read(place):
            return
        files.makefolders(os.path.dirname(place), modes)
        # a line that a killed process left half must not spoil ours
        files.append(place, b'\n%s\n' % path, modes)


def forget(place: bytes, paths: list[bytes], modes: files.Modes) -> None:
    """Remove paths; what is registered at the same time stays."""
    with open(place, 'rb', buffering=0) as handle:
        left = [path for path in _paths(handle.read()) if path not in paths]
        files.replacewith(place, b''.join(b'%s\n' % path for path in left), modes)
        for path in _paths(handle.read()):  # written to the old file since
            register(place, path, modes)


def whynot(path: bytes, source: bytes) -> bytes | None:
    """Return why a path isn't a readable share of a ``.hg`` folder; None if it is."""
    try:
        os.listdir(path)
        target = _target(path)
    except (OSError, ValueError) as exc:
        return files.reason(exc)
    if target is None:
        return b'it is another repository now'
    with contextlib.suppress(OSError, ValueError):
        if os.path.samefile(target, source):
            return None
    # not of which: what the file has may be the words of any other file
    return b'it is a share of another repository now'


def _target(path: bytes) -> bytes | None:
    """Return the ``.hg`` folder that a share names, or None for no share."""
    for name in _POINTERS:
        with contextlib.suppress(FileNotFoundError):
            text = files.readbounded(os.path.join(path, name), _LONGESTPATH)
            return os.path.normpath(os.path.join(path, text.rstrip(b'\n')))
    return None


def _paths(text: bytes) -> list[bytes]:
    return list(dict.fromkeys(line for line in text.split(b'\n') if line))
