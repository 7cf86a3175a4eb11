"""Keeps apart those who say that a blob is there and those who take it away.

Whoever takes blobs away holds a lock on a file beside the folders of the blobs; so
does, shared, whoever puts one into its place or answers for it. The file is made by
the first who takes away: a store that nobody ever cleaned pays for a look.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from ..errors import StoreFailed
from . import files

_NAME = b'guard'


@contextlib.contextmanager
def shared(root: bytes) -> Iterator[None]:
    """Has nothing taken away meanwhile; many may hold it."""
    try:
        handle = os.open(_path(root), os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with files.locked(handle, _path(root), shared=True):
            yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def exclusive(root: bytes, modes: files.Modes) -> Iterator[None]:
    """Has nobody put in or answer for anything meanwhile; to be held shortly."""
    opened = files.openkept(_path(root), modes)
    with opened as handle, files.locked(handle.fileno(), _path(root)):
        yield


def prepare(root: bytes, modes: files.Modes) -> None:
    """Makes the file, well before anything is taken away.

    Raises StoreFailed where the file system has no locks: nothing is safe there.
    """
    files.makefolders(root, modes)
    try:
        with exclusive(root, modes):
            pass
    except (OSError, StoreFailed):
        files.discard(_path(root))
        raise


def _path(root: bytes) -> bytes:
    return os.path.join(root, _NAME)
