"""Verify all blobs at a limited rate; repair damaged ones, or quarantine them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mercurial import error
from mercurial.i18n import _
from mercurial.node import hex
from mercurial.utils import stringutil

from ...hg import bars
from ...hg.abort import translated
from ...hg.lfsrepo import LfsRepo
from ...lfs.errors import BlobMissing
from ...lfs.oid import isoid
from ...lfs.store import checking, files
from ...lfs.store.api import VERIFYING, Watch
from ...lfs.transfer.throttle import Throttle
from . import references

#: The states of a damaged blob after the scrub.
REPAIRED, QUARANTINED, UNREADABLE = b'repaired', b'quarantined', b'unreadable'
#: The interval in which the position is saved, in seconds.
_NOTED = 1.0


@dataclass(frozen=True)
class Damage:
    """A damaged blob, and the file revisions that refer to it.

    ``state`` is the result of the scrub: REPAIRED, QUARANTINED or UNREADABLE.
    """

    oid: bytes
    state: bytes
    files: tuple[references.Reference, ...] = ()


def scrub(lfs: LfsRepo, rate: int, restart: bool) -> Iterator[Damage]:
    """Verify all blobs of the store; then yield the damaged blobs, even if repaired.

    Reads at most ``rate`` bytes per second, and resumes an interrupted scrub unless
    ``restart`` is set.
    """
    with translated(), _state(lfs) as state:
        if restart:
            _note(state, b'')
        lfs.quarantine.prepare()
        found = _Scrub(lfs, Throttle(rate)).run(state)
        _note(state, b'')
    if found:
        yield from _explained(lfs, found)


class _Scrub:
    def __init__(self, lfs: LfsRepo, throttle: Throttle) -> None:
        self._lfs = lfs
        self._store = lfs.ownstore
        self._throttle = throttle
        self._quarantine = lfs.quarantine
        self._found: dict[bytes, bytes] = {}

    def run(self, state) -> dict[bytes, bytes]:
        """Verify the blobs that are left; return the states of damaged blobs by oid.

        ``state`` is the file with the position from which to resume.
        """
        done = _done(state)
        resent = []
        for oid in list(self._quarantine):
            watch = self._lfs.show(VERIFYING, oid, self._quarantine.size(oid))
            if not self._quarantine.restore(oid, watch):
                self._found[oid] = QUARANTINED
                # sent again after an interrupted run had come past it
                resent += [oid] if oid <= done and self._store.has(oid) else []
        self._walk(state, done, resent)
        return self._found

    def _walk(self, state, done: bytes, resent: list[bytes]) -> None:
        if done:
            self._lfs.ui.status(_(b'going on after %s\n') % done[:12])
        size = self._sizeof(resent) + self._sizeof(self._store.after(done))
        noted = time.monotonic()
        try:
            with bars.ByteBar(self._lfs.ui, _(b'lfs scrub'), size) as bar:
                for oid in resent:
                    self._read(oid, bar)
                for oid in self._store.after(done):
                    self._read(oid, bar)
                    done = oid
                    if time.monotonic() - noted > _NOTED:
                        _note(state, done)
                        noted = time.monotonic()
        except BaseException:
            _note(state, done)
            raise

    def _sizeof(self, oids: Iterable[bytes]) -> int:
        return sum(self._store.size(oid) or 0 for oid in oids)

    def _read(self, oid: bytes, bar: bars.ByteBar) -> None:
        copy = checking.inspect(self._store, oid, self._slowed(oid, bar))
        if copy.state == checking.UNREADABLE:
            self._lfs.ui.warn(_(b'%s: %s\n') % (oid, copy.reason))
            self._found[oid] = UNREADABLE
        elif copy.state == checking.SOUND:
            if self._found.pop(oid, None):
                self._quarantine.discard(oid)
        elif copy.status is not None and self._quarantine.take(oid, copy.status):
            self._mend(oid)

    def _slowed(self, oid: bytes, bar: bars.ByteBar) -> Watch:
        def watch(chunks: Iterator[bytes]) -> Iterator[bytes]:
            for chunk in chunks:
                self._throttle.take(len(chunk))
                bar.advance(len(chunk), oid)
                yield chunk

        return watch

    def _mend(self, oid: bytes) -> None:
        self._found[oid] = QUARANTINED
        # this verifies the blob in the cache
        with contextlib.suppress(BlobMissing):
            self._lfs.store.link_local(oid)
            self._found[oid] = REPAIRED
            self._quarantine.discard(oid)


def _explained(lfs: LfsRepo, found: dict[bytes, bytes]) -> Iterator[Damage]:
    """Yield a Damage for each blob, with the file revisions that refer to it."""
    users: dict[bytes, list[references.Reference]] = {oid: [] for oid in found}
    try:
        for reference in references.everywhere(lfs.repo):
            if reference.pointer.oid in users:
                users[reference.pointer.oid].append(reference)
    except error.StateError as exc:  # the damages must still be reported
        lfs.ui.warn(b'%s\n' % stringutil.forcebytestr(exc))
    for oid, state in sorted(found.items()):
        yield Damage(oid, state, tuple(users[oid]))


def changeset(lfs: LfsRepo, reference: references.Reference) -> bytes:
    """Return the hash, in hex, of the changeset that introduced a file revision."""
    return hex(lfs.repo.unfiltered().changelog.node(reference.linkrev))


@contextlib.contextmanager
def _state(lfs: LfsRepo):
    """Open the file with the position of the scrub, and lock it during the context.

    Raises StateError if another scrub of this repository has locked it.
    """
    path = lfs.state(b'scrub')
    files.makefolders(os.path.dirname(path), lfs.modes)
    with files.openkept(path, lfs.modes) as handle:
        files.checklocks(handle, path)
        if not files.trylock(handle):
            raise error.StateError(_(b'another scrub of this repository is running'))
        yield handle


def _done(state) -> bytes:
    state.seek(0)
    oid = state.read(64)
    return oid if isoid(oid) else b''


def _note(state, oid: bytes) -> None:
    # short enough for an atomic write
    state.seek(0)
    state.write(oid or b'-' * 64)
