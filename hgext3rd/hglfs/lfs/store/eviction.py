"""Remove blobs that are available elsewhere, and evict old ones from a user's cache.

A blob that is in the cache and in a repository is one file with two links, so the cache
takes no additional space for it. Only files with a single link are evicted: removing
others would free nothing. The space of a file counts in the cache when no repository
has a link to it any more.

The time of a blob's last use is the modification time of its file. It is set when the
blob is stored, and, at most once a day, when the blob is linked into a repository or a
push asks for it (see ``DiskStore.touch``). So the time of the last use is known to the
day. Blobs that were used within a day are kept, because a running command may need
them.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from . import files, retention
from .disk import DiskStore

#: The age in seconds below which blobs are not evicted by age or size.
GRACE = 24 * 3600


@dataclass(frozen=True)
class Entry:
    """A blob in a store, with the status of its file when it was found."""

    oid: bytes
    status: os.stat_result

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self.status.st_size

    @property
    def alone(self) -> bool:
        """Whether the file has no other name, so that removing it frees its space."""
        return self.status.st_nlink == 1


@dataclass(frozen=True)
class Limits:
    """The limits of a cache: an age in seconds and a size in bytes; None for no limit.

    With ``nothing``, all blobs with a single link are evicted, whatever their age.
    """

    age: int | None = None
    size: int | None = None
    nothing: bool = False


def chosen(entries: Iterable[Entry], limits: Limits, now: float) -> list[Entry]:
    """Return the blobs to evict, the least recently used first.

    ``now`` is the time in seconds.
    """
    alone = [entry for entry in entries if entry.alone]
    alone.sort(key=lambda entry: (entry.status.st_mtime, entry.oid))
    if limits.nothing:
        return alone
    found = []
    total = sum(entry.size for entry in alone)
    for entry in alone:
        age = now - entry.status.st_mtime
        tooold = limits.age is not None and age > limits.age
        toomuch = limits.size is not None and total > limits.size
        if age <= GRACE or not (tooold or toomuch):
            break  # the others are younger, and the total does not change any more
        total -= entry.size
        found.append(entry)
    return found


def entries(store: DiskStore, pace: Callable[[], None] = lambda: None) -> list[Entry]:
    """Return all blobs of a store.

    ``pace`` is called for each blob; it may block, to limit the load, or raise to stop.
    """
    found = []
    for oid, status in store.entries():
        pace()
        found.append(Entry(oid, status))
    return found


def remove(
    store: DiskStore, some: Sequence[Entry], linked: bool = True
) -> Iterator[Entry]:
    """Remove blobs, unless their files were replaced or used since they were found.

    Without ``linked``, files that now have more than one link stay. Yields each removed
    blob, with its status just before. The lock for removals is held until the iterator
    ends, and blocks processes that store blobs. The caller MUST have called
    ``prepare_removal`` of the store. Raises StoreFailed.
    """
    try:
        with retention.removing(store.root, store.modes):
            for entry in some:
                status = _unchanged(store.path(entry.oid), entry.status)
                if status is None or not (linked or status.st_nlink == 1):
                    continue
                files.discard(store.path(entry.oid))
                yield Entry(entry.oid, status)
    except OSError as exc:
        raise store.failed(b'remove', None, exc) from exc


def _unchanged(path: bytes, before: os.stat_result) -> os.stat_result | None:
    """Return a file's status; None if it is gone, was replaced, or was touched."""
    try:
        now = os.stat(path)
    except FileNotFoundError:
        return None
    same = os.path.samestat(now, before) and now.st_mtime_ns == before.st_mtime_ns
    return now if same else None


def left(cache: DiskStore | None, entry: Entry, removed: bool) -> int:
    """Return how many bytes of a repository's blob are left in the cache only.

    That is the size of the blob if no other repository links to its file in the cache,
    else 0. Evicting the blob from the cache frees these bytes. ``entry`` is the blob in
    the repository's store; ``removed`` is whether it has been removed there. If it has
    not, the result is for the time after its removal.
    """
    status = None
    if cache is not None:
        with contextlib.suppress(OSError):
            status = os.stat(cache.path(entry.oid))
    if status is None:
        return 0
    links = status.st_nlink
    if not removed and os.path.samestat(status, entry.status):
        links -= 1
    return status.st_size if links == 1 else 0
