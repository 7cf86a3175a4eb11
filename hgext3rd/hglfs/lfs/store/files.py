"""File operations of the stores: atomic creation, links, locks and syncs.

All differences between operating systems in ``store`` are in this module.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import functools
import io
import itertools
import os
import stat
import time
from collections.abc import Callable, Collection, Iterator
from concurrent import futures
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from ..errors import StoreFailed
from ..oid import CHUNK

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# from linux/fs.h; other systems fail with an error
_FICLONE = 0x40049409
_SYNC_FILE_RANGE_WRITE = 2
#: How many files are synced in parallel.
_SYNCING = 8
#: The minimum size for copy-on-write clones, in bytes.
WORTHCLONING = 1 << 20
#: The name prefix of temporary files.
UNSEEN = b'incoming-'
_Made = TypeVar('_Made')
#: Called with the synced files one by one, and their number, returns an iterator of the
#: same files, which observes them.
Seen = Callable[[Iterator[bytes], int], Iterator[bytes]]
#: The errors of file systems without hard links.
_NOLINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_O_BINARY: int = getattr(os, 'O_BINARY', 0)
_O_NONBLOCK: int = getattr(os, 'O_NONBLOCK', 0)
_O_NOFOLLOW: int = getattr(os, 'O_NOFOLLOW', 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | _O_BINARY


@dataclass(frozen=True)
class Modes:
    """The permissions of the files and directories that a store creates.

    ``create`` is the mode of new directories, including the setgid bit. New files
    get it without the execute bits. None leaves both to the umask.
    """

    create: int | None = None

    def forfolder(self, path: bytes) -> None:
        """Set the mode of a new directory."""
        if self.create is not None:
            os.chmod(path, self.create & 0o7777)

    def fit(self, file: os.stat_result, folder: os.stat_result) -> bool:
        """Return whether a file may be linked into a directory of the store.

        It may if its group is that of the directory, and its mode has the bits for
        reading and writing of ``create``; or if ``create`` is None. ``file`` is the
        status of the file, ``folder`` that of the directory.
        """
        wanted = (self.create or 0) & 0o666
        return not wanted or (
            file.st_mode & wanted == wanted and file.st_gid == folder.st_gid
        )

    def forfile(self, path: bytes) -> None:
        """Set the mode of a new file; its owner can always read and write it."""
        if self.create is not None:
            os.chmod(path, self.create & 0o666 | 0o600)


def makefolders(path: bytes, modes: Modes) -> None:
    """Create a directory and its missing parents."""
    if not path or os.path.isdir(path):
        return
    makefolders(os.path.dirname(path), modes)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)
        modes.forfolder(path)


def infolder(path: bytes, modes: Modes, make: Callable[[], _Made]) -> _Made:
    """Call ``make`` to create a file; create its directory first if it is missing."""
    try:
        return make()
    except FileNotFoundError:
        makefolders(os.path.dirname(path), modes)
        return make()


def createunseen(folder: bytes, modes: Modes) -> tuple[bytes, io.FileIO]:
    """Create a temporary file with a random name; return its path and the open file."""
    path = os.path.join(folder, UNSEEN + os.urandom(16).hex().encode('ascii'))
    opened = infolder(path, modes, lambda: os.open(path, _NEW, 0o666))
    # unbuffered: closing must not retry a write that failed on a full disk
    handle = io.FileIO(opened, 'w+')
    modes.forfile(path)
    return path, handle


def openkept(path: bytes, modes: Modes) -> io.FileIO:
    """Open a file for reading and writing; create it if it does not exist."""
    isnew = not os.path.exists(path)
    handle = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | _O_BINARY, 0o666), 'r+')
    if isnew:
        modes.forfile(path)
    return handle


def trylock(handle: io.FileIO) -> bool:
    """Try to lock an open file until it is closed; return whether it succeeded."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def checklocks(handle: io.FileIO, path: bytes) -> None:
    """Raise StoreFailed if the file system of an open file does not support locks."""
    with locked(handle.fileno(), path, shared=True, wait=False):
        pass


