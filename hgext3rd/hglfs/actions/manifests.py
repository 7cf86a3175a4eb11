"""Find changed files by comparing manifests, for a limited set of paths.

The list of files in a changeset is written by its author, and Mercurial does not verify
it. Here only manifests determine which files a changeset changes.

A flat manifest is a text with one line per file, sorted by path: the path, NUL, the
node in hexadecimal, and flags. If the store has a manifest as a delta to one that was
read before, only the delta is read.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping

from mercurial import error, mdiff, requirements, util
from mercurial.i18n import _
from mercurial.node import bin, nullrev, short
from mercurial.utils import stringutil

#: The lines of a manifest for some paths, by path, without the path. A path usually has
#: one line; a crafted manifest may have several.
State = Mapping[bytes, tuple[bytes, ...]]

_HUNK = struct.Struct('>lll')
#: The number of manifest texts in memory, for the deltas to them.
_TEXTS = 3
#: The length of a node in hexadecimal; flags follow it.
_NODE = 40
_DAMAGE = (error.StorageError, LookupError, ValueError)


def touched(repo, revs: Iterable[int], paths: Collection[bytes]) -> set[bytes]:
    """Return those of ``paths`` that some changesets change.

    A file is changed if its node or flags differ, or if it is removed or renamed. Both
    names of a renamed file are changed. Raises Abort for a changeset whose manifest
    cannot be read.

    A merge changes a file that differs from both parents. If the file is the same as in
    one parent, the merge changes it only if this drops a change that the other parent
    had made since the common ancestor. No change is dropped if the merge's file
    revision descends from the other parent's.
    """
    search = _Search(repo.unfiltered(), frozenset(paths))
    found: set[bytes] = set()
    for rev in revs:
        found |= search.changed(rev)
    return found


def candidates(repo, revs: Iterable[int]) -> set[bytes]:
    """Return all paths that some changesets may change.

    The result has all paths that ``touched`` would return, and possibly more, but is
    faster to compute. Raises Abort for a changeset whose manifest cannot be read.
    """
    repo = repo.unfiltered()
    changelog, reader = repo.changelog, _reader(repo, frozenset())
    found: set[bytes] = set()
    for rev in revs:
        p1, p2 = changelog.parentrevs(rev)
        for parent in {p1} if p2 == nullrev else {p1, p2}:
            with _readable(changelog, rev):
                manifests = (_manifestof(changelog, one) for one in (parent, rev))
                found |= reader.between(*manifests)
    return found


def _manifestof(changelog, rev: int) -> bytes:
    return changelog.changelogrevision(changelog.node(rev)).manifest


@contextlib.contextmanager
def _readable(changelog, rev: int) -> Iterator[None]:
    """Raise Abort if the manifest of ``rev`` cannot be read in this context."""
    try:
        yield
    except _DAMAGE as exc:
        raise error.Abort(
            _(b'cannot tell which files changeset %s changes: %s')
            % (short(changelog.node(rev)), stringutil.forcebytestr(exc))
        ) from exc


class _Search:
    """Find out which of some paths each changeset changes; cache the states read."""

    def __init__(self, repo, paths: frozenset[bytes]) -> None:
        self._repo = repo
        self._changelog = repo.changelog
        self._reader = _reader(repo, paths)
        self._states: dict[int, State] = {nullrev: {}}

    def changed(self, rev: int) -> set[bytes]:
        """Return the searched paths that one changeset changes; see ``touched``."""
        p1, p2 = self._changelog.parentrevs(rev)
        before, after = self._state(p1), self._state(rev)
        if p2 in (nullrev, p1):
            return _different(before, after)
        other = self._state(p2)
        paths = _different(before, after) | _different(other, after)
        return {
            path
            for path in paths
            if not self._taken(path, after, before, other, (p1, p2))
            and not self._taken(path, after, other, before, (p1, p2))
        }

    def _taken(
        self, path: bytes, after: State, chosen: State, left: State, revs
    ) -> bool:
        """Return whether a merge takes a file from the only parent that changed it.

        Then the merge itself does not change the file. ``after`` is the state of the
        merge, ``chosen`` that of the parent from which the file may have been taken,
        ``left`` that of the other parent. ``revs`` are the revision numbers of both
        parents.
        """
        mine, theirs = after.get(path, ()), left.get(path, ())
        if mine != chosen.get(path, ()):
            return False
        nodes = map(self._changelog.node, revs)
        for node in self._changelog.commonancestorsheads(*nodes) or [None]:
            base = self._state(self._changelog.rev(node)) if node else {}
            if base.get(path, ()) == theirs:
                return True
        return self._follows(path, mine, theirs)

    def _follows(
        self, path: bytes, mine: tuple[bytes, ...], theirs: tuple[bytes, ...]
    ) -> bool:
        """Return whether the file revision ``mine`` descends from ``theirs``.

        Both are lines of manifests without the path. The result can be true even if
        both parents have changed the file, for example after grafts.
        """
        if len(mine) != 1 or len(theirs) != 1 or mine[0][_NODE:] != theirs[0][_NODE:]:
            return False
        new, old = bin(mine[0][:_NODE]), bin(theirs[0][:_NODE])
        try:
            return old in self._repo.file(path).commonancestorsheads(new, old)
        except _DAMAGE:
            return False

    def _state(self, rev: int) -> State:
        found = self._states.get(rev)
        if found is None:
            with _readable(self._changelog, rev):
                found = self._reader.state(_manifestof(self._changelog, rev))
            self._states[rev] = found
        return found


def _different(one: State, other: State) -> set[bytes]:
    """Return the paths whose manifest lines differ between two states."""
    if one is other:
        return set()
    paths = {*one, *other}
    return {path for path in paths if one.get(path, ()) != other.get(path, ())}


def _reader(repo, paths: frozenset[bytes]) -> _FlatReader | _TreeReader:
    revlog = getattr(repo.manifestlog.getstorage(b''), '_revlog', None)
    if requirements.TREEMANIFEST_REQUIREMENT in repo.requirements or revlog is None:
        return _TreeReader(repo, paths)
    return _FlatReader(repo, revlog, paths)


class _TreeReader:
    """Read manifests with Mercurial's functions, for example tree manifests.

    These functions read only the directories that are needed.
    """

    def __init__(self, repo, paths: frozenset[bytes]) -> None:
        self._log = repo.manifestlog
        self._paths = paths
        self._known: tuple[bytes, State] = (repo.nullid, {})

    def state(self, node: bytes) -> State:
        """Return the lines of a manifest for the searched paths."""
        if self._known[0] != node:
            manifest = self._log[node].read()
            found = {}
            for path in self._paths:
                if path in manifest:
                    entry, flags = manifest.find(path)
                    found[path] = (entry.hex().encode('ascii') + flags,)
            self._known = (node, found)
        return self._known[1]

    def between(self, old: bytes, new: bytes) -> set[bytes]:
        """Return all paths whose node or flags differ between two manifests."""
        return set(self._log[old].read().diff(self._log[new].read()))


class _FlatReader:
    """Read flat manifests from their revlog, by deltas where possible."""

    def __init__(self, repo, revlog, paths: frozenset[bytes]) -> None:
        self._revlog = revlog
        self._paths = paths
        self._states: dict[int, State] = {nullrev: {}}
        self._last: State = {}
        self._texts = util.lrucachedict(_TEXTS)
        self._texts[nullrev] = b''

    def state(self, node: bytes) -> State:
        """Return the lines of a manifest for the searched paths."""
        rev = self._revlog.rev(node)
        if rev not in self._states:
            found = self._bydelta(rev)
            if found is None:
                found = self._scan(self._text(rev))
            # most are equal: keep one object for all
            self._last = self._last if found == self._last else found
            self._states[rev] = self._last
        return self._states[rev]

    def between(self, old: bytes, new: bytes) -> set[bytes]:
        """Return all paths whose lines differ between two manifests, and maybe more."""
        base, rev = self._revlog.rev(old), self._revlog.rev(new)
        text, delta = self._text(base), self._revlog.revdiff(base, rev)
        # patches raises an error for a malformed delta
        self._texts[rev] = mdiff.patches(text, [delta])
        lines: set[bytes] = set()
        for start, end, changed in _hunks(delta):
            if not _iswhole(text, start, end, changed):
                lines.update(text.split(b'\n'), self._texts[rev].split(b'\n'))
                break
            lines.update(text[start:end].split(b'\n'), changed.split(b'\n'))
        return {line.partition(b'\0')[0] for line in lines}

    def _bydelta(self, rev: int) -> State | None:
        """Compute the state of a manifest from its delta to one that was read before.

        Returns None if that is impossible: the manifest has to be read as a whole.
        """
        base = self._revlog.deltaparent(rev)
        if base == nullrev or base not in self._states:
            return None
        text, delta = self._text(base), self._revlog.revdiff(base, rev)
        # patches raises an error for a malformed delta
        self._texts[rev] = mdiff.patches(text, [delta])
        state = self._states[base]
        change = _Change(state)
        for start, end, new in _hunks(delta):
            if not _iswhole(text, start, end, new):
                return None
            change.lines(text[start:end], self._paths, False)
            change.lines(new, self._paths, True)
        return change.state()

    def _text(self, rev: int) -> bytes:
        if rev not in self._texts:
            self._texts[rev] = self._revlog.rawdata(rev)
        return self._texts[rev]

    def _scan(self, text: bytes) -> State:
        change = _Change({})
        change.lines(text, self._paths, True)
        return change.state()


class _Change:
    """Collect the changes of a delta between two manifests; apply them to a state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._changed: dict[bytes, list[bytes]] = {}

    def lines(self, text: bytes, paths: frozenset[bytes], isnew: bool) -> None:
        """Collect the lines of ``text`` for some paths, as added or as removed.

        ``isnew`` is true for added lines.
        """
        for line in text.split(b'\n'):
            path, _nul, entry = line.partition(b'\0')
            if path in paths:
                entries = self._changed.setdefault(path, [*self._state.get(path, ())])
                if isnew:
                    entries.append(entry)
                else:
                    entries.remove(entry)

    def state(self) -> State:
        """Return the state after the change; the same object if nothing has changed."""
        if not self._changed:
            return self._state
        state = {**self._state}
        for path, entries in self._changed.items():
            state.pop(path, None)
            if entries:
                state[path] = tuple(sorted(entries))
        return state


def _hunks(delta: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield the hunks of a delta: start and end of the old text, and the new text."""
    at = 0
    while at < len(delta):
        start, end, size = _HUNK.unpack_from(delta, at)
        at += _HUNK.size
        yield start, end, delta[at : at + size]
        at += size


def _iswhole(text: bytes, start: int, end: int, new: bytes) -> bool:
    """Return whether a hunk replaces whole lines by whole lines."""
    return all(
        not before or before.endswith(b'\n')
        for before in (
            text[max(0, start - 1) : start],
            text[max(0, end - 1) : end],
            new,
        )
    )
