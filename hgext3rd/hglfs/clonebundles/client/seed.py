"""Seed a new repository with the first of a server's clone bundles that works."""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from http import HTTPStatus

from mercurial import bundlecaches
from mercurial.i18n import _

from ...hg.lfsrepo import LfsRepo
from ...hg.operations import PullState
from ...lfs import words
from ...lfs.errors import BlobMangled, HttpFailed, LfsError
from .. import manifest
from . import apply, download

#: Prefixes of the URLs that are downloaded by hg-lfs, not by Mercurial.
FETCHABLE = (b'http://', b'https://', manifest.INLINE)
#: HTTP statuses of a signed URL that has expired: a new signature may help.
_EXPIRED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.GONE)
#: Mercurial's own function: download and apply a bundle; return whether it could.
CoreApply = Callable[[bytes], bool]


def seed(lfs: LfsRepo, pull: PullState, bycore: CoreApply) -> bool:
    """Apply one of the bundles in a manifest; return whether one could be applied.

    The bundles are tried in order of preference. This is called in place of Mercurial's
    function ``bycore``, which applies one bundle; Mercurial has already printed that it
    applies the first.
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
        """Try one bundle after another; return whether one could be applied."""
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
        """Request the manifest again, for URLs with new signatures.

        Returns whether it was requested. This happens only once in a clone: later calls
        return False.
        """
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
        # first the same bundle at its new URL, to resume its download
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
    """Return what identifies an entry, even after its URL was signed again.

    This is the URL without its query, and the other attributes.
    """
    bare = entry[b'URL'].partition(b'?')[0]
    return bare, {name: value for name, value in entry.items() if name != b'URL'}


def explain(exc: LfsError) -> bytes:
    """Return the message for a bundle that could not be downloaded."""
    if isinstance(exc, BlobMangled):
        return b'it is not what the server announced'
    # messages of the store are about blobs
    return exc.message.replace(b'lfs object', b'bundle')
