"""Add up the sizes of large files: on the disk, and in the history.

The sizes are those of files on the disk and those in pointers. No content is read.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mercurial import error, logcmdutil, scmutil
from mercurial.i18n import _

from ..hg import lfsrepo
from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef
from ..lfs.store import segments
from ..lfs.store.disk import DiskStore
from ..lfs.store.eviction import Entry
from . import scan

#: How the files of a history are grouped.
EXTENSION, FOLDER = b'extension', b'folder'
#: The folder of clone bundles that are being downloaded, in the user's cache.
_DOWNLOADS = b'bundles'


@dataclass
class Amount:
    """A number of objects, such as files or blobs, and their total size in bytes."""

    objects: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        """Add an object of ``size`` bytes."""
        self.objects += 1
        self.bytes += size


def total(statuses: Iterable[os.stat_result]) -> Amount:
    """Return the number and the total size of files, from their statuses."""
    amount = Amount()
    for status in statuses:
        amount.add(status.st_size)
    return amount


def unfinished(store: DiskStore) -> Iterator[os.stat_result]:
    """Yield the status of each incomplete blob in a store."""
    for path, status in store.unfinished():
        if not path.endswith(segments.MAP):
            yield status


# on the disk


@dataclass(frozen=True)
class Artifacts:
    """The clone bundles and packs of a repository.

    ``bundles`` and ``packs`` are the oids of the bundles and packs that are in the
    store. ``folders`` are the folders with all other files of clone bundles.
    """

    bundles: frozenset[bytes] = frozenset()
    packs: frozenset[bytes] = frozenset()
    folders: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Place:
    """A place on the disk, such as the store, with the amount of files in it.

    ``within`` is the name of the place that contains this one, or empty.
    """

    name: bytes
    amount: Amount
    path: bytes = b''
    within: bytes = b''


class _Census:
    """Count files on the disk; count a file with several hard links once."""

    def __init__(self) -> None:
        self.amount = Amount()
        self._links: set[tuple[int, int]] = set()

    def isnew(self, status: os.stat_result) -> bool:
        """Count a file; return False if another hard link to it was counted before."""
        # other files cannot be met again: their numbers take no memory
        if status.st_nlink > 1:
            number = status.st_dev, status.st_ino
            if number in self._links:
                return False
            self._links.add(number)
        self.amount.add(status.st_size)
        return True

    def passing(self, statuses: Iterable[os.stat_result]) -> Iterator[os.stat_result]:
        """Yield each ``stat_result`` as it is, and count its file."""
        for status in statuses:
            self.isnew(status)
            yield status


def places(
    lfs: LfsRepo, artifacts: Artifacts, prunable: Sequence[Entry] | None = None
) -> list[Place]:
    """Return the places on the disk; the last one is the total, named ``disk``.

    ``prunable`` are the blobs that a prune would remove. If it is None, the result has
    no place for them.
    """
    own, cache = lfs.ownstore, lfs.store.cache
    census = _Census()
    found = _ofstore(own, artifacts, census)
    found += _ofprunable(prunable) if prunable is not None else []
    found += _ofcache(cache, census) if cache is not None else []
    incomplete = [
        status
        for store in (own, cache)
        if store is not None
        for status in census.passing(unfinished(store))
    ]
    damaged = census.passing(lfs.quarantine.statuses())
    folders = [*artifacts.folders]
    if cache is not None:
        folders.append(os.path.join(cache.root, _DOWNLOADS))
    elsewhere = census.passing(status for path in folders for status in _files(path))
    return [
        *found,
        Place(b'unfinished', total(incomplete)),
        Place(b'quarantine', total(damaged), lfs.quarantine.folder),
        Place(b'bundlefiles', total(elsewhere)),
        Place(b'disk', census.amount),
    ]


def _ofstore(store: DiskStore, artifacts: Artifacts, census: _Census) -> list[Place]:
    held, bundles, packs = Amount(), Amount(), Amount()
    for oid, status in store.entries():
        census.isnew(status)
        held.add(status.st_size)
        if oid in artifacts.bundles:
            bundles.add(status.st_size)
        elif oid in artifacts.packs:
            packs.add(status.st_size)
    return [
        Place(b'store', held, store.root),
        Place(b'bundles', bundles, within=b'store'),
        Place(b'packs', packs, within=b'store'),
    ]


def _ofcache(cache: DiskStore, census: _Census) -> list[Place]:
    held, linked, alone = Amount(), Amount(), Amount()
    for _oid, status in cache.entries():
        held.add(status.st_size)
        if not census.isnew(status):
            linked.add(status.st_size)
        elif status.st_nlink == 1:
            alone.add(status.st_size)
    return [
        Place(b'cache', held, cache.root),
        Place(b'linked', linked, within=b'cache'),
        Place(b'cacheonly', alone, within=b'cache'),
    ]


def _ofprunable(prunable: Sequence[Entry]) -> list[Place]:
    """Return the places ``prunable`` and ``prunablelinked``, for blobs to prune.

    The second place is for blobs that are also in the cache: their space becomes free
    only when they are evicted from the cache, too.
    """
    held, linked = Amount(), Amount()
    for entry in prunable:
        held.add(entry.size)
        if not entry.alone:
            linked.add(entry.size)
    return [
        Place(b'prunable', held, within=b'store'),
        Place(b'prunablelinked', linked, within=b'prunable'),
    ]


def _files(folder: bytes) -> Iterator[os.stat_result]:
    """Yield the status of each file in a folder, and in the folders below."""
    for parent, _folders, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(parent, name))
            except OSError:  # removed since it was listed
                continue


# in history


@dataclass
class Group:
    """The large files with one extension, or below one folder, and their blobs.

    ``name`` is the extension or the folder. ``revisions`` counts the large revisions,
    ``blobs`` their blobs, and ``here`` the blobs in the store or in the cache.
    ``paths`` are the files.
    """

    name: bytes
    revisions: int = 0
    blobs: Amount = field(default_factory=Amount)
    here: Amount = field(default_factory=Amount)
    paths: set[bytes] = field(default_factory=set)


def groups(
    repo, by: bytes, depth: int, revs: Sequence[bytes], patterns: Sequence[bytes]
) -> list[Group]:
    """Return the groups of large files, the largest total size of blobs first.

    ``by`` is the kind of groups: extensions, or folders of ``depth`` names. By default,
    the files of the working directory's parent are counted; with ``revs``, the
    revisions that these changesets introduce. A blob counts once, in the group of the
    first file that has it.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return []
    name: Callable[[bytes], bytes] = extensionof
    if by == FOLDER:
        name = functools.partial(folderof, depth=depth)
    found: dict[bytes, Group] = {}
    counted: set[bytes] = set()
    for ref in _references(lfs, repo, revs, patterns):
        key = name(ref.path)
        group = found.setdefault(key, Group(key))
        group.revisions += 1
        group.paths.add(ref.path)
        raw = bytes.fromhex(ref.oid.decode('ascii'))
        if raw not in counted:
            counted.add(raw)
            group.blobs.add(ref.size)
            if _ishere(lfs, ref.oid):
                group.here.add(ref.size)
    return sorted(found.values(), key=lambda group: (-group.blobs.bytes, group.name))


