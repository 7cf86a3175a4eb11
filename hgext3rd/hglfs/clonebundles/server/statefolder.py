"""The folder in which a repository keeps the state of its bundles and packs.

``lock`` is held for a moment by a process that changes a catalog, ``worker`` by the one
process that makes bundles and packs, for as long as it does. ``making`` has the files
that it makes, ``clones`` a byte for each clone since the last bundle, and ``log`` the
output of workers in the background.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ...lfs.errors import StoreFailed
from ...lfs.store import files
from . import lease

#: A catalog is written in a moment; a process that waits longer, in seconds, gives up.
_PATIENCE = 30.0
_EXPIRES = 60.0
#: The longest file that is read, in bytes: it has hashes of many heads.
LONGEST = 256 << 20


@dataclass(frozen=True)
class Paths:
    """The files: state in the folder ``home``, the manifests, the blobs to keep."""

    home: bytes
    manifest: bytes
    keep: bytes
    pullbundles: bytes


class StateFolder:
    """Locks and writes the files of the state. Safe between processes.

    ``host`` is what ``lease.pidscope`` returns here; the files are made with ``modes``.
    """

    def __init__(self, paths: Paths, host: str, modes: files.Modes) -> None:
        self.paths = paths
        self.modes = modes
        self._host = host

    @property
    def worker(self) -> lease.Lease:
        """A lease for the one process that makes bundles and packs."""
        return lease.Lease(self.path(b'worker'), self._host, self.modes)

    @property
    def making(self) -> bytes:
        """The folder of what the worker makes."""
        return self.path(b'making')

    @property
    def log(self) -> bytes:
        """The file for the output of a worker in the background."""
        return self.path(b'log')

    def path(self, *names: bytes) -> bytes:
        """Return the path of a file of the state."""
        return os.path.join(self.paths.home, *names)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock of the catalogs.

        Raises StoreFailed where that takes too long, and for an OSError of the body.
        """
        with self._translate_errors(), self._locked():
            yield

    def keepmaking(self, digest: str | None) -> None:
        """Keep a blob that is to become an artifact, or none; for the worker.

        It may take long until that is everywhere, and in the catalog.
        """
        path = self.paths.keep + b'-making'
        with self._translate_errors():
            if digest is None:
                files.discard(path)
            else:
                self.write(path, b'%s\n' % digest.encode('ascii'))

    def sweep(self) -> None:
        """Remove what workers left that were killed; for the worker."""
        self.keepmaking(None)
        for name in os.listdir(self.making) if os.path.isdir(self.making) else []:
            files.discard(os.path.join(self.making, name))

    def clones(self) -> int:
        """Return the number of clones for which the last bundle lacked anything."""
        try:
            return os.stat(self.path(b'clones')).st_size
        except OSError:
            return 0

    def countclone(self) -> None:
        """Count one more clone; raise OSError."""
        files.append(self.path(b'clones'), b'.', self.modes)

    def resetclones(self) -> None:
        """Count clones from zero again: there is a new bundle."""
        files.discard(self.path(b'clones'))

    def write(self, path: bytes, text: bytes) -> None:
        """Replace a file's content at once, and durably."""
        files.replacewith(path, text, self.modes, durable=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = lease.Lease(self.path(b'lock'), self._host, self.modes, _EXPIRES)
        until = time.monotonic() + _PATIENCE
        while not lock.take():
            if time.monotonic() > until:
                raise StoreFailed(
                    b'the catalog of the clone bundles is locked',
                    hint=b'see who has %s/lock' % self.paths.home,
                )
            time.sleep(0.05)
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            why = os.fsencode(exc.strerror or str(exc))
            raise StoreFailed(
                b'cannot write the catalog of the clone bundles: %s' % why,
                hint=b'check the free space and the permissions of %s'
                % self.paths.home,
            ) from exc


def content(path: bytes) -> bytes:
    """Return what a file has, or nothing where there is none."""
    try:
        return files.readbounded(path, LONGEST)
    except FileNotFoundError:
        return b''
