"""Every kind of store, with access to its internals for tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from hgext3rd.hglfs.lfs.store.api import LocalStore
from hgext3rd.hglfs.lfs.store.cached import CachedStore
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.files import UNSEEN

from .blobs import Notes
from .memory import MemoryStore


@dataclass(frozen=True)
class Kit:
    """A store, a way to ``spoil`` a blob in it, and its files (``trace``)."""

    store: LocalStore
    spoil: Callable[[bytes, bytes], None]
    trace: Callable[[], object]
    ondisk: bool = True


def disk(folder: bytes) -> Kit:
    store = DiskStore(os.path.join(folder, b'objects'))
    return Kit(store, _ondisk(store), lambda: files(folder))


def cached(folder: bytes) -> Kit:
    own = DiskStore(os.path.join(folder, b'own'))
    cache = DiskStore(os.path.join(folder, b'cache'))
    return Kit(CachedStore(own, cache, Notes()), _ondisk(own), lambda: files(folder))


def uncached(folder: bytes) -> Kit:
    own = DiskStore(os.path.join(folder, b'own'))
    return Kit(CachedStore(own, None, Notes()), _ondisk(own), lambda: files(folder))


def memory(folder: bytes) -> Kit:
    store = MemoryStore()
    return Kit(store, store.blobs.__setitem__, lambda: dict(store.blobs), False)


KINDS = (disk, cached, uncached, memory)


def files(folder: bytes) -> list[bytes]:
    """Return the paths of all files below a folder."""
    return sorted(
        os.path.join(place, name)
        for place, _folders, names in os.walk(folder)
        for name in names
    )


def overwrite(path: bytes, content: bytes) -> None:
    with open(path, 'r+b') as handle:
        handle.truncate()
        handle.write(content)


def _ondisk(store: DiskStore) -> Callable[[bytes, bytes], None]:
    return lambda oid, content: overwrite(store.path(oid), content)


def leftovers(folder: bytes) -> list[bytes]:
    """Return the temporary files that are left."""
    return [path for path in files(folder) if UNSEEN in path]
