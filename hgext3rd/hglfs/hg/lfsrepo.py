"""The services of one repository: its settings, stores, locks and remotes."""

from __future__ import annotations

import contextlib
import functools
import os
import weakref
from collections.abc import Callable, Iterator

from mercurial import encoding, error, util

# modules, not names: they are loaded when first used
from ..lfs import blob, errors
from ..lfs.remote import api
from ..lfs.store import api as storeapi
from ..lfs.store import cached, disk, files, intake, locks, quarantine, verified
from . import bars, messages, operations, settings

OPTION = b'hglfs'
REQUIREMENT = b'lfs'
#: The requirement of a working copy that may have placeholders: no other Mercurial
#: opens it, which would take them for contents.
PLACEHOLDERS = b'hglfs-pointers'


class LfsRepo:
    """The services of one repository.

    The object is created with the options of the repository, and bound to the
    repository when that has been opened. It is kept in ``repo.svfs.options``, where the
    revlogs of the repository, and of bundle repositories on top of it, find it. Not
    thread safe.
    """

    def __init__(self) -> None:
        self._repo = lambda: None
        self._cwd: bytes | None = None
        #: the first remote to download from, once created
        self.first: api.Remote | None = None
        #: the state of the operations in progress
        self.ops = operations.Operations()
        #: prefetches blobs of a first checkout from packs; None before setup
        self.prefetch: Callable[[LfsRepo, list[blob.BlobRef]], None] | None = None

    def bind(self, repo) -> None:
        """Bind the services to the repository that has just been opened."""
        self._repo = weakref.ref(repo.unfiltered())
        # a server changes its working directory before the settings are read
        with contextlib.suppress(OSError):
            self._cwd = encoding.getcwd()

    @property
    def repo(self):
        """The repository, or None while it is still being opened."""
        return self._repo()

    @property
    def ui(self):
        """The repository's ui."""
        return self.repo.ui

    @util.propertycache
    def settings(self) -> settings.Settings:
        """The settings from the repository's configuration."""
        return settings.read(self.ui, self._cwd)

    @util.propertycache
    def serving(self):
        """The settings of a server: a ``serving.Serving``."""
        from . import serving

        return serving.read(self.repo)

    @util.propertycache
    def store(self) -> cached.CachedStore:
        """The repository's store of blobs, combined with the user's cache."""
        shared = self.settings.usercache
        folder = os.path.realpath(shared) if shared else None
        cache = disk.DiskStore(folder, show=self.show) if folder else None
        own, notes = self.ownstore, messages.UiLog(self.ui)
        return cached.CachedStore(own, cache, notes, self.settings.proving)

    @util.propertycache
    def intake(self) -> intake.Intake:
        """The sink for blobs from clients: the store, with the server's size limits."""
        return intake.Intake(self.ownstore, self.serving.limits.size, self.store)

    @util.propertycache
    def ownstore(self) -> disk.DiskStore:
        """The repository's own store, without the cache."""
        root = os.path.realpath(self.repo.svfs.join(b'lfs/objects'))
        return disk.DiskStore(root, self.modes, self.state(b'marking'), self.show)

    @property
    def show(self) -> storeapi.Show:
        """The Show that displays a progress bar while a store reads a big blob."""
        return functools.partial(bars.watch, self.ui)

    @util.propertycache
    def modes(self) -> files.Modes:
        """The permissions of files and folders that we create in the repository."""
        return files.Modes(self.repo.store.createmode)

    def state(self, name: bytes) -> bytes:
        """Return the path of a state file, below ``.hg/lfs``.

        A repository and its shares have the same state files.
        """
        return os.path.join(self.repo.sharedpath, b'lfs', name)

    @util.propertycache
    def quarantine(self) -> quarantine.Quarantine:
        """The directory of the damaged blobs that were moved out of the store."""
        return quarantine.Quarantine(self.state(b'quarantine'), self.ownstore)

    @util.propertycache
    def verdicts(self) -> verified.Verdicts:
        """The record of revisions whose content was verified against their pointers."""
        return verified.Verdicts(self.state(b'verdicts'), self.modes)

    @util.propertycache
    def locks(self) -> locks.LockStore:
        """The file locks that this repository keeps."""
        path = os.path.join(self.repo.sharedpath, b'lfs', b'locks.sqlite3')
        return locks.LockStore(path, self.modes, self.betweenpushes)

    @contextlib.contextmanager
    def betweenpushes(self) -> Iterator[None]:
        """Hold the repository's lock, so that no push is in progress.

        Raises StoreFailed where the repository cannot be locked.
        """
        patience = {(b'ui', b'timeout'): b'%d' % locks.PATIENCE}
        try:
            with self.ui.configoverride(patience, b'lfs'):
                held = self.repo.lock()
        except error.LockError as exc:
            raise errors.StoreFailed(
                b'the locks are out of reach: the repository cannot be locked',
                transient=isinstance(exc, error.LockHeld),
            ) from exc
        with held:
            yield

    def ready(self) -> None:
        """Create the services that threads use; called before the threads start."""
        for name in ('store', 'verdicts'):
            getattr(self, name)


#: The services by the repository's ui: core creates a repository's options again after
#: a stream clone has changed its requirements.
_services: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def install(ui, options: dict) -> LfsRepo:
    """Put a repository's services into its options; return the services."""
    options[OPTION] = lfs = _services.setdefault(ui, LfsRepo())
    return lfs


def bind(repo) -> None:
    """Bind the services in a new repository's options to that repository."""
    lfs = getattr(repo.svfs, 'options', {}).get(OPTION)
    if lfs is not None:
        lfs.bind(repo)


def get(repo) -> LfsRepo | None:
    """Return the services of a local repository, or None."""
    return from_opener(repo.svfs) if repo.local() else None


def get_if_required(repo) -> LfsRepo | None:
    """Return the services of a repository that requires ``lfs``, else None."""
    return from_opener(repo.svfs) if REQUIREMENT in repo.requirements else None


def from_opener(vfs) -> LfsRepo | None:
    """Return the services in the options of a store's vfs, or None."""
    lfs = vfs.options.get(OPTION)
    return lfs if lfs is not None and lfs.repo is not None else None


def avoidrust(ui) -> None:
    """Turn off Mercurial's update in Rust, which does not support large revisions."""
    for item in (b'update-from-null', b'update-from-clean'):
        ui.setconfig(b'rust', item, False, b'lfs')
