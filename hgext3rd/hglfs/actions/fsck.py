"""Check every pointer of a history against the store, and repair what is wrong.

A clone usually lacks the blobs of revisions that were never checked out; they can be
fetched from a server. A missing blob is a problem only if

- a draft or secret changeset introduced it, so that it may be on no server
- no remote is configured
- the parents of the working directory need it
- the user asked for all blobs (``Scope.everything``)
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mercurial import error, sparse
from mercurial.i18n import _
from mercurial.node import hex

from ..hg import bars, compat, remotes
from ..hg.abort import translated
from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef
from ..lfs.errors import StoreFailed
from ..lfs.store import checking, files
from ..lfs.store.api import VERIFYING, Watch
from ..lfs.store.checking import Copy
from .maintenance import parallel, pointers, repair
from .maintenance.repair import CACHE, QUARANTINE, STORE, Replacement
from .usage import Amount

#: The states of a problem.
MISSING, DAMAGED, UNREADABLE = b'missing', b'damaged', b'unreadable'
WRONGSIZE, INVALID = b'wrong-size', b'invalid-pointer'


@dataclass(frozen=True)
class Scope:
    """The pointers to check: those of files that ``match`` accepts, in some revisions.

    ``revs`` are revision numbers, or None for the whole history. With ``everything``,
    every missing blob is a problem.
    """

    revs: Sequence[int] | None
    match: Callable[[bytes], bool]
    everything: bool = False


class Use(NamedTuple):
    """A file revision that refers to a blob, and the size that its pointer states.

    ``rev`` is the number of a changeset with this file revision, usually of the
    changeset that introduced it.
    """

    path: bytes
    rev: int
    size: int


@dataclass
class Problem:
    """A problem with a blob or a pointer.

    ``oid`` is None for an invalid pointer. ``size`` is the size in bytes that the
    pointer states, ``actual`` that of the stored blob if it differs. ``place`` is where
    the damaged copy is. ``replacement`` is where a sound copy was found, and
    ``repaired`` whether that copy is in place now. ``kept`` is the path of a damaged
    copy in the quarantine.
    """

    state: bytes
    uses: list[Use]
    oid: bytes | None = None
    size: int | None = None
    actual: int | None = None
    place: bytes | None = None
    reason: bytes = b''
    repaired: bool = False
    replacement: Replacement | None = None
    kept: bytes | None = None

    @property
    def isrepairable(self) -> bool:
        """Whether a sound copy of the blob would solve the problem."""
        return self.state in (MISSING, DAMAGED)


@dataclass
class Findings:
    """The result of a check.

    ``blobs`` counts the blobs that the checked history refers to. ``sound`` counts the
    undamaged blobs that are in the store or the cache. ``elsewhere`` counts the missing
    blobs that are no problem, because they can be fetched. ``unread`` are the files
    whose history cannot be read, each with the reason. ``kept`` is the number of
    damaged copies in the quarantine.
    """

    blobs: Amount = field(default_factory=Amount)
    sound: Amount = field(default_factory=Amount)
    elsewhere: Amount = field(default_factory=Amount)
    problems: list[Problem] = field(default_factory=list)
    unread: list[tuple[bytes, bytes]] = field(default_factory=list)
    kept: int = 0

    @property
    def left(self) -> list[Problem]:
        """The problems that were not repaired."""
        return [problem for problem in self.problems if not problem.repaired]


@dataclass
class _Wanted:
    """A blob that the checked history refers to.

    ``uses`` are the file revisions that refer to the blob. ``needed`` is whether it is
    a problem if the blob is missing.
    """

    uses: list[Use] = field(default_factory=list)
    needed: bool = False


@dataclass(frozen=True)
class _Copies:
    """The results of verifying a blob in the store and in the cache.

    If both are hard links to one file, it is verified once, and the results are equal.
    """

    own: Copy
    cached: Copy

    def places(self, state: bytes) -> list[bytes]:
        """Return the places, STORE and CACHE, whose copy is in the given state."""
        pairs = ((STORE, self.own), (CACHE, self.cached))
        return [place for place, copy in pairs if copy.state == state]


class Check:
    """A check of a repository's history, and the repair of what it finds."""

    def __init__(self, lfs: LfsRepo, scope: Scope) -> None:
        self._lfs = lfs
        self._scope = scope
        self._wanted: dict[bytes, _Wanted] = {}
        self._copies: dict[bytes, _Copies] = {}
        self.findings = Findings()

    def run(self) -> None:
        """Find all problems and record them in ``findings``; repair nothing.

        Only the mtimes of sound blobs are changed: to whole seconds, which marks a blob
        as verified; see ``files.seal``.
        """
        _checkhistory(self._lfs.repo, self._scope)
        self._collect()
        everything = self._scope.everything or not remotes.areconfigured(self._lfs)
        oids = sorted(self._wanted)
        size = sum(map(self._sizehere, oids))
        with translated(), bars.ByteBar(self._lfs.ui, _(b'lfs fsck'), size) as bar:
            for oid, copies in parallel.results(bar, oids, self._examine, self._nameof):
                self._judge(oid, copies, everything)
        self.findings.problems.sort(key=lambda problem: problem.uses[0])
        self.findings.kept = sum(1 for _oid in self._lfs.quarantine)

    # the history

    def _collect(self) -> None:
        """Collect all pointers, and determine which blobs have to be present."""
        repo = self._lfs.repo
        drafts = set(repo.revs(b'not public()'))
        checkout = _Checkout(repo)
        topic, unit = _(b'lfs references'), _(b'files')
        found = _histories(repo, self._scope)
        paths = bars.counted(repo.ui, topic, unit, sorted(found), len(found), bytes)
        for path in paths:
            try:
                for large in pointers.offile(repo, path, found[path]):
                    self._note(large, found[path], drafts, checkout)
            except pointers.DAMAGE as exc:
                self.findings.unread.append((path, pointers.reason(exc)))

    def _note(
        self,
        large: pointers.LargeRevision,
        revs: dict[bytes, int] | None,
        drafts: set[int],
        checkout: _Checkout,
    ) -> None:
        path, rlog, node, pointer = large.path, large.rlog, large.node, large.pointer
        islinked = hasattr(rlog, 'linkrev')  # not in shallow clones
        rev = rlog.linkrev(rlog.rev(node)) if islinked else (revs or {})[node]
        if pointer is None:
            uses = [Use(path, rev, 0)]
            self.findings.problems.append(Problem(INVALID, uses, reason=large.mistake))
            return
        wanted = self._wanted.setdefault(pointer.oid, _Wanted())
        wanted.uses.append(Use(path, rev, pointer.size))
        if not wanted.needed:
            wanted.needed = islinked and rev in drafts or checkout.has(path, node)

    # the copies

    def _nameof(self, oid: bytes) -> bytes:
        return self._wanted[oid].uses[0].path

    def _sizehere(self, oid: bytes) -> int:
        """Return the number of bytes to read for verifying a blob, as an estimate.

        The estimate is for a progress bar. Returns 0 for a blob that is neither in the
        store nor in the cache.
        """
        store = self._lfs.store
        for holder in (store.own, store.cache):
            with contextlib.suppress(OSError):  # a folder of another user
                size = holder.size(oid) if holder is not None else None
                if size is not None:
                    return size
        return 0

    def _examine(self, oid: bytes, watch: Watch) -> _Copies:
        """Verify the copies of a blob, each file once.

        Runs in a thread: MUST NOT use the ui.
        """
        store = self._lfs.store
        own = checking.inspect(store.own, oid, watch)
        if store.cache is None:
            return _Copies(own, Copy(checking.MISSING))
        if own.isfile(store.cache.path(oid)):
            return _Copies(own, own)
        return _Copies(own, checking.inspect(store.cache, oid, watch))

    def _judge(self, oid: bytes, copies: _Copies, everything: bool) -> None:
        """Record in ``findings`` whether a blob is sound, or what the problem is.

        ``copies`` are its copies after verification. With ``everything``, a missing
        blob is always a problem.
        """
        wanted, findings = self._wanted.pop(oid), self.findings
        size = wanted.uses[0].size
        findings.blobs.add(size)
        own, cached = copies.own, copies.cached
        sound = own if own.state == checking.SOUND else cached
        if sound.state == checking.SOUND:
            self._measure(oid, wanted.uses, sound.size)
        problem = Problem(DAMAGED, wanted.uses, oid, size)
        broken = copies.places(checking.DAMAGED)
        if broken:
            problem.place = broken[0]
            self._copies[oid] = copies
        elif own.state == checking.UNREADABLE:
            problem.state, problem.place, problem.reason = UNREADABLE, STORE, own.reason
        elif sound.state == checking.SOUND:
            findings.sound.add(sound.size)
            return
        elif self._lfs.quarantine.has(oid):
            problem.place, problem.kept = QUARANTINE, self._lfs.quarantine.path(oid)
        elif wanted.needed or everything:
            problem.state = MISSING
        else:
            findings.elsewhere.add(size)
            return
        findings.problems.append(problem)

    def _measure(self, oid: bytes, uses: list[Use], size: int) -> None:
        """Record a problem for each pointer that states a wrong size.

        ``size`` is that of the sound blob, ``uses`` are the file revisions that refer
        to it.
        """
        for stated in sorted({use.size for use in uses} - {size}):
            some = [use for use in uses if use.size == stated]
            problem = Problem(WRONGSIZE, some, oid, stated, actual=size)
            self.findings.problems.append(problem)

    # the repair

    def repair(self, dryrun: bool) -> None:
        """Replace damaged and missing blobs by sound copies.

        Damaged copies are first moved to the quarantine. The damaged copy is removed
        when the blob has been replaced, otherwise it is kept. With ``dryrun``, sound
        copies are only searched for. Raises StorageError if the disk is full.
        """
        wanted: dict[bytes, tuple[Problem, BlobRef]] = {}
        for problem in self.findings.problems:
            if problem.oid is None or not problem.isrepairable:
                continue
            if dryrun or self._setaside(problem):
                if self._isinplace(problem, dryrun):
                    continue
                use = problem.uses[0]
                wanted[problem.oid] = problem, BlobRef(problem.oid, use.size, use.path)
        with translated():
            refs = [ref for _problem, ref in wanted.values()]
            found = repair.search(self._lfs, refs, dryrun)
        for oid, (problem, _ref) in wanted.items():
            self._conclude(problem, found.found.get(oid), dryrun)
            problem.reason = problem.reason or found.reasons.get(oid, b'')
        self.findings.kept = sum(1 for _oid in self._lfs.quarantine)

    def _setaside(self, problem: Problem) -> bool:
        """Move the damaged copies of a blob to the quarantine; return whether all are.

        On failure, the reason is recorded in ``problem``.
        """
        assert problem.oid is not None
        copies = self._copies.get(problem.oid)
        try:
            if copies is not None:
                self._move(problem.oid, copies)
        except StoreFailed as exc:
            problem.reason = exc.message
        except OSError as exc:
            problem.reason = files.reason(exc)
        else:
            return True
        return False

    def _move(self, oid: bytes, copies: _Copies) -> None:
        quarantine, cache = self._lfs.quarantine, self._lfs.store.cache
        broken = copies.places(checking.DAMAGED)
        if STORE in broken and copies.own.status is not None:
            quarantine.prepare()
            if not quarantine.take(oid, copies.own.status):
                raise StoreFailed(b'it has been replaced; run the command again')
        if CACHE in broken and cache is not None:
            # unless it was replaced since it was read
            if copies.cached.isfile(cache.path(oid)):
                if copies.own.state != checking.SOUND:
                    quarantine.keep(oid, cache.path(oid))
                cache.remove(oid)
            self._lfs.store.distrust(oid)

    def _isinplace(self, problem: Problem, dryrun: bool) -> bool:
        """Solve a problem by a sound copy in the store or quarantine, if there is one.

        Returns whether it is solved, or could be solved without ``dryrun``. A sound
        copy in the store replaces a damaged copy in the cache. A sound copy in the
        quarantine is moved back to the store.
        """
        oid, store = problem.oid, self._lfs.store
        assert oid is not None
        copies = self._copies.get(oid)
        if copies is not None and copies.own.state == checking.SOUND:
            if not dryrun and store.cache is not None:
                store.cache.adopt(oid, store.own.path(oid))
            where = Replacement(STORE, store.own.path(oid))
        elif problem.place == QUARANTINE and self._isrestored(oid, dryrun):
            where = Replacement(QUARANTINE, self._lfs.quarantine.path(oid))
        else:
            return False
        self._conclude(problem, where, dryrun)
        return True

    def _isrestored(self, oid: bytes, dryrun: bool) -> bool:
        """Move a blob from the quarantine to the store if it is sound.

        Returns whether it was moved. With ``dryrun``, does nothing and returns False.
        """
        quarantine = self._lfs.quarantine
        watch = self._lfs.show(VERIFYING, oid, quarantine.size(oid))
        try:
            return not dryrun and quarantine.restore(oid, watch)
        except OSError:
            return False

    def _conclude(
        self, problem: Problem, where: Replacement | None, dryrun: bool
    ) -> None:
        quarantine, oid = self._lfs.quarantine, problem.oid
        assert oid is not None
        problem.replacement = where
        problem.repaired = where is not None and not dryrun
        if problem.repaired:
            quarantine.discard(oid)
        problem.kept = quarantine.path(oid) if quarantine.has(oid) else None


