"""Replace damaged and missing blobs by sound copies from other places.

The places are searched in this order: the user's cache, the working directory, the
working directories of shares, and the remotes. The store verifies each copy that it
receives.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from mercurial import error
from mercurial.i18n import _

from ...hg import bars, progress, remotes
from ...hg.lfsrepo import LfsRepo
from ...lfs import words
from ...lfs.blob import DOWNLOAD, BlobRef
from ...lfs.errors import (
    BlobCorrupt,
    BlobMangled,
    BlobMissing,
    ConnectionFailed,
    LfsError,
    RemoteError,
)
from ...lfs.remote.api import Remote
from ...lfs.store import checking, files
from ...lfs.store.api import VERIFYING
from ...lfs.store.hashing import digest
from ...lfs.transfer import queue
from . import shares

#: The kinds of places where a sound copy may be.
STORE, CACHE, QUARANTINE = b'store', b'cache', b'quarantine'
WORKTREE, SHARE, REMOTE = b'working-directory', b'share', b'remote'
#: The errors of a download, apart from those of the store.
_FAILURES = (RemoteError, BlobMissing, BlobCorrupt)
#: The number of failed requests without a blob after which a remote is given up.
_PATIENCE = 20


@dataclass(frozen=True)
class Replacement:
    """The place where a sound copy of a blob was found.

    ``kind`` is, for example, SHARE or REMOTE; ``place`` is a path, or the name of a
    remote.
    """

    kind: bytes
    place: bytes = b''


@dataclass
class Search:
    """The state of a search for sound copies of blobs; all fields are keyed by oid.

    ``left`` are the blobs for which no sound copy was found yet. ``reasons`` has the
    first error for blobs in ``left``. ``found`` has the places of the sound copies.
    """

    left: dict[bytes, BlobRef]
    found: dict[bytes, Replacement] = field(default_factory=dict)
    reasons: dict[bytes, bytes] = field(default_factory=dict)

    def settle(self, oid: bytes, where: Replacement) -> None:
        """Move a blob from ``left`` to ``found``."""
        del self.left[oid]
        self.found[oid] = where
        self.reasons.pop(oid, None)


def search(lfs: LfsRepo, refs: Sequence[BlobRef], dryrun: bool) -> Search:
    """Store sound copies of blobs that the store does not have; return what was found.

    With ``dryrun``, nothing is stored or downloaded: remotes are only asked whether
    they have a blob. Raises StoreFailed if a copy cannot be stored, as on a full disk.
    """
    found = Search({ref.oid: ref for ref in refs})
    for step in (_incache, _inworktrees, _inremotes):
        if found.left:
            step(lfs, found, dryrun)
    if not dryrun:
        lfs.store.flush()
    return found


def _incache(lfs: LfsRepo, found: Search, dryrun: bool) -> None:
    cache = lfs.store.cache
    if cache is None:
        return
    for oid in list(found.left):
        if dryrun:
            sound = checking.inspect(cache, oid).state == checking.SOUND
        else:
            lfs.store.distrust(oid)
            try:
                lfs.store.link_local(oid)
                sound = True
            except BlobMissing:
                sound = False
        if sound:
            found.settle(oid, Replacement(CACHE, cache.path(oid)))


def _inworktrees(lfs: LfsRepo, found: Search, dryrun: bool) -> None:
    own, *others = shares.worktrees(lfs)
    for root in (own, *others):
        kind = WORKTREE if root == own else SHARE
        topic, unit = _(b'lfs searching'), _(b'files')
        sizes = {ref.size for ref in found.left.values()}
        paths = _candidates(root, sizes)
        for path in bars.counted(lfs.ui, topic, unit, paths, name=bytes):
            oid = _take(lfs, found, path, dryrun)
            if oid is not None:
                found.settle(oid, Replacement(kind, path))
            if not found.left:
                return


def _candidates(root: bytes, sizes: Collection[int]) -> Iterator[bytes]:
    """Yield the regular files below a root whose size in bytes is in ``sizes``."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != b'.hg']
        for name in names:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                status = os.lstat(path)
                if stat.S_ISREG(status.st_mode) and status.st_size in sizes:
                    yield path


