"""What keeps a blob from being removed: its age, lists, shares, and a lock.

A blob's age is its file's, by the time of its last change. Before a sender is asked to
leave out a blob that is there already, the blob is made new (``BlobStore.touch``).

Lists name blobs that are to be kept although no history names them. Format: a folder
of files, each with an oid a line; ``#`` begins a comment. Anything may put one there,
under a name of its own, by renaming it into place.

A file names the repositories that share the store, so that what they need is kept.
Format: paths of ``.hg`` folders, one a line. A path stays until it is removed by
``forget_shares``: one that can't be reached may come back, and its shelves with it.

The lock is on a file beside the folders of the blobs. It is held exclusively while a
blob is removed, and shared while one is put into its place or made new. The file is
made before the first removal: in a store that was never cleaned, the lock costs an
attempt to open it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import StoreFailed
from ..oid import isoid
from . import files

_LOCK = b'guard'
#: The longest list that is read, in bytes: about a million object ids.
_LONGESTLIST = 64 << 20
#: The longest file of shares that is read, in bytes.
_LONGESTSHARES = 16 << 20
#: The longest path in a share's own file, in bytes.
_LONGESTPATH = 64 << 10
#: Where a share names the repository that it belongs to; the second is what
#: ``hg unshare`` leaves, beside shelves that were made before.
_POINTERS = (b'sharedpath', b'sharedpath.old')


@contextlib.contextmanager
def hold_blobs(root: bytes) -> Iterator[None]:
    """Hold a shared lock: no blob is removed while it is held.

    Raises StoreFailed where the file system has no locks.
    """
    try:
        handle = os.open(_lock(root), os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with files.locked(handle, _lock(root), shared=True):
            yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def removing(root: bytes, modes: files.Modes) -> Iterator[None]:
    """Hold the lock exclusively, to remove blobs; to be held for a short time.

    No blob is put in or made new while it is held. Raises OSError, StoreFailed.
    """
    opened = files.openkept(_lock(root), modes)
    with opened as handle, files.locked(handle.fileno(), _lock(root)):
        yield


def prepare_removal(root: bytes, modes: files.Modes) -> None:
    """Make the lock's file, well before any blob is removed.

    Raises StoreFailed where the file system has no locks: nothing is safe there.
    """
    files.makefolders(root, modes)
    try:
        with removing(root, modes):
            pass
    except (OSError, StoreFailed):
        files.discard(_lock(root))
        raise


def _lock(root: bytes) -> bytes:
    return os.path.join(root, _LOCK)


@dataclass(frozen=True)
class Stale:
    """A blob that is old: its size in bytes, and when its file last changed."""

    oid: bytes
    size: int
    mtime: float


def stale(
    entries: Iterable[tuple[bytes, os.stat_result]], before: float
) -> Iterator[Stale]:
    """Yield those blobs of a store's ``entries`` that are older than a time."""
    for oid, status in entries:
        if status.st_mtime < before:
            yield Stale(oid, status.st_size, status.st_mtime)


def read_lists(folder: bytes) -> set[bytes]:
    """Return the oids that lists name; raise StoreFailed for what can't be read."""
    try:
        names = os.listdir(folder)
    except OSError as exc:
        if isinstance(exc, FileNotFoundError) and files.isabsent(folder):
            return set()
        raise _unreadable(folder, exc) from exc
    return {oid for name in sorted(names) for oid in _oids(os.path.join(folder, name))}


def _oids(path: bytes) -> list[bytes]:
    try:
        text = files.readbounded(path, _LONGESTLIST)
    except OSError as exc:
        if isinstance(exc, FileNotFoundError) and files.isabsent(path):
            return []
        raise _unreadable(path, exc) from exc
    lines = [line.partition(b'#')[0].strip() for line in text.split(b'\n')]
    for number, line in enumerate(lines, 1):
        if line and not isoid(line):
            raise StoreFailed(
                b'%s:%d: not an object id' % (path, number),
                hint=b'each line names a blob that is to be kept',
            )
    return [line for line in lines if line]


def _unreadable(path: bytes, exc: OSError) -> StoreFailed:
    return StoreFailed(b'cannot read %s: %s' % (path, files.reason(exc)))


def read_shares(place: bytes) -> list[bytes]:
    """Return the registered paths; raise StoreFailed for an unreadable file."""
    try:
        return _paths(files.readbounded(place, _LONGESTSHARES))
    except OSError as exc:
        if isinstance(exc, FileNotFoundError) and files.isabsent(place):
            return []
        raise StoreFailed(
            b'cannot read %s: %s' % (place, files.reason(exc)),
            hint=b'it names the shares whose bundles keep blobs: make it readable',
        ) from exc


def register_share(place: bytes, path: bytes, modes: files.Modes) -> None:
    """Add a path where it is missing; raise StoreFailed or OSError.

    A path with a newline can't be written down, and is left out.
    """
    if b'\n' in path:
        return
    # a second time where ``forget_shares`` replaced the file in between
    for _attempt in range(2):
        if path in read_shares(place):
            return
        files.makefolders(os.path.dirname(place), modes)
        # a line that a killed process left half must not spoil ours
        files.append(place, b'\n%s\n' % path, modes)


def forget_shares(place: bytes, paths: list[bytes], modes: files.Modes) -> None:
    """Remove paths; what is registered at the same time stays."""
    with open(place, 'rb', buffering=0) as handle:
        left = [path for path in _paths(handle.read()) if path not in paths]
        files.replacewith(place, b''.join(b'%s\n' % path for path in left), modes)
        for path in _paths(handle.read()):  # written to the old file since
            register_share(place, path, modes)


def check_share(path: bytes, source: bytes) -> bytes | None:
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
