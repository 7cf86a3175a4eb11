"""Files as the stores need them: made in secret, seen at once, shared by links.

Whatever differs between systems is here and nowhere else in ``store``.
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

# from linux/fs.h; other systems refuse it
_FICLONE = 0x40049409
_SYNC_FILE_RANGE_WRITE = 2
#: How many files are brought to the disk at a time.
_SYNCING = 8
#: From so many bytes on it pays to ask the system to share a file's blocks.
WORTHCLONING = 1 << 20
#: How the names of files in the making begin.
UNSEEN = b'incoming-'
_Made = TypeVar('_Made')
#: What a file system answers that has no hard links.
_NOLINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_O_BINARY: int = getattr(os, 'O_BINARY', 0)
_O_NONBLOCK: int = getattr(os, 'O_NONBLOCK', 0)
_O_NOFOLLOW: int = getattr(os, 'O_NOFOLLOW', 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | _O_BINARY


@dataclass(frozen=True)
class Modes:
    """Says who may use what a store makes.

    ``create`` is the mode of new folders, with its setgid bit, and of new files
    less their execute bits; None leaves both to the umask.
    """

    create: int | None = None

    def forfolder(self, path: bytes) -> None:
        """Gives a new folder its mode."""
        if self.create is not None:
            os.chmod(path, self.create & 0o7777)

    def fit(self, file: os.stat_result, folder: os.stat_result) -> bool:
        """Tells whether those who may use the folder may use the file as it is."""
        wanted = (self.create or 0) & 0o666
        return not wanted or (
            file.st_mode & wanted == wanted and file.st_gid == folder.st_gid
        )

    def forfile(self, path: bytes) -> None:
        """Gives a new file its mode; its owner may always write it."""
        if self.create is not None:
            os.chmod(path, self.create & 0o666 | 0o600)


def makefolders(path: bytes, modes: Modes) -> None:
    """Makes a folder and those above it that are missing."""
    if not path or os.path.isdir(path):
        return
    makefolders(os.path.dirname(path), modes)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)
        modes.forfolder(path)


def infolder(path: bytes, modes: Modes, make: Callable[[], _Made]) -> _Made:
    """Makes a file as it is told to, and its folder where that is missing."""
    try:
        return make()
    except FileNotFoundError:
        makefolders(os.path.dirname(path), modes)
        return make()


def createunseen(folder: bytes, modes: Modes) -> tuple[bytes, io.FileIO]:
    """Makes a file that nobody looks for; returns its path and itself."""
    path = os.path.join(folder, UNSEEN + os.urandom(16).hex().encode('ascii'))
    opened = infolder(path, modes, lambda: os.open(path, _NEW, 0o666))
    # unbuffered: what a full disk refused must not be tried again at the end
    handle = io.FileIO(opened, 'w+')
    modes.forfile(path)
    return path, handle


def openkept(path: bytes, modes: Modes) -> io.FileIO:
    """Opens a file for reading and writing, and makes it where there is none."""
    isnew = not os.path.exists(path)
    handle = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | _O_BINARY, 0o666), 'r+')
    if isnew:
        modes.forfile(path)
    return handle


def trylock(handle: io.FileIO) -> bool:
    """Locks an open file until it is closed; tells whether nobody else has."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def checklocks(handle: io.FileIO, path: bytes) -> None:
    """Raise StoreFailed where the file system of an open file has no locks."""
    with locked(handle.fileno(), path, shared=True, wait=False):
        pass


@contextlib.contextmanager
def locked(
    descriptor: int, path: bytes, shared: bool = False, wait: bool = True
) -> Iterator[None]:
    """Hold a lock on an open file, exclusive or ``shared``.

    It is released at the end even if a child process still has the file open. Without
    ``wait`` a lock of another process is no reason to wait: then none is held. Raise
    StoreFailed where the file system has no locks.
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
    """Tells whether an open file still is the one with that name."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), os.stat(path))
    except OSError:
        return False


def append(path: bytes, data: bytes, modes: Modes) -> None:
    """Adds to a file's end at one go, making the file where there is none."""
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
    """Marks a file, open or by its path, as one that nobody has written to since.

    The mark is a modification time of whole seconds. Whoever writes to the file
    later leaves the time of that, with its fraction.
    """
    now = int(time.time()) * 1_000_000_000
    os.utime(file, ns=(now, now))


def issealed(found: os.stat_result) -> bool:
    """Tells whether a file still has the mark; all have it that have no fractions."""
    return found.st_mtime_ns % 1_000_000_000 == 0


