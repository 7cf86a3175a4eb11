"""The folder with the state of a repository's bundles and packs.

``lock`` is a lease that is held while a catalog is changed, ``worker`` one that is held
by the process that generates bundles and packs. ``making`` has its temporary files,
``clones`` has a byte for each clone since the last bundle, and ``log`` the output of
workers in the background.
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

#: How long to wait for the lock of the catalogs, in seconds.
_PATIENCE = 30.0
_EXPIRES = 60.0
#: The longest file that is read, in bytes: a catalog may have hashes of many heads.
LONGEST = 256 << 20


@dataclass(frozen=True)
class Paths:
    """The paths of a repository's files about clone bundles.

    ``home`` is the folder for the state, ``keep`` the list of blobs to keep.
    ``manifest`` is ``clonebundles.manifest``, and ``pullbundles`` is
    ``pullbundles.manifest``.
    """

    home: bytes
    manifest: bytes
    keep: bytes
    pullbundles: bytes


class StateFolder:
    """The files in the folder of the state, and their locks.

    ``host`` is the ``lease.pidscope`` of this process, ``modes`` are the modes of new
    files. Several processes can use the same folder.
    """

    def __init__(self, paths: Paths, host: str, modes: files.Modes) -> None:
        self.paths = paths
        self.modes = modes
        self._host = host

    @property
    def worker(self) -> lease.Lease:
        """The lease of the process that generates bundles and packs."""
        return lease.Lease(self.path(b'worker'), self._host, self.modes)

    @property
    def making(self) -> bytes:
        """The folder for the temporary files of the worker."""
        return self.path(b'making')

    @property
    def log(self) -> bytes:
        """The log file of workers in the background."""
        return self.path(b'log')

    def path(self, *names: bytes) -> bytes:
        """Return the path of a file in the folder."""
        return os.path.join(self.paths.home, *names)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock of the catalogs.

        Raises StoreFailed on timeout, and for an OSError of the body.
        """
        with self._translate_errors(), self._locked():
            yield

    def protectblob(self, digest: str | None) -> None:
        """Protect the blob of an artifact from removal until the artifact is published.

        The protection ends with the next call, which protects another blob unless
        ``digest`` is None. It is not needed when the artifact is in the catalog. Only
        the worker may call this.
        """
        path = self.paths.keep + b'-making'
        with self._translate_errors():
            if digest is None:
                files.discard(path)
            else:
                self.write(path, b'%s\n' % digest.encode('ascii'))

    def sweep(self) -> None:
        """Remove temporary files that killed workers have left.

        Only the worker may call this.
        """
        self.protectblob(None)
        for name in os.listdir(self.making) if os.path.isdir(self.making) else []:
            files.discard(os.path.join(self.making, name))

    def clones(self) -> int:
        """Return the number of clones for which the last bundle lacked changesets."""
        try:
            return os.stat(self.path(b'clones')).st_size
        except OSError:
            return 0

    def countclone(self) -> None:
        """Count one more clone; raise OSError."""
        files.append(self.path(b'clones'), b'.', self.modes)

    def resetclones(self) -> None:
        """Reset the number of clones, after a new bundle."""
        files.discard(self.path(b'clones'))

    def write(self, path: bytes, text: bytes) -> None:
        """Replace a file atomically and durably."""
        files.replacewith(path, text, self.modes, durable=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = lease.Lease(self.path(b'lock'), self._host, self.modes, _EXPIRES)
        until = time.monotonic() + _PATIENCE
        while not lock.take():
            if time.monotonic() > until:
                raise StoreFailed(
                    b'the catalog of the clone bundles is locked',
                    hint=b'see %s/lock for the process that holds it' % self.paths.home,
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
            why = files.reason(exc)
            raise StoreFailed(
                b'cannot write the catalog of the clone bundles: %s' % why,
                hint=b'check the free space and the permissions of %s'
                % self.paths.home,
            ) from exc


def content(path: bytes) -> bytes:
    """Return the content of a file, or nothing if it does not exist."""
    try:
        return files.readbounded(path, LONGEST)
    except FileNotFoundError:
        return b''