@contextlib.contextmanager
def locked(
    descriptor: int, path: bytes, shared: bool = False, wait: bool = True
) -> Iterator[None]:
    """Hold a lock on an open file, exclusive or ``shared``.

    The lock is released at the end of the context, even if a child process still has
    the file open. ``path`` is for messages. Without ``wait``, the context runs without
    the lock if another process holds it. Raises StoreFailed if the file system does not
    support locks.
    """
    if fcntl is None:
        yield
        return
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(descriptor, kind)
    except BlockingIOError:
        pass
    except OSError as exc:
        raise StoreFailed(
            b'cannot lock %s: %s' % (path, reason(exc)),
            hint=b'mount its file system with locks by flock: NFS without "nolock",'
            b' Lustre with "flock", CIFS without "nobrl"',
        ) from exc
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def isthere(handle: io.FileIO, path: bytes) -> bool:
    """Return whether the path still refers to the open file."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), os.stat(path))
    except OSError:
        return False


def append(path: bytes, data: bytes, modes: Modes) -> None:
    """Append to a file in a single write; create it if it does not exist."""
    isnew = not os.path.exists(path)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _O_BINARY | _O_NONBLOCK
    handle = os.open(path, flags, 0o666)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)
    if isnew:
        modes.forfile(path)


def seal(file: int | bytes) -> None:
    """Mark a file, so that later changes to it can be detected.

    ``file`` is a descriptor or a path. The mark is a modification time of whole
    seconds. A later write replaces it by a time with a fraction.
    """
    now = int(time.time()) * 1_000_000_000
    os.utime(file, ns=(now, now))


def issealed(found: os.stat_result) -> bool:
    """Return whether a file has the mark of ``seal``.

    On file systems without fractions of seconds, all files have it.
    """
    return found.st_mtime_ns % 1_000_000_000 == 0


def readbounded(path: bytes, most: int, follow: bool = True) -> bytes:
    """Return a small file's content; raise OSError for an unsuitable file.

    A file is unsuitable if it is not regular, because reading it might block or never
    end, or if it has more than ``most`` bytes. Without ``follow``, symbolic links are
    unsuitable as well: they may refer to files of other users.
    """
    # check first: opening a device can have side effects, opening a pipe can block
    _checkregular(path, os.stat(path) if follow else os.lstat(path))
    flags = os.O_RDONLY | _O_BINARY | _O_NONBLOCK | (0 if follow else _O_NOFOLLOW)
    handle = os.open(path, flags)
    try:
        _checkregular(path, os.fstat(handle))
        content = b''.join(_upto(handle, most + 1))
    finally:
        os.close(handle)
    if len(content) > most:
        raise OSError(errno.EFBIG, 'it is larger than %d bytes' % most, path)
    return content


def _checkregular(path: bytes, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    islink = stat.S_ISLNK(found.st_mode)
    what = 'it is a symbolic link' if islink else 'it is not a regular file'
    raise OSError(errno.EINVAL, what, path)


def _upto(handle: int, size: int) -> Iterator[bytes]:
    while size and (chunk := os.read(handle, min(size, CHUNK))):
        yield chunk
        size -= len(chunk)


def isabsent(path: bytes) -> bool:
    """Return whether a path certainly does not exist.

    False is returned where that is uncertain: behind a dangling link, and below a file
    or an unreadable directory. There the path may exist again later, for example when a
    disk has been mounted.
    """
    while True:
        try:
            os.lstat(path)
        except FileNotFoundError:
            above = os.path.dirname(path)
            if above == path or os.path.isdir(above):
                return True
            path = above
        except OSError:
            return False
        else:
            return False


def reason(exc: Exception) -> bytes:
    """Return the reason of a system error, as a short text."""
    return os.fsencode(getattr(exc, 'strerror', None) or str(exc))


def samecontent(one: bytes, other: bytes) -> bool:
    """Return whether two files have the same content, by reading both."""
    with open(one, 'rb') as first, open(other, 'rb') as second:
        pairs = itertools.zip_longest(readchunks(first), readchunks(second))
        return all(mine == its for mine, its in pairs)


def replacewith(path: bytes, text: bytes, modes: Modes, durable: bool = False) -> None:
    """Replace a file's content atomically; create it and its directory if missing.

    With ``durable`` it is synced to the disk on return.
    """
    unseen, sink = createunseen(os.path.dirname(path), modes)
    try:
        with sink:
            writeall(sink, text)
            if durable:
                os.fsync(sink.fileno())
        os.replace(unseen, path)
    except BaseException:
        discard(unseen)
        raise
    if durable:
        syncfolder(os.path.dirname(path))


def discard(path: bytes) -> None:
    """Remove a file, if it exists."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def writeall(handle: io.FileIO, chunk: bytes) -> None:
    """Write a whole chunk to an unbuffered file, in several writes if necessary."""
    view = memoryview(chunk)
    while view:
        view = view[handle.write(view) or 0 :]


def readchunks(handle: BinaryIO | io.FileIO) -> Iterator[bytes]:
    """Yield the rest of a file in chunks."""
    while chunk := handle.read(CHUNK):
        yield chunk


def clone(source: BinaryIO, target: BinaryIO | io.FileIO) -> bool:
    """Make an empty file a copy-on-write clone of another; return whether it worked.

    A clone takes neither time nor space. Files below ``WORTHCLONING`` are not cloned,
    because copying them is as fast.
    """
    if fcntl is None or os.fstat(source.fileno()).st_size < WORTHCLONING:
        return False
    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True