class _Checkout:
    """The files that are checked out in the working directory.

    These are the files of its parents that are in the sparse profile.
    """

    def __init__(self, repo) -> None:
        self._manifests = [ctx.manifest() for ctx in repo[None].parents()]
        self._match = sparse.matcher(repo)

    def has(self, path: bytes, node: bytes) -> bool:
        """Return whether this file revision is checked out."""
        ours = any(manifest.get(path) == node for manifest in self._manifests)
        return ours and self._match(path)


def _checkhistory(repo, scope: Scope) -> None:
    """Raise Abort if the repository lacks the history that is to be checked.

    This is so in a bundle repository, and in a shallow clone without ``scope.revs``.
    """
    if repo.url().startswith((b'bundle:', b'union:')):
        raise error.InputError(_(b'a bundle has no blobs of its own'))
    isshallow = any(b'remotefilelog' in name for name in repo.requirements)
    if isshallow and scope.revs is None:
        raise error.StateError(
            _(b'the history of files is not in this repository'),
            hint=_(b'name revisions to check, as in: hg lfs-fsck --rev .'),
        )


def _histories(repo, scope: Scope) -> dict[bytes, dict[bytes, int] | None]:
    """Return the files to check, each with its revisions, or None for all revisions.

    The revisions are given as file nodes, each with the changeset that has it.
    """
    if scope.revs is None:
        return {path: None for path in compat.filelogs(repo) if scope.match(path)}
    found: dict[bytes, dict[bytes, int] | None] = {}
    known: set[int] = set()
    inclone = repo.narrowmatch()
    topic, unit, revs = _(b'lfs changesets'), _(b'changesets'), sorted(scope.revs)
    for rev in bars.counted(repo.ui, topic, unit, revs, len(revs)):
        for path, node in _entries(repo[rev], known):
            if scope.match(path) and inclone(path):
                nodes = found.setdefault(path, {})
                assert nodes is not None
                nodes.setdefault(node, rev)
        known.add(rev)
    return found


