"""Evict blobs from the user's cache; first give a repository what it needs of them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence

from ..hg import endpoint, settings
from ..hg.abort import translated
from ..hg.lfsrepo import LfsRepo
from ..lfs.errors import BlobMissing
from ..lfs.store import eviction
from ..lfs.store.disk import DiskStore
from ..lfs.store.eviction import Entry, Limits
from .maintenance import references
from .maintenance.needs import Needs
from .prune import Pruned


def evict(
    ui,
    lfs: LfsRepo | None,
    limits: Limits,
    delete: bool,
    pace: Callable[[], None] = lambda: None,
) -> Iterator[Pruned]:
    """Evict blobs beyond the limits from the cache of a ui's user; yield each.

    What only the cache has of the blobs that the repository needs is linked into the
    repository's store, and stays. Without ``delete``, nothing changes. ``pace`` is
    called often, and may raise to stop. Yields nothing where there is no cache. Raises
    StateError, StorageError.
    """
    place = settings.read(lfs.ui if lfs else ui).usercache
    if place is None:
        return
    cache = DiskStore(os.path.realpath(place))
    with translated():
        found = eviction.chosen(eviction.entries(cache, pace), limits, time.time())
        if found and lfs is not None:
            found = _unneeded(lfs, found, delete, pace)
        if found and delete:
            cache.prepare_removal()
            found = list(eviction.remove(cache, found, linked=False))
    for entry in found:
        yield Pruned(
            entry.oid, b'', entry.size, entry.status.st_mtime, entry.size, cached=0
        )


def _unneeded(
    lfs: LfsRepo, found: Sequence[Entry], delete: bool, pace: Callable[[], None]
) -> list[Entry]:
    """Return the blobs that the repository does not need, or has; adopt the others."""
    needed = _needed(lfs, pace)
    rest = []
    for entry in found:
        if entry.oid not in needed or lfs.ownstore.has(entry.oid):
            rest.append(entry)
        elif delete:
            with contextlib.suppress(BlobMissing):  # it is damaged
                lfs.store.link_local(entry.oid)
            pace()
    return rest


def _needed(lfs: LfsRepo, pace: Callable[[], None]) -> set[bytes]:
    """Return what a repository needs; if no remote is named, all of its blobs."""
    needs = Needs(lfs, time.time() - lfs.settings.retention, pace)
    needs.update()
    if endpoint.main(lfs.repo).scheme in (None, b'null'):
        history = references.everywhere(lfs.repo)
        return needs.oids | {found.pointer.oid for found in history}
    return needs.oids
