"""Compute statistics of a repository's own store, and of its growth."""

from __future__ import annotations

import collections
import heapq
import time
from dataclasses import dataclass, field

from mercurial.i18n import _

from ...hg import bars
from ...hg.lfsrepo import LfsRepo
from .. import usage
from ..usage import Amount
from . import references


@dataclass(frozen=True)
class Biggest:
    """One of the largest blobs in the store.

    ``size`` is in bytes. ``path`` is a file with this content; it is empty if no
    revision refers to the blob.
    """

    size: int
    oid: bytes
    path: bytes


@dataclass
class Stats:
    """The statistics of a store; its blobs are called objects here.

    ``held`` counts the objects in the store, ``partial`` the incomplete blobs, and
    ``quarantined`` the damaged copies.
    """

    held: Amount = field(default_factory=Amount)
    #: objects whose file has other hard links, most likely in the cache
    linked: Amount = field(default_factory=Amount)
    #: objects that no revision refers to
    unreferenced: Amount = field(default_factory=Amount)
    #: objects that revisions refer to, but that are not in the store
    absent: Amount = field(default_factory=Amount)
    partial: Amount = field(default_factory=Amount)
    quarantined: Amount = field(default_factory=Amount)
    largest: list[Biggest] = field(default_factory=list)
    #: objects by the month of their first commit, as ``YYYY-MM`` in UTC
    months: dict[bytes, Amount] = field(default_factory=dict)


def gather(lfs: LfsRepo, largest: int) -> Stats:
    """Compute the statistics of a store.

    ``largest`` is the number of blobs to list as the largest.
    """
    stats, sizes, store = Stats(), {}, lfs.ownstore
    entries = bars.counted(lfs.ui, _(b'lfs objects'), _(b'objects'), store.entries())
    for oid, status in entries:
        sizes[oid] = status.st_size
        stats.held.add(status.st_size)
        if status.st_nlink > 1:
            stats.linked.add(status.st_size)
    first = _firstuses(lfs, stats, sizes)
    stats.partial = usage.total(usage.unfinished(store))
    stats.quarantined = usage.total(lfs.quarantine.statuses())
    _grow(lfs, stats, sizes, first)
    for size, oid in heapq.nlargest(largest, ((sizes[oid], oid) for oid in sizes)):
        path = first[oid].path if oid in first else b''
        stats.largest.append(Biggest(size, oid, path))
    return stats


def _firstuses(
    lfs: LfsRepo, stats: Stats, sizes: dict[bytes, int]
) -> dict[bytes, references.Reference]:
    """Return the first file revision that refers to each blob in the store, by oid.

    ``sizes`` has the sizes of these blobs. Blobs that are missing or unreferenced are
    counted in ``stats``.
    """
    first: dict[bytes, references.Reference] = {}
    absent: dict[bytes, int] = {}
    for reference in references.everywhere(lfs.repo):
        oid = reference.pointer.oid
        if oid not in sizes:
            absent[oid] = reference.pointer.size
        elif oid not in first or reference.linkrev < first[oid].linkrev:
            first[oid] = reference
    for size in absent.values():
        stats.absent.add(size)
    for oid in sizes.keys() - first.keys():
        stats.unreferenced.add(sizes[oid])
    return first


def _grow(
    lfs: LfsRepo,
    stats: Stats,
    sizes: dict[bytes, int],
    first: dict[bytes, references.Reference],
) -> None:
    changelog = lfs.repo.unfiltered().changelog
    months: dict[bytes, Amount] = collections.defaultdict(Amount)
    topic, unit, uses = _(b'lfs growth'), _(b'objects'), first.items()
    for oid, reference in bars.counted(lfs.ui, topic, unit, uses, len(uses)):
        when = changelog.changelogrevision(reference.linkrev).date[0]
        month = time.strftime('%Y-%m', time.gmtime(when)).encode('ascii')
        months[month].add(sizes[oid])
    stats.months = dict(sorted(months.items()))
