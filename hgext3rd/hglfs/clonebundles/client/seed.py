"""Seeds a new repository with the first of a server's bundles that works."""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence

from mercurial import bundlecaches
from mercurial.i18n import _

from ...hg.lfsrepo import LfsRepo
from ...hg.operations import PullState
from ...lfs import words
from ...lfs.errors import BlobMangled, HttpFailed, LfsError
from .. import manifest
from . import apply, download

#: How URLs begin that we fetch ourselves.
FETCHABLE = (b'http://', b'https://', manifest.INLINE)
#: What is said of a URL that was good once, and may be again with another signature.
_EXPIRED = (401, 403, 410)
#: Has Mercurial itself apply the bundle at a URL.
CoreApply = Callable[[bytes], bool]


def seed(lfs: LfsRepo, pull: PullState, bycore: CoreApply) -> bool:
    """Applies a bundle; tells whether one could be applied.

    Mercurial has said of the first that it is being applied.
    """
    return _Seeding(lfs, pull, bycore).run()


class _Seeding:
    def __init__(self, lfs: LfsRepo, pull: PullState, bycore: CoreApply) -> None:
        self._choose = pull.choose
        self._lfs = lfs
        self._pull = pull
        self._bycore = bycore
        self._pending = collections.deque(_sorted(lfs.ui, pull.entries))
        self._failed: list[dict] = []
        self._renewed = False

    def run(self) -> bool:
        """Tries one after the other; tells whether one worked."""
        first = True
        while self._pending:
            entry = self._pending.popleft()
            if not first:
                place = words.shown(entry[b'URL'])
                self._lfs.ui.status(_(b'applying clone bundle from %s\n') % place)
            first = False
            if self._try(entry):
                self._pull.seeded = entry
                return True
        return False

    def _try(self, entry: dict) -> bool:
        ui = self._lfs.ui
        try:
            return self._use(entry)
        except HttpFailed as exc:
            ui.warn(_(b'HTTP error fetching bundle: %s\n') % exc.message)
            if exc.hint:
                ui.warn(b'(%s)\n' % exc.hint)
            if exc.status in _EXPIRED and self._renew(entry):
                return False
        except LfsError as exc:
            ui.warn(_(b'error fetching bundle: %s\n') % explain(exc))
        except apply.NotApplied as exc:
            ui.warn(_(b'error applying bundle: %s\n') % exc.args[0])
        self._failed.append(entry)
        return False

    def _use(self, entry: dict) -> bool:
        url = entry[b'URL']
        repo = self._lfs.repo
        if not url.startswith(FETCHABLE):
            with apply.restoring(repo):
                return self._bycore(url)
        fetched = download.fetched(self._lfs, self._pull.peer, manifest.offer(entry))
        with fetched as handle, apply.restoring(repo):
            apply.apply(repo, handle, words.shown(url))
        return True

    def _renew(self, entry: dict) -> bool:
        """Asks for the manifest again, once; tells whether it has another URL."""
        if self._renewed:
            return False
        self._renewed = True
        self._lfs.ui.note(_(b'asking the server for new URLs of its bundles\n'))
        found = _manifest(self._lfs, self._pull.peer)
        fresh = _sorted(self._lfs.ui, self._choose(found))
        failed = [_identity(item) for item in self._failed]
        fresh = [
            item
            for item in fresh
            if item[b'URL'] != entry[b'URL'] and _identity(item) not in failed
        ]
        # what has come of this one is not to be lost
        fresh.sort(key=lambda item: _identity(item) != _identity(entry))
        self._pending = collections.deque(fresh)
        return True


def _manifest(lfs: LfsRepo, peer) -> list[dict]:
    with peer.commandexecutor() as executor:
        text = executor.callcommand(b'clonebundles', {}).result()
    return bundlecaches.parseclonebundlesmanifest(lfs.repo, text)


def _sorted(ui, entries: Sequence[dict]) -> list[dict]:
    return bundlecaches.sortclonebundleentries(ui, list(entries))


def _identity(entry: dict) -> tuple[bytes, dict]:
    """Returns what stays of an entry when its URL is signed anew."""
    bare = entry[b'URL'].partition(b'?')[0]
    return bare, {name: value for name, value in entry.items() if name != b'URL'}


def explain(exc: LfsError) -> bytes:
    """Returns what is said of a bundle that could not be had."""
    if isinstance(exc, BlobMangled):
        return b'it is not what the server announced'
    # the store knows but blobs
    return exc.message.replace(b'lfs object', b'bundle')
