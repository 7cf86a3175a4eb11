"""What protects blobs from removal: their age, lists of oids, shares, and a lock.

The age of a blob is that of its file, by modification time. It is reset before a sender
is asked to skip a blob that is present (``BlobStore.touch``).

Lists protect blobs that history does not refer to. Format: a directory of files with
one oid on each line; ``#`` begins a comment. Any program may add a file with a unique
name, by renaming it into place.

The registry of shares is a file with the repositories that share the store, so that
blobs which only a share refers to, as in its shelves, are kept. Format: paths of
``.hg`` directories, one on each line. A path stays until ``forget_shares`` removes it,
because a share that is unreachable now may become reachable again.

The lock is on a file next to the directories of the blobs. It is held exclusively for
the removal of a blob, and shared while a blob is stored or its age is reset. The first
removal creates the file: in a store that was never cleaned up, the lock only costs an
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
#: The maximum size of a list in bytes: about a million oids.
_LONGESTLIST = 64 << 20
#: The maximum size of the registry of shares, in bytes.
_LONGESTSHARES = 16 << 20
#: The maximum length of a path in a share's ``sharedpath``, in bytes.
_LONGESTPATH = 64 << 10
#: The files in which a share names its source; ``hg unshare`` renames the first to the
#: second, and keeps shelves from before.
_POINTERS = (b'sharedpath', b'sharedpath.old')


@contextlib.contextmanager
def hold_blobs(root: bytes) -> Iterator[None]:
    """Hold a shared lock: no blob is removed while it is held.

    Raises StoreFailed if the file system does not support locks.
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
    """Hold the lock exclusively, to remove blobs; hold it for a short time only.

    While it is held, processes wait to store a blob or to reset an age. Raises OSError,
    StoreFailed.
    """
    opened = files.openkept(_lock(root), modes)
    with opened as handle, files.locked(handle.fileno(), _lock(root)):
        yield


def prepare_removal(root: bytes, modes: files.Modes) -> None:
    """Create the lock's file, well before a blob is removed.

    A process that began to store a blob before the file existed does not hold the lock.
    The caller MUST NOT remove blobs until all such processes have ended. Raises
    OSError, and StoreFailed if the file system does not support locks, because removal
    would be unsafe.
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
    """An expired blob: its size in bytes, and the modification time of its file."""

    oid: bytes
    size: int
    mtime: float


def stale(
    entries: Iterable[tuple[bytes, os.stat_result]], before: float
) -> Iterator[Stale]:
    """Yield the blobs of a store's ``entries`` that are older than a time.

    ``before`` is that time, in seconds since the epoch.
    """
    for oid, status in entries:
        if status.st_mtime < before:
            yield Stale(oid, status.st_size, status.st_mtime)


def read_lists(folder: bytes) -> set[bytes]:
    """Return the oids of all lists; raise StoreFailed if one cannot be read."""
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
    """Return the registered paths; raise StoreFailed if they cannot be read."""
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
    """Register the path of a share, if it is new; raise StoreFailed, OSError.

    A path with a newline cannot be registered and is ignored.
    """
    if b'\n' in path:
        return
    # again if ``forget_shares`` replaced the file before the path was appended
    for _attempt in range(2):
        if path in read_shares(place):
            return
        files.makefolders(os.path.dirname(place), modes)
        # the leading newline ends a line that a killed process left incomplete
        files.append(place, b'\n%s\n' % path, modes)


def forget_shares(place: bytes, paths: list[bytes], modes: files.Modes) -> None:
    """Remove paths from the registry; keep those that are added concurrently."""
    with open(place, 'rb', buffering=0) as handle:
        left = [path for path in _paths(handle.read()) if path not in paths]
        files.replacewith(place, b''.join(b'%s\n' % path for path in left), modes)
        for path in _paths(handle.read()):  # appended to the old file since
            register_share(place, path, modes)


def check_share(path: bytes, source: bytes) -> bytes | None:
    """Return why a path is not a readable share of ``source``; None if it is one."""
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
    # do not show the target: a planted link could reveal the content of another file
    return b'it is a share of another repository now'


def _target(path: bytes) -> bytes | None:
    """Return the ``.hg`` directory of a share's source, or None for no share."""
    for name in _POINTERS:
        with contextlib.suppress(FileNotFoundError):
            text = files.readbounded(os.path.join(path, name), _LONGESTPATH)
            return os.path.normpath(os.path.join(path, text.rstrip(b'\n')))
    return None


def _paths(text: bytes) -> list[bytes]:
    return list(dict.fromkeys(line for line in text.split(b'\n') if line))