def _take(lfs: LfsRepo, found: Search, path: bytes, dryrun: bool) -> bytes | None:
    """Store a working file if it is the content of a blob in ``found.left``.

    Returns its oid, or None if it is not. With ``dryrun``, the file is not stored.
    """
    with contextlib.suppress(OSError), open(path, 'rb') as handle:
        watch = lfs.show(VERIFYING, path, os.fstat(handle.fileno()).st_size)
        oid, size = digest(watch(files.readchunks(handle)))
        if oid not in found.left:
            return None
        if not dryrun:
            handle.seek(0)
            try:
                lfs.store.ingest(files.readchunks(handle), oid, size)
            except BlobMangled:  # changed since it was hashed
                return None
        return oid
    return None


def _inremotes(lfs: LfsRepo, found: Search, dryrun: bool) -> None:
    if not remotes.areconfigured(lfs):
        return
    try:
        for remote in remotes.candidates(lfs, DOWNLOAD):
            with _reported(lfs, remote):
                if dryrun:
                    _ask(lfs, remote, found)
                else:
                    _Download(lfs, remote, found).run(list(found.left.values()))
            if not found.left:
                return
    except RemoteError as exc:  # the next endpoint cannot be used
        lfs.ui.warn(_(b'lfs: not fetched: %s\n') % exc.message)


@contextlib.contextmanager
def _reported(lfs: LfsRepo, remote: Remote) -> Iterator[None]:
    """Turn an error about the remote as a whole, in this context, into a warning."""
    try:
        yield
    except _FAILURES as exc:
        why = exc.message
    except error.Abort as exc:  # such as a password that is not accepted
        why = words.shown(exc.message)
    else:
        return
    lfs.ui.warn(_(b'lfs: not fetched from %s: %s\n') % (remote.name, why))


def _ask(lfs: LfsRepo, remote: Remote, found: Search) -> None:
    """Ask a remote which blobs of ``found.left`` it has, without downloading them.

    Blobs that the remote has are recorded as found.
    """
    refs, policy = list(found.left.values()), remotes.policy(lfs)
    silent = progress.meter(lfs.ui, DOWNLOAD, remote, lenient=True)
    try:
        for plan in queue.planned(remote, DOWNLOAD, refs, policy.retry, silent):
            for ref in (ref for one in plan.transfers for ref in one.refs):
                found.settle(ref.oid, Replacement(REMOTE, remote.name))
            for ref, reason in plan.refused:
                found.reasons.setdefault(ref.oid, reason.message)
    finally:
        silent.closed()


class _Download:
    """The download of blobs from one remote.

    If a copy at the remote is damaged, the transfer ends with an error that may not
    name the blob. The blobs that did not arrive are then requested again, in two
    halves.
    """

    def __init__(self, lfs: LfsRepo, remote: Remote, found: Search) -> None:
        self._lfs = lfs
        self._remote = remote
        self._found = found
        self._failures = 0

    def run(self, refs: Sequence[BlobRef]) -> None:
        """Download blobs; raise an error only if it concerns the remote as a whole.

        Errors of single blobs are recorded in ``reasons`` of the search.
        """
        refused: list[tuple[BlobRef, LfsError]] = []
        failure: LfsError | None = None
        try:
            refused = self._move(refs)
        except _FAILURES as exc:
            failure = exc
        left = [ref for ref in refs if not self._arrived(ref)]
        self._failures = 0 if len(left) < len(refs) else self._failures + 1
        for ref, reason in refused:
            self._found.reasons.setdefault(ref.oid, reason.message)
        if failure is None or not left:
            return
        # only the error of a transfer, not that of a request for many, has a path
        isofone = failure.path is not None and not isinstance(failure, ConnectionFailed)
        if not isofone or self._failures > _PATIENCE:
            raise failure
        if len(left) == 1:
            self._found.reasons.setdefault(left[0].oid, failure.message)
            return
        middle = len(left) // 2
        self.run(left[:middle])
        self.run(left[middle:])

    def _move(self, refs: Sequence[BlobRef]) -> list[tuple[BlobRef, LfsError]]:
        lfs = self._lfs
        meter = progress.meter(lfs.ui, DOWNLOAD, self._remote, lenient=True)
        policy = remotes.policy(lfs)
        return queue.move(
            self._remote, DOWNLOAD, refs, lfs.store, meter, policy, lambda: True
        )

    def _arrived(self, ref: BlobRef) -> bool:
        if self._lfs.ownstore.has(ref.oid):
            self._found.settle(ref.oid, Replacement(REMOTE, self._remote.name))
            return True
        return False
