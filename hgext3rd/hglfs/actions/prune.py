"""Remove blobs that are not needed locally, and that the remote has as well.

1. The needed blobs are looked up; see ``needs``. All other blobs are candidates.
2. A blob with random content is stored, and the remote is asked for it. If the remote
   has it, the remote is this store itself under another name, and nothing is removed.
3. The remote is asked for the candidates, in batches, without a lock.
4. The blobs that the remote has are removed, in batches, with all working directories
   and the store locked. Before each batch, the needed blobs are looked up again, and
   kept.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mercurial.i18n import _

from ..hg import progress, remotes
from ..hg.abort import translated
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.blob import DOWNLOAD, BlobRef
from ..lfs.errors import EndpointUnusable, StoreFailed
from ..lfs.remote.api import Holder
from ..lfs.store import eviction
from ..lfs.store.eviction import Entry
from ..lfs.transfer import queue
from .maintenance import references
from .maintenance.needs import Needs

#: The number of blobs that are asked for, and removed, together.
_TOGETHER = 1000
#: The age in seconds from which a blob can go that no changeset refers to: younger ones
#: may belong to changesets that are still on their way.
_SETTLED = 2 * 24 * 3600
#: The hint where nothing can be stored, as on a full disk.
_NEEDSROOM = (
    b'32 bytes are stored to check that the remote is another place; on a full disk,'
    b' remove any file first, or use "hg lfs-prune --cache --all"'
)


@dataclass(frozen=True)
class Terms:
    """What to prune.

    - ``retention``: changesets up to this age in seconds are recent; their blobs are
      kept
    - ``verify``: ask the remote for each blob; without it, only blobs of public
      changesets are removed
    - ``delete``: remove blobs; without it, they are only listed
    - ``young``: remove blobs even if they were stored within the retention time
    - ``count``, ``size``: the maximum number of blobs and of bytes to remove; 0 is no
      limit
    - ``wait``: wait for locks that other processes hold; without it, raise an error
    """

    retention: int
    verify: bool = True
    delete: bool = True
    young: bool = True
    count: int = 0
    size: int = 0
    wait: bool = True


@dataclass(frozen=True)
class Pruned:
    """A blob that was removed, or that would be removed with ``delete``.

    ``path`` is a file with this content, or empty if the history does not refer to the
    blob. ``size`` is in bytes. ``mtime`` is that of the blob's file. ``freed`` is the
    number of bytes freed on the disk: 0 if the file has other hard links. ``cached`` is
    the number of bytes that stay on the disk until the blob is evicted from the user's
    cache.
    """

    oid: bytes
    path: bytes
    size: int
    mtime: float
    freed: int
    cached: int


class Pruning:
    """One run of a prune.

    ``absent`` is the number of blobs that are kept because the remote does not have
    them. ``pace`` is called often during the run, and may raise to stop it.
    """

    def __init__(
        self, lfs: LfsRepo, terms: Terms, pace: Callable[[], None] = lambda: None
    ) -> None:
        self.absent = 0
        self._lfs = lfs
        self._terms = terms
        self._pace = pace
        self._began = time.time()
        self._needs = Needs(lfs, self._began - terms.retention, pace)
        self._paths: dict[bytes, bytes] = {}

    def run(self) -> Iterator[Pruned]:
        """Remove blobs, and yield each; without ``delete``, only yield them.

        Raises Abort, StateError, LockError, StorageError. The blobs that were yielded
        before the error have been removed.
        """
        lfs = self._lfs
        references.checkwhole(lfs.repo)
        with translated():
            holder = remotes.holder(lfs) if self._terms.verify else None
            if self._terms.delete:
                lfs.ownstore.prepare_removal()
        found = self.candidates()
        connected = contextlib.closing(holder.connect()) if holder else None
        with (
            connected or contextlib.nullcontext(),
            lfs.ui.makeprogress(_(b'lfs prune'), _(b'blobs'), len(found)) as bar,
        ):
            if found and holder is not None and self._terms.delete:
                with translated():
                    self._checkother(holder)
            for some in _grouped(found):
                self._pace()
                if holder is not None:
                    with translated():
                        some = self._verified(holder, some)
                yield from self._removed(some)
                bar.increment(len(some))

    def candidates(self) -> list[Entry]:
        """Return the blobs that are not needed, the least recently used first.

        No remote is asked. Raises Abort, StateError, StorageError.
        """
        references.checkwhole(self._lfs.repo)
        with translated():
            self._needs.update()
            return self._unneeded()

    def _unneeded(self) -> list[Entry]:
        terms = self._terms
        entries = eviction.entries(self._lfs.ownstore, self._pace)
        found = [entry for entry in entries if entry.oid not in self._needs.oids]
        if found and terms.young:
            self._paths = _published(self._lfs.repo, {entry.oid for entry in found})
        settled = self._began - max(terms.retention, _SETTLED)
        found = [
            entry
            for entry in found
            if entry.oid in self._paths
            or (terms.verify and entry.status.st_mtime < settled)
        ]
        found.sort(key=lambda entry: (entry.status.st_mtime, entry.oid))
        return list(_bounded(found, terms.count, terms.size))

    def _checkother(self, holder: Holder) -> None:
        """Raise EndpointUnusable if the remote uses this repository's store or cache.

        To find out, a random blob is stored here, and the remote is asked for it. A
        remote that has it is this repository, a share, or a repository with the same
        cache, whatever its URL. It has no copies of its own, so blobs must not be
        removed here.
        """
        store = self._lfs.store
        try:
            oid, size = store.ingest([os.urandom(32)])
        except StoreFailed as exc:  # such as for a full disk
            exc.hint = _NEEDSROOM
            raise
        try:
            known = self._held(holder, [BlobRef(oid, size, b'probe')])
        finally:
            for one in (store.own, store.cache):
                if one is not None:
                    one.remove(oid)
        if known:
            raise EndpointUnusable(
                b'%s has the store or the cache of this repository, and is no other'
                b' place' % words.shown(holder.name),
                hint=b'name another: "hg lfs-prune --config paths.default=URL"',
            )

    def _verified(self, holder: Holder, some: Sequence[Entry]) -> list[Entry]:
        """Return the blobs that the remote has; count the other blobs in ``absent``."""
        refs = [
            BlobRef(entry.oid, entry.size, self._paths.get(entry.oid, b'unknown'))
            for entry in some
        ]
        there = self._held(holder, refs)
        self.absent += len(refs) - len(there)
        return [entry for entry in some if entry.oid in there]

    def _held(self, holder: Holder, refs: Sequence[BlobRef]) -> set[bytes]:
        """Ask the remote for blobs; return the oids of the blobs that it has."""
        there: set[bytes] = set()
        retry = remotes.policy(self._lfs).retry
        meter = progress.QuietMeter(self._lfs.ui, DOWNLOAD)
        for held in queue.held(holder, refs, retry, meter):
            there |= held.oids
            self._pace()
        return there

    def _removed(self, some: Sequence[Entry]) -> list[Pruned]:
        """Remove blobs, with all working directories locked; return the removed blobs.

        A blob is kept if it is needed now, or was stored again since it was found.
        Without ``delete``, removes nothing and returns all blobs.
        """
        if not self._terms.delete:
            return [self._described(entry, False) for entry in some]
        locked = self._needs.workdirs.locked(self._terms.wait)
        with translated(), locked:
            self._needs.update()
            some = [entry for entry in some if entry.oid not in self._needs.oids]
            gone = list(eviction.remove(self._lfs.ownstore, some))
        return [self._described(entry, True) for entry in gone]

    def _described(self, entry: Entry, removed: bool) -> Pruned:
        return Pruned(
            entry.oid,
            self._paths.get(entry.oid, b''),
            entry.size,
            entry.status.st_mtime,
            entry.size if entry.alone else 0,
            eviction.left(self._lfs.store.cache, entry, removed),
        )


def estimate(lfs: LfsRepo) -> list[Entry]:
    """Return the blobs that a prune would remove if the remote has all of them.

    No remote is asked. Raises Abort, StateError, StorageError.
    """
    return Pruning(lfs, Terms(lfs.settings.retention)).candidates()


def _published(repo, oids: set[bytes]) -> dict[bytes, bytes]:
    """Return the oids that public changesets introduced, each with one path."""
    own = set(repo.unfiltered().revs(b'all() - public()'))
    return {
        found.pointer.oid: found.path
        for found in references.everywhere(repo)
        if found.pointer.oid in oids and found.linkrev not in own
    }


def _bounded(found: Iterable[Entry], count: int, size: int) -> Iterator[Entry]:
    """Yield entries, up to a number of them and of bytes; 0 is no limit."""
    total = 0
    for number, entry in enumerate(found, 1):
        total += entry.size
        if (count and number > count) or (size and total > size):
            return
        yield entry


def _grouped(found: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    rest = iter(found)
    while some := list(itertools.islice(rest, _TOGETHER)):
        yield some
