"""One process at a time, on whatever machine; one that died is no hindrance.

A lease is a file that says who has it. It is made whole elsewhere and then linked to
its name, which one process alone can do, over NFS too. Its holder touches it now and
then. Who finds that the holder is dead, or that nobody touched it for long, takes it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields

from ...lfs.store import files

#: Who doesn't touch a lease for so many seconds has lost it.
EXPIRES = 600.0
_TOUCHES = 60.0
#: To take a lease from the dead takes a moment; who died in it has lost that, too.
_TAKING = 60.0
#: The longest lease that is read, in bytes.
_LONGEST = 4096
#: A random number that Linux makes when it boots.
_BOOT = b'/proc/sys/kernel/random/boot_id'
#: Where the time is at which a process started: see proc(5), after the name.
_STARTTIME = 19


@dataclass(frozen=True)
class Holder:
    """The process that has a lease, since when, and its secret word.

    ``host`` is what ``pidscope`` returns there. ``started`` is when the process started,
    in the system's own terms, or empty: another process may get the same id later.
    A ``pid`` of 0 is a process that can't be named.
    """

    host: str
    pid: int
    since: float
    word: str
    started: str = ''

    @property
    def machine(self) -> str:
        """The name of its machine, for messages."""
        return self.host.partition('/')[0]


_FIELDS = tuple(field.name for field in fields(Holder))
#: The holder of a lease whose file can't be read.
_UNREADABLE = Holder('', 0, 0.0, '')
#: The holder of a lease whose file makes no sense: no process.
_INVALID = Holder('', -1, 0.0, '')


def pidscope(machine: str) -> str:
    """Return the place within which a process id names one process.

    That is a machine's name and, on Linux, the system's boot and the namespace of
    process ids, as in Mercurial's own locks: two containers may have one name, and
    two machines that share a disk as well.
    """
    found = [machine]
    with contextlib.suppress(OSError):
        found.append(files.readbounded(_BOOT, 64).decode('ascii').strip())
    with contextlib.suppress(OSError):
        found.append('%x' % os.stat(b'/proc/self/ns/pid').st_ino)
    return '/'.join(found)


def started(pid: int) -> str:
    """Return when a process started, or nothing where that isn't known."""
    own = pid == os.getpid()
    try:
        # the processes below /proc may be those of another namespace
        if not own and os.readlink(b'/proc/self') != b'%d' % os.getpid():
            return ''
        path = b'/proc/self/stat' if own else b'/proc/%d/stat' % pid
        # what comes before is the program's name, which may have spaces
        after = files.readbounded(path, 4096).rpartition(b')')[2].split()
        return after[_STARTTIME].decode('ascii')
    except (OSError, IndexError):
        return ''


class Lease:
    """A lease that this process may come to have. Not thread safe.

    ``host`` is what ``pidscope`` returns here: process ids mean something within it.
    """

    def __init__(
        self,
        path: bytes,
        host: str,
        modes: files.Modes | None = None,
        expires: float = EXPIRES,
    ) -> None:
        self._path = path
        self._host = host
        self._modes = modes or files.Modes()
        self._expires = expires
        self._word = ''

    def take(self) -> bool:
        """Takes the lease; tells whether it could. Raises OSError."""
        if self._link(self._path):
            return True
        if self.holder() is not None:
            return False
        return self._takeover()

    def holder(self) -> Holder | None:
        """Return the process that has the lease and lives, else None.

        A lease that can't be read is held, until it is old.
        """
        found = _read(self._path)
        return found if found is not None and self._lives(found) else None

    def _lives(self, holder: Holder) -> bool:
        return (
            holder is not _INVALID
            and not self._isdead(holder)
            and not self._isold(self._path)
        )

    def held(self) -> bool:
        """Tells whether this process still has the lease."""
        found = _read(self._path)
        return found is not None and found.word == self._word != ''

    def release(self) -> None:
        """Gives the lease back, where this process still has it."""
        if self.held():
            files.discard(self._path)

    @contextlib.contextmanager
    def renewed(self) -> Iterator[None]:
        """Keeps a lease that was taken alive meanwhile, and gives it back."""
        done = threading.Event()
        renewer = threading.Thread(target=self._renew, args=(done,), daemon=True)
        renewer.start()
        try:
            yield
        finally:
            done.set()
            renewer.join()
            self.release()

    def _renew(self, done: threading.Event) -> None:
        while not done.wait(min(_TOUCHES, self._expires / 4)):
            with contextlib.suppress(OSError):
                if self.held():
                    os.utime(self._path)

    def _link(self, path: bytes) -> bool:
        """Makes the file, unless there is one; tells whether it did."""
        word = os.urandom(16).hex()
        holder = {
            'host': self._host,
            'pid': os.getpid(),
            'since': time.time(),
            'word': word,
            'started': started(os.getpid()),
        }
        folder = os.path.dirname(path)
        unseen, handle = files.createunseen(folder, self._modes)
        try:
            with handle:
                files.writeall(handle, json.dumps(holder).encode('ascii'))
            if not files.placenew(unseen, path):
                return False
        finally:
            files.discard(unseen)
        self._word = word
        return True

    def _takeover(self) -> bool:
        """Takes the lease of one who is dead; one process at a time looks after it."""
        taking = self._path + b'.taking'
        if _age(taking, self._modes) > _TAKING:
            files.discard(taking)
        if not self._link(taking):
            return False
        try:
            found = _read(self._path)
            if found is not None:
                if self._lives(found):
                    return False
                # only one that was read: where there was none, another process may
                # have taken the lease by now
                files.discard(self._path)
            return self._link(self._path)
        finally:
            files.discard(taking)

    def _isdead(self, holder: Holder) -> bool:
        if holder.host != self._host:
            return False
        try:
            os.kill(holder.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:  # another user's
            pass
        began = started(holder.pid) if holder.started else ''
        return began not in ('', holder.started)

    def _isold(self, path: bytes) -> bool:
        return _age(path, self._modes) > self._expires


def _read(path: bytes) -> Holder | None:
    """Return the holder that a file names; None where there is no file."""
    try:
        text = files.readbounded(path, _LONGEST)
        if not text:  # it is being written, where there are no hard links
            return _UNREADABLE
        document = json.loads(text)
        found = Holder(**{name: document[name] for name in _FIELDS if name in document})
    except FileNotFoundError:
        return None
    except OSError as exc:
        return _INVALID if exc.errno == errno.EFBIG else _UNREADABLE
    except (ValueError, TypeError, RecursionError):
        return _INVALID
    valid = isinstance(found.pid, int) and 0 < found.pid < 1 << 31
    return found if valid and isinstance(found.host, str) else _INVALID


def _age(path: bytes, modes: files.Modes) -> float:
    """Returns for how many seconds a file was not touched, by the disk's own clock.

    That of another machine may be wrong by more than a lease lasts.
    """
    try:
        touched = os.stat(path).st_mtime
    except OSError:
        return 0.0
    unseen, handle = files.createunseen(os.path.dirname(path), modes)
    try:
        with handle:
            return os.fstat(handle.fileno()).st_mtime - touched
    finally:
        files.discard(unseen)