def extensionof(path: bytes) -> bytes:
    """Return the extension of a file with its dot, or an empty string."""
    return os.path.splitext(path.rpartition(b'/')[2])[1]


def folderof(path: bytes, depth: int) -> bytes:
    """Return the folder of a file, cut to ``depth`` names; empty for the root."""
    return b'/'.join(path.split(b'/')[:-1][:depth])


def _references(
    lfs: LfsRepo, repo, revs: Sequence[bytes], patterns: Sequence[bytes]
) -> Iterator[BlobRef]:
    match = scmutil.match(repo[b'.'], patterns)
    if not revs:
        yield from scan.ofmatches(lfs, [(repo[b'.'], match)])
        return
    wanted = logcmdutil.revrange(repo, revs)
    with repo.ui.makeprogress(
        _(b'lfs search'), _(b'changesets'), len(wanted)
    ) as progress:
        for rev in wanted:
            for path, pointer in sorted(scan.ofchangeset(repo[rev]).items()):
                if match(path):
                    yield BlobRef(pointer.oid, pointer.size, path)
            progress.increment()


def _ishere(lfs: LfsRepo, oid: bytes) -> bool:
    # the store itself would verify a blob of the cache
    return lfs.ownstore.has(oid) or (
        lfs.store.cache is not None and lfs.store.cache.has(oid)
    )


def checkdepth(by: bytes, depth: int) -> None:
    """Raise InputError for an invalid depth of folders; 0 is the default."""
    if depth < 0:
        raise error.InputError(_(b'--depth must be positive'))
    if depth and by == EXTENSION:
        raise error.InputError(_(b'--depth cannot be used with --by extension'))