def linkorcopy(
    source: bytes,
    target: bytes,
    folder: bytes,
    modes: Modes,
    watch: Callable[[Iterator[bytes]], Iterator[bytes]] = iter,
) -> None:
    """Make ``target`` a hard link to ``source``, or a copy where that is impossible.

    A copy is first written to a temporary file in ``folder``; ``watch`` observes its
    chunks. A target that exists is left unchanged.
    """
    if modes.create is not None:
        makefolders(os.path.dirname(target), modes)
        if not modes.fit(os.stat(source), os.stat(os.path.dirname(target))):
            _copy(source, target, folder, modes, watch)
            return
    try:
        infolder(target, modes, lambda: os.link(source, target))
    except FileExistsError:
        return
    except OSError:
        _copy(source, target, folder, modes, watch)


def replacebylink(source: bytes, target: bytes, folder: bytes, modes: Modes) -> None:
    """Replace the target by a hard link to the source, or by a copy of it."""
    path = os.path.join(folder, UNSEEN + os.urandom(16).hex().encode('ascii'))
    try:
        linkorcopy(source, path, folder, modes)
        os.replace(path, target)
    finally:
        discard(path)


def placenew(unseen: bytes, path: bytes) -> bool:
    """Link a complete file to ``path``, if that is free; return False if it is taken.

    The file keeps its old name as well. On file systems without hard links, such as
    some network and FUSE ones, the new file is a copy, which is empty for a moment.
    """
    try:
        os.link(unseen, path)
        return True
    except FileExistsError:
        return False
    except OSError as exc:
        if exc.errno not in _NOLINKS:
            raise
    mode = stat.S_IMODE(os.stat(unseen).st_mode)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _O_BINARY
        target = io.FileIO(os.open(path, flags, mode), 'w')
    except FileExistsError:
        return False
    try:
        with target, open(unseen, 'rb') as source:
            os.chmod(path, mode)
            for chunk in readchunks(source):
                writeall(target, chunk)
            os.fsync(target.fileno())
    except BaseException:
        discard(path)
        raise
    return True


def couldlink(one: bytes, other: bytes) -> bool:
    """Return whether a hard link to one file could replace the other file.

    It could if they are different files on the same file system.
    """
    first, second = os.stat(one), os.stat(other)
    return first.st_dev == second.st_dev and first.st_ino != second.st_ino


def _copy(
    source: bytes,
    target: bytes,
    folder: bytes,
    modes: Modes,
    watch: Callable[[Iterator[bytes]], Iterator[bytes]],
) -> None:
    path, sink = createunseen(folder, modes)
    try:
        with open(source, 'rb') as handle, sink:
            for chunk in watch(readchunks(handle)):
                writeall(sink, chunk)
        seal(path)
        infolder(target, modes, lambda: os.replace(path, target))
    except BaseException:
        discard(path)
        raise


def beginsync(handle: io.FileIO, start: int, size: int) -> None:
    """Start writeback of a part of a file, without waiting.

    A later sync of the file then takes less time.
    """
    begin = _syncfilerange()
    if begin is not None:
        begin(handle.fileno(), start, size, _SYNC_FILE_RANGE_WRITE)


@functools.cache
def _syncfilerange() -> Callable[[int, int, int, int], int] | None:
    """Return Linux's ``sync_file_range``, which Python does not provide, or None."""
    import ctypes

    try:
        call = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError, TypeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return call


def syncfolder(path: bytes) -> None:
    """Sync a directory's entries to the disk, where the system supports it."""
    if os.name != 'posix':
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # removed since, with all its entries
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def nothingseen(synced: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Return ``synced`` itself: a Seen for use without a progress bar."""
    return synced


def syncfiles(paths: Collection[bytes], seen: Seen = nothingseen) -> None:
    """Sync files and the entries of their directories to the disk.

    ``seen`` is called with an iterator of the synced files and their number, and
    returns an iterator of the same files, for example to show progress. It is not
    called for a single file.
    """
    folders = {os.path.dirname(path) for path in paths}
    if len(paths) < 2:
        for path in paths:
            _syncfile(path)
            syncfolder(os.path.dirname(path))
        return
    # the file system groups syncs that are requested at the same time
    with futures.ThreadPoolExecutor(min(_SYNCING, len(paths))) as pool:
        collections.deque(seen(pool.map(_syncfile, paths), len(paths)), maxlen=0)
        collections.deque(pool.map(syncfolder, folders), maxlen=0)


def _syncfile(path: bytes) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDWR | _O_BINARY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return path
