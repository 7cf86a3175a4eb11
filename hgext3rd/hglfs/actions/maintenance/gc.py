"""Remove unreferenced blobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from mercurial.i18n import _

from ...hg import bars
from ...hg.abort import translated
from ...hg.lfsrepo import LfsRepo
from ...lfs.store.retention import Stale, stale
from . import references, shares


@dataclass
class Unreferenced:
    """The blobs that may be removed: candidates without a known reference.

    Each call of ``update`` searches for references, and removes the referenced blobs
    from ``left``. A further call only searches what is new since the previous call.
    """

    lfs: LfsRepo
    left: dict[bytes, Stale]
    _tip: tuple[int, bytes] | None = None

    def __post_init__(self) -> None:
        self._outside = references.Outside(self.lfs)

    def update(self) -> None:
        """Remove the blobs that are referenced now from ``left``."""
        self._lookintohistory()
        for oid in self._outside.update():
            self.left.pop(oid, None)

    def _lookintohistory(self) -> None:
        repo = self.lfs.repo.unfiltered()
        known, self._tip = self._tip, _tip(repo)
        if known is None or not _follows(repo, known):
            found = references.everywhere(repo)
        else:
            found = references.since(repo, known[0])
        for reference in found:
            self.left.pop(reference.pointer.oid, None)


def collect(lfs: LfsRepo, grace: int, delete: bool) -> Iterator[Stale]:
    """Yield the unreferenced blobs of the repository's own store.

    Only blobs older than ``grace`` seconds are considered. With ``delete``, each is
    removed before it is yielded, unless it was stored or touched during the search.
    Raises StateError if a registered share cannot be read, even if there is nothing to
    remove.
    """
    references.checkwhole(lfs.repo)
    shares.folders(lfs)
    before = time.time() - grace
    store = lfs.ownstore
    with translated():
        if delete:
            store.prepare_removal()
        topic, unit = _(b'lfs objects'), _(b'objects')
        entries = bars.counted(lfs.ui, topic, unit, store.entries())
        old = {blob.oid: blob for blob in stale(entries, before)}
        search = Unreferenced(lfs, old)
        if search.left:
            search.update()
    if not delete or not search.left:
        yield from search.left.values()
        return
    # the lock keeps out new changesets, which could refer to a candidate
    with lfs.repo.lock(), translated():
        search.update()
        topic, unit, found = _(b'lfs removing'), _(b'objects'), search.left
        left = bars.counted(lfs.ui, topic, unit, found.values(), len(found), _oidof)
        for blob in left:
            if store.expire(blob.oid, before):
                yield blob


def _oidof(blob: Stale) -> bytes:
    return blob.oid


def _tip(repo) -> tuple[int, bytes]:
    changelog = repo.changelog
    return len(changelog), changelog.node(len(changelog) - 1)


def _follows(repo, known: tuple[int, bytes]) -> bool:
    """Return whether new references can only be in changesets added since ``known``.

    ``known`` is the number of changesets at the previous search, and the node of the
    last of them. Returns False if changesets were stripped since then. Also returns
    False in a narrow repository, where ``hg tracked`` adds histories of files without
    new changesets.
    """
    count, tip = known
    if references.isnarrow(repo) or not count:
        return False
    return len(repo.changelog) >= count and repo.changelog.node(count - 1) == tip
