"""List the large files of the working directory, or of a changeset.

A file of a changeset is large if its revision is stored as a pointer. In the working
directory, a modified or added file is large if the rules make it large at its current
size, as the next commit will do. An unchanged or deleted file is large if it is large
in the first parent.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from mercurial import error
from mercurial import match as matchmod
from mercurial.i18n import _
from mercurial.node import short

from ..hg import lfsrepo, tracking
from ..hg.lfsrepo import LfsRepo
from ..hg.tracking import TrackRule, TrackRules
from ..lfs import words
from . import lock, scan

#: Values of ``present``; that of a file which is not committed yet is None.
STORE, CACHE, MISSING = b'store', b'cache', b'missing'
#: Values of ``state``: the first for files of a changeset, the others for those of the
#: working directory. A deleted file is tracked, but not there.
COMMITTED = b'committed'
CLEAN, DELETED, MODIFIED, ADDED = b'clean', b'deleted', b'modified', b'added'


@dataclass(frozen=True)
class LargeFile:
    """A large file, and where on this machine its content is.

    ``state`` is, for example, COMMITTED or MODIFIED. ``present`` is STORE, CACHE or
    MISSING. ``oid`` and ``present`` are None for a file that is modified or added.
    ``rule`` is the rule that would make the file large if it were committed now, or
    None.
    """

    path: bytes
    oid: bytes | None
    size: int
    state: bytes
    present: bytes | None
    rule: TrackRule | None = None

    @property
    def ismissing(self) -> bool:
        """Whether the content is not on this machine."""
        return self.present == MISSING


def present(lfs: LfsRepo, oid: bytes, size: int) -> bytes:
    """Return where a blob is, without reading it: STORE, CACHE or MISSING."""
    return lfs.store.place(oid, size) or MISSING


def find(ctx, match) -> Iterator[LargeFile]:
    """Yield the large files of a changeset or of the working directory, by path.

    Raises Abort for invalid rules in the working directory, and for invalid pointers.
    """
    if ctx.rev() is None:
        return iter(_working(ctx, match))
    if lfsrepo.get_if_required(ctx.repo()) is None:
        return iter(())
    return recorded(ctx, ctx.walk(match), _rulesof(ctx))


def _working(wctx, match) -> list[LargeFile]:
    repo = wctx.repo()
    rules = tracking.read(repo)
    status = repo.status(match=match)
    changed = {*status.modified, *status.added}
    deleted = set(status.deleted)
    others = [path for path in wctx.matches(match) if path not in changed]
    found = [*pending(repo, status, rules)]
    for each in recorded(repo[b'.'], others, rules):
        state = DELETED if each.path in deleted else CLEAN
        found.append(replace(each, state=state))
    return sorted(found, key=lambda each: each.path)


def recorded(
    ctx, paths: Iterable[bytes], rules: TrackRules | None = None
) -> Iterator[LargeFile]:
    """Yield those of ``paths`` that are large in a changeset, in the given order.

    ``rules`` determines the field ``rule`` of each file.
    """
    lfs = lfsrepo.get_if_required(ctx.repo())
    if lfs is None:
        return
    for large in scan.inchangeset(ctx, paths):
        ref = large.ref
        rule = _ruleof(rules, ref.path, ref.size)
        place = present(lfs, ref.oid, ref.size)
        yield LargeFile(ref.path, ref.oid, ref.size, COMMITTED, place, rule)


def pending(repo, status, rules: TrackRules) -> Iterator[LargeFile]:
    """Yield the files that a commit would store as large files.

    ``status`` is Mercurial's status of the working directory: only its modified and
    added files are tested.
    """
    for state, paths in ((MODIFIED, status.modified), (ADDED, status.added)):
        for path in paths:
            with contextlib.suppress(OSError):
                found = repo.wvfs.lstat(path)
                # a commit applies the rules to symbolic links, too
                isfile = stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)
                rule = _ruleof(rules, path, found.st_size) if isfile else None
                if rule is not None:
                    yield LargeFile(path, None, found.st_size, state, None, rule)


def _ruleof(rules: TrackRules | None, path: bytes, size: int) -> TrackRule | None:
    """Return the rule that makes a file large, or None."""
    rule = rules.deciding(path, size) if rules is not None else None
    return rule if rule is not None and rule.islarge(path, size) else None


def _rulesof(ctx) -> TrackRules | None:
    """Return the rules of a changeset; if they cannot be read, warn and return None."""
    large = next(recorded(ctx, [tracking.FILE]), None)
    try:
        if large is None or not large.ismissing:
            return tracking.ofchangeset(ctx)
        what = _(b'its content is not on this machine')
    except error.Abort as exc:
        what = words.shown(exc.message)
    message = _(b'warning: the rules in %s of %s are not shown: %s\n')
    ctx.repo().ui.warn(message % (tracking.FILE, short(ctx.node()), what))
    return None


class LargeFiles:
    """The set of large files of a changeset or of the working directory.

    Large files that a changeset removes are also in the set, as in Mercurial's own
    ``lfs``. For the working directory, ``match`` limits the search; then the caller
    must test only paths that ``match`` accepts.
    """

    def __init__(self, ctx, match=None) -> None:
        repo = ctx.repo()
        self._repo = repo
        self._ctx = ctx
        self._changed: set[bytes] = set()
        self._pending: set[bytes] = set()
        self._gone: set[bytes] = set()
        if ctx.rev() is not None:
            self._gone.update(scan.removed(ctx))
            return
        self._ctx = ctx.p1()
        if lfsrepo.get_if_required(repo) is not None or tracking.configured(repo):
            status = repo.status(match=match)
            self._changed = {*status.modified, *status.added}
            rules = tracking.read(repo) if self._changed else TrackRules(())
            self._pending = {each.path for each in pending(repo, status, rules)}

    def __contains__(self, path: bytes) -> bool:
        if path in self._changed:
            return path in self._pending
        return path in self._gone or scan.offile(self._ctx, path) is not None

    def ismissing(self, path: bytes) -> bool:
        """Return whether a file is large, and its content is not on this machine."""
        if path in self._changed:
            return False
        large = next(recorded(self._ctx, [path]), None)
        return large is not None and large.ismissing

    def islocked(self, path: bytes) -> bool:
        """Return whether a file is large and locked.

        The first call requests the locks from the server; further calls use the same
        reply.
        """
        return path in self and path in lock.holders(self._repo)


def touching(repo, pattern: bytes | None) -> Callable[[int], bool]:
    """Return a function that tests whether a revision touches large files.

    A revision touches a large file if it adds, modifies or removes it. Only files that
    ``pattern`` matches count; None matches all files. ``pattern`` is relative to the
    current folder.
    """
    inclone = repo.narrowmatch()
    known: dict[bytes, bool] = {}
    matchers: dict[int | None, Callable[[bytes], bool]] = {}

    def ever(path: bytes) -> bool:
        # most files never are large: their changes need no manifest
        if path not in known:
            known[path] = inclone(path) and scan.everlarge(repo, path)
        return known[path]

    def matcher(ctx) -> Callable[[bytes], bool]:
        if pattern is None:
            return inclone
        key = ctx.rev() if matchmod.patkind(pattern) == b'set' else None
        if key not in matchers:
            matchers.clear()
            where, kind = repo.getcwd(), b'relpath'
            matchers[key] = matchmod.match(
                repo.root, where, [pattern], default=kind, ctx=ctx
            )
        return matchers[key]

    def test(rev: int) -> bool:
        ctx = repo[rev]
        matches = matcher(ctx)
        if ctx.rev() is None:
            large = LargeFiles(ctx)
            return any(matches(path) and path in large for path in ctx.files())
        paths = [path for path in ctx.files() if matches(path) and ever(path)]
        return scan.touches(ctx, paths)

    return test