def readbounded(path: bytes, most: int, follow: bool = True) -> bytes:
    """Return a small file's content; raise OSError for what can't be one.

    That is anything but a regular file, which might never end or keep the reader
    waiting, and a file of over ``most`` bytes. Without ``follow`` it is a symbolic
    link, too, which may lead to files of others.
    """
    # to open a device may do something, and to open a pipe may wait for ever
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
    """Return whether a path is known not to exist.

    Behind a dangling link, and below what is no folder or can't be read, that isn't
    known: what was there may come back.
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
    """Return what the system says of a failure, in a few words."""
    return os.fsencode(getattr(exc, 'strerror', None) or str(exc))


def samecontent(one: bytes, other: bytes) -> bool:
    """Tells, by reading them, whether two files have the same content."""
    with open(one, 'rb') as first, open(other, 'rb') as second:
        pairs = itertools.zip_longest(readchunks(first), readchunks(second))
        return all(mine == its for mine, its in pairs)


def replacewith(path: bytes, text: bytes, modes: Modes, durable: bool = False) -> None:
    """Gives a file another text, at once; makes it and its folder where missing.

    With ``durable`` it has reached the disk when this returns.
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
    """Removes a file that may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def writeall(handle: io.FileIO, chunk: bytes) -> None:
    """Writes a chunk to an unbuffered file, which may take less at a time."""
    view = memoryview(chunk)
    while view:
        view = view[handle.write(view) or 0 :]


def readchunks(handle: BinaryIO | io.FileIO) -> Iterator[bytes]:
    """Yields what is left of a file, a chunk at a time."""
    while chunk := handle.read(CHUNK):
        yield chunk


def clone(source: BinaryIO, target: BinaryIO | io.FileIO) -> bool:
    """Gives an empty file the blocks of another; tells whether the system could.

    Nobody sees a difference to a copy, but that it takes neither time nor room. A
    small file is no trouble to copy, and isn't asked for.
    """
    if fcntl is None or os.fstat(source.fileno()).st_size < WORTHCLONING:
        return False
    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True


def linkorcopy(source: bytes, target: bytes, folder: bytes, modes: Modes) -> None:
    """Makes the target the same file as the source, or a copy where that can't be.

    The copy is made in ``folder`` first. A target that exists is
    left alone.
    """
    if modes.create is not None:
        makefolders(os.path.dirname(target), modes)
        if not modes.fit(os.stat(source), os.stat(os.path.dirname(target))):
            _copy(source, target, folder, modes)
            return
    try:
        infolder(target, modes, lambda: os.link(source, target))
    except FileExistsError:
        return
    except OSError:
        _copy(source, target, folder, modes)


def replacebylink(source: bytes, target: bytes, folder: bytes, modes: Modes) -> None:
    """Puts a link to a file, or else a copy of it, in another's place."""
    path = os.path.join(folder, UNSEEN + os.urandom(16).hex().encode('ascii'))
    try:
        linkorcopy(source, path, folder, modes)
        os.replace(path, target)
    finally:
        discard(path)


def placenew(unseen: bytes, path: bytes) -> bool:
    """Put a complete file under a name that is free; return False where it is taken.

    The file keeps its old name as well. Without hard links, as on some network and
    FUSE file systems, the new one is a copy, which is empty for a moment.
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
    """Tells whether two files are copies of each other on one file system."""
    first, second = os.stat(one), os.stat(other)
    return first.st_dev == second.st_dev and first.st_ino != second.st_ino


def _copy(source: bytes, target: bytes, folder: bytes, modes: Modes) -> None:
    path, sink = createunseen(folder, modes)
    try:
        with open(source, 'rb') as handle, sink:
            for chunk in readchunks(handle):
                writeall(sink, chunk)
        seal(path)
        infolder(target, modes, lambda: os.replace(path, target))
    except BaseException:
        discard(path)
        raise


def beginsync(handle: io.FileIO, start: int, size: int) -> None:
    """Has the system begin to bring a part of a file to the disk; doesn't wait.

    What syncs the file later then has little to wait for.
    """
    begin = _syncfilerange()
    if begin is not None:
        begin(handle.fileno(), start, size, _SYNC_FILE_RANGE_WRITE)


@functools.cache
def _syncfilerange() -> Callable[[int, int, int, int], int] | None:
    """Returns Linux's system call, which Python hides."""
    import ctypes

    try:
        call = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError, TypeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return call


def syncfolder(path: bytes) -> None:
    """Brings a folder's names to the disk, where the system can."""
    if os.name != 'posix':
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # removed since, with all that was in it
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def syncfiles(paths: Collection[bytes]) -> None:
    """Brings files and the names of their folders to the disk."""
    folders = {os.path.dirname(path) for path in paths}
    if len(paths) < 2:
        for path in paths:
            _syncfile(path)
            syncfolder(os.path.dirname(path))
        return
    # the file system brings what it is asked for at one time together
    with futures.ThreadPoolExecutor(min(_SYNCING, len(paths))) as pool:
        for synced in (pool.map(_syncfile, paths), pool.map(syncfolder, folders)):
            collections.deque(synced, maxlen=0)


def _syncfile(path: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDWR | _O_BINARY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
