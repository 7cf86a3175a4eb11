"""Leases: lock files for one process at a time, also between machines, that expire.

A lease is a file that describes its holder in JSON. It is written under a temporary
name and then hard-linked to its own, which succeeds for one process only, over NFS too.
The holder updates the file's mtime regularly. Another process takes the lease over when
the holder is dead, or when the mtime is too old.
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

#: A lease that has not been updated for so many seconds has expired.
EXPIRES = 600.0
_TOUCHES = 60.0
#: The same for the file that is held for a moment, to take over an expired lease.
_TAKING = 60.0
#: The longest lease that is read, in bytes.
_LONGEST = 4096
#: A random UUID that Linux generates when it boots.
_BOOT = b'/proc/sys/kernel/random/boot_id'
#: The index of the start time in /proc/PID/stat, after the name: see proc(5).
_STARTTIME = 19


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease.

    ``host`` is the ``pidscope`` of the process. ``since`` is the Unix time in seconds
    when it took the lease. ``word`` is a random number in hex digits that identifies
    this lease. ``started`` is the start time of the process in clock ticks, or empty:
    it distinguishes the process from a later one with the same id. ``pid`` is 0 if it
    is unknown.
    """

    host: str
    pid: int
    since: float
    word: str
    started: str = ''

    @property
    def machine(self) -> str:
        """The name of the machine, for messages."""
        return self.host.partition('/')[0]


_FIELDS = tuple(field.name for field in fields(Holder))
#: The holder of a lease whose file cannot be read: an unknown process.
_UNREADABLE = Holder('', 0, 0.0, '')
#: The holder of a lease whose file is invalid: no process.
_INVALID = Holder('', -1, 0.0, '')


def pidscope(machine: str) -> str:
    """Return an identifier of the set of processes among which process ids are unique.

    It consists of the machine's name and, on Linux, of the boot id and the namespace of
    process ids, as in Mercurial's own locks. The name is not enough, because
    containers, or machines that share a disk, may have the same name.
    """
    found = [machine]
    with contextlib.suppress(OSError):
        found.append(files.readbounded(_BOOT, 64).decode('ascii').strip())
    with contextlib.suppress(OSError):
        found.append('%x' % os.stat(b'/proc/self/ns/pid').st_ino)
    return '/'.join(found)


def started(pid: int) -> str:
    """Return the start time of a process in clock ticks, or '' if it is unknown."""
    own = pid == os.getpid()
    try:
        # /proc may be mounted from another namespace of process ids
        if not own and os.readlink(b'/proc/self') != b'%d' % os.getpid():
            return ''
        path = b'/proc/self/stat' if own else b'/proc/%d/stat' % pid
        # the program's name before it may contain spaces and parentheses
        after = files.readbounded(path, 4096).rpartition(b')')[2].split()
        return after[_STARTTIME].decode('ascii')
    except (OSError, IndexError):
        return ''


class Lease:
    """A lease that this process can take.

    ``host`` is the ``pidscope`` of this process. ``expires`` is the time in seconds
    after which a lease that is not renewed ends. Not thread-safe.
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
        """Take the lease, if no other process holds it; return whether it was taken.

        Does not wait. Raises OSError.
        """
        if self._link(self._path):
            return True
        if self.holder() is not None:
            return False
        return self._takeover()

    def holder(self) -> Holder | None:
        """Return the holder of the lease.

        Returns None if the lease is free, if its holder is dead, or if it has expired.
        A lease that cannot be read is treated as held until it expires.
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
        """Return whether this process still holds the lease."""
        found = _read(self._path)
        return found is not None and found.word == self._word != ''

    def release(self) -> None:
        """Release the lease, if this process still holds it."""
        if self.held():
            files.discard(self._path)

    @contextlib.contextmanager
    def renewed(self) -> Iterator[None]:
        """Renew a taken lease in a thread during the body; release it afterwards."""
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
        """Create the file, unless it exists; return whether it was created."""
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
        """Take over the lease of a dead holder; return whether this succeeded.

        A second lock file ensures that only one process at a time can try.
        """
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
                # remove only the lease that was read: where there was none, another
                # process may have taken it since
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
        except OSError:  # a process of another user
            pass
        began = started(holder.pid) if holder.started else ''
        return began not in ('', holder.started)

    def _isold(self, path: bytes) -> bool:
        return _age(path, self._modes) > self._expires


def _read(path: bytes) -> Holder | None:
    """Read the holder of a lease from its file; return None if there is no file."""
    try:
        text = files.readbounded(path, _LONGEST)
        if not text:  # still being written, where there are no hard links
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
    """Return the seconds since a file's mtime, by the clock of the file system.

    The clocks of machines may differ by more than the time until a lease expires.
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