def _entries(ctx, known: set[int]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (path, node) of the files that a changeset adds or changes.

    ``known`` are the revision numbers of changesets that were already searched. If the
    changeset's parent is not one of them, yields all files of the changeset.
    """
    manifest, parent = ctx.manifest(), ctx.p1()
    if parent.rev() not in known:
        for path in manifest:
            yield path, manifest[path]
        return
    for path, (_old, new) in parent.manifest().diff(manifest).items():
        if new[0] is not None:
            yield path, new[0]


def changeset(lfs: LfsRepo, use: Use) -> bytes:
    """Return the hash, in hex, of the changeset ``use.rev``."""
    return hex(lfs.repo.changelog.node(use.rev))


@dataclass(frozen=True)
class Cleared:
    """A damaged copy in the quarantine, as a result of ``clear``.

    ``removed`` is whether the copy was removed, or would be removed without ``dryrun``.
    """

    oid: bytes
    size: int
    path: bytes
    removed: bool


def clear(lfs: LfsRepo, everything: bool, dryrun: bool) -> Iterator[Cleared]:
    """Remove damaged copies of blobs that are sound in the store again.

    With ``everything``, remove all damaged copies. With ``dryrun``, remove nothing.
    """
    quarantine, store = lfs.quarantine, lfs.ownstore
    for oid in list(quarantine):
        size = quarantine.size(oid)
        removed = everything
        if not everything:
            watch = lfs.show(VERIFYING, oid, store.size(oid) or 0)
            removed = checking.inspect(store, oid, watch).state == checking.SOUND
        if removed and not dryrun:
            quarantine.discard(oid)
        yield Cleared(oid, size, quarantine.path(oid), removed)
