"""What hg-lfs keeps for one repository: its settings, blobs and remotes."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable, Iterator

from mercurial import encoding, error, util

# modules, not names: they are loaded when a command comes to need them
from ..lfs import blob, errors
from ..lfs.remote import api
from ..lfs.store import cached, disk, files, intake, locks, quarantine, verified
from . import messages, operations, settings

OPTION = b'hglfs'
REQUIREMENT = b'lfs'


class LfsRepo:
    """Serves one repository; made with its store's options, bound when it opens.

    It travels in ``repo.svfs.options``, where every revlog of the repository, of
    its shares and of bundles on top of it finds it. Not thread safe.
    """

    def __init__(self) -> None:
        self._repo = lambda: None
        self._cwd: bytes | None = None
        #: the remote that is asked first, once it has been made
        self.first: api.Remote | None = None
        #: what Mercurial's operations that are under way carry
        self.ops = operations.Operations()
        #: fetches blobs of a first checkout from elsewhere than remotes, else None
        self.prefetch: Callable[[LfsRepo, list[blob.BlobRef]], None] | None = None

    def bind(self, repo) -> None:
        """Ties the services to the repository that has just been opened."""
        self._repo = weakref.ref(repo.unfiltered())
        # a server's is another by the time that the settings are read
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
        """What the repository's configuration says."""
        return settings.read(self.ui, self._cwd)

    @util.propertycache
    def serving(self):
        """What the configuration says of a server: a ``serving.Serving``."""
        from . import serving

        return serving.read(self.repo)

    @util.propertycache
    def store(self) -> cached.CachedStore:
        """The repository's blobs, with the user's cache behind them."""
        shared = self.settings.usercache
        cache = disk.DiskStore(os.path.realpath(shared)) if shared else None
        own, notes = self.ownstore, messages.UiLog(self.ui)
        return cached.CachedStore(own, cache, notes, self.settings.proving)

    @util.propertycache
    def intake(self) -> intake.Intake:
        """What others send into the store: within a server's limits."""
        return intake.Intake(self.ownstore, self.serving.limits.size, self.store)

    @util.propertycache
    def ownstore(self) -> disk.DiskStore:
        """The blobs that belong to the repository, and to it alone."""
        root = os.path.realpath(self.repo.svfs.join(b'lfs/objects'))
        return disk.DiskStore(root, self.modes, self.state(b'marking'))

    @util.propertycache
    def modes(self) -> files.Modes:
        """The permissions of files and folders that are made in the repository."""
        return files.Modes(self.repo.store.createmode)

    def state(self, name: bytes) -> bytes:
        """Returns where something of ours is kept that is no blob.

        It is one place for a repository and all its shares.
        """
        return os.path.join(self.repo.sharedpath, b'lfs', name)

    @util.propertycache
    def quarantine(self) -> quarantine.Quarantine:
        """The damaged blobs that were put aside."""
        return quarantine.Quarantine(self.state(b'quarantine'), self.ownstore)

    @util.propertycache
    def verdicts(self) -> verified.Verdicts:
        """The revisions that were found to be what their pointers stand for."""
        return verified.Verdicts(self.state(b'verdicts'), self.modes)

    @util.propertycache
    def locks(self) -> locks.LockStore:
        """The locks on the repository's files, where it is the one that has them."""
        path = os.path.join(self.repo.sharedpath, b'lfs', b'locks.sqlite3')
        return locks.LockStore(path, self.modes, self.betweenpushes)

    @contextlib.contextmanager
    def betweenpushes(self) -> Iterator[None]:
        """Hold the repository's lock: no push is checked against locks and goes on."""
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
        """Makes now what threads are going to use."""
        for name in ('store', 'verdicts'):
            getattr(self, name)


#: The services of the repository that a ui belongs to: core makes a repository's
#: options anew when a stream clone has brought other requirements.
_boxes: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def install(ui, options: dict) -> LfsRepo:
    """Puts a repository's services into its store's options."""
    options[OPTION] = lfs = _boxes.setdefault(ui, LfsRepo())
    return lfs


def bind(repo) -> None:
    """Tie a repository that has just been made to the services in its options."""
    lfs = getattr(repo.svfs, 'options', {}).get(OPTION)
    if lfs is not None:
        lfs.bind(repo)


def get(repo) -> LfsRepo | None:
    """Returns a local repository's services, or None where it has none."""
    return from_opener(repo.svfs) if repo.local() else None


def get_if_required(repo) -> LfsRepo | None:
    """Returns the services of a repository that has large files, else None."""
    return from_opener(repo.svfs) if REQUIREMENT in repo.requirements else None


def from_opener(vfs) -> LfsRepo | None:
    """Returns the services that a store's opener carries, or None."""
    lfs = vfs.options.get(OPTION)
    return lfs if lfs is not None and lfs.repo is not None else None


def avoidrust(ui) -> None:
    """Turns off Mercurial's fast update in Rust, which knows no large revisions."""
    for item in (b'update-from-null', b'update-from-clean'):
        ui.setconfig(b'rust', item, False, b'lfs')
