"""Evict blobs from the user's cache, after linking needed ones into the repository."""

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
    """Evict blobs beyond the limits from the user's cache; yield each.

    A blob that the repository needs, and has only in the cache, is linked into the
    repository's own store and is not evicted. Without ``delete``, nothing changes, and
    the blobs that would be evicted are yielded. ``pace`` is called often, and may raise
    to stop. Yields nothing if the user has no cache. Raises StateError, StorageError.
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
    """Return the cached blobs that can be evicted; link the others into the store.

    A blob can be evicted if the repository does not need it, or already has it in its
    own store. Without ``delete``, nothing is linked.
    """
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
    """Return the oids of the blobs that the repository needs locally; see ``needs``.

    Without a remote, these are all oids in the history, as none can be fetched again.
    """
    needs = Needs(lfs, time.time() - lfs.settings.retention, pace)
    needs.update()
    if endpoint.main(lfs.repo).scheme in (None, b'null'):
        history = references.everywhere(lfs.repo)
        return needs.oids | {found.pointer.oid for found in history}
    return needs.oids
