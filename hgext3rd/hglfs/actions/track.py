"""Change the rules in ``.hglfs`` for patterns that users type."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mercurial import config, error, filesetlang
from mercurial.i18n import _

from ..hg import rulefile, selector, tracking, typed
from ..hg.rulefile import ALL, NONE, RuleFile
from ..hg.tracking import TrackRules
from ..hg.typed import Typed
from ..lfs import words
from . import candidates
from .candidates import Candidate


@dataclass(frozen=True)
class RuleFileChange:
    """A rule that was added to the file, or removed if ``added`` is false.

    ``line`` is its line number, from 1.
    """

    added: bool
    rule: bytes
    line: int


@dataclass(frozen=True)
class Outcome:
    """The result of changing rules: the changed rules, and the files that they affect.

    ``files`` are those that become large, or are no longer large. ``nofile`` are the
    patterns that match no file. ``norule`` are the patterns whose files no rule makes
    large. ``wider`` are left sides of rules that match more files than their patterns.
    ``overruled`` is the rule in the configuration that is ignored from now on, because
    ``.hglfs`` takes its place.
    """

    changes: list[RuleFileChange]
    files: list[Candidate]
    nofile: list[bytes]
    norule: list[bytes]
    wider: list[Typed]
    overruled: bytes | None = None


def change(
    repo, patterns: Sequence[bytes], anycase: bool, islarge: bool, dryrun: bool
) -> Outcome:
    """Write rules that make all files of some patterns large, or none of them.

    ``islarge`` is whether the files are to be large. With ``anycase``, patterns match
    names in any case. With ``dryrun``, nothing is written.

    Raises Abort, and writes nothing, if a pattern cannot be expressed as a rule, if it
    would match only in another case, or if the rule file has mistakes.
    """
    with contextlib.nullcontext() if dryrun else repo.wlock():
        data = tracking.readfile(repo)
        before = tracking.read(repo)
        text = _editable(data or b'')
        place = typed.WorkingFolder(repo.root, repo.getcwd())
        wanted = [_parsed(text, pattern, place, anycase) for pattern in patterns]
        files = list(candidates.find(repo))
        changes = [_settle(text, each, islarge, place) for each in wanted]
        for alternatives, changed in zip(wanted, changes):
            if islarge or all(one.added for one in changed):
                _checkcase(alternatives, files)
        after = tracking.parse(text.data(), repo.root)
        merged = [one for each in changes for one in each]
        created = data is None and bool(merged)
        if merged and not dryrun:
            _write(repo, text.data())
    spec = tracking.configspec(repo.ui)
    norule = [] if islarge else _unchanged(wanted, changes)
    return Outcome(
        merged,
        _affected(files, before, after if merged else before),
        [text for text in _fileless(wanted, files, changes) if text not in norule],
        norule,
        [one for each in wanted for one in each if one.wider],
        spec if created and spec != NONE else None,
    )


def _editable(data: bytes) -> RuleFile:
    """Parse a file of rules for editing; raise Abort if it cannot be edited."""
    tracking.checkmisplaced(data)
    text = RuleFile(data)
    parsed = config.config()
    parsed.parse(tracking.FILE, data)
    found = [(item.left, item.right) for item in text.rules()]
    if found != parsed.items(rulefile.SECTION):
        raise error.Abort(
            _(b'.hglfs has lines that can only be changed by hand'),
            hint=_(b'a line that begins with % is in the way: write the rule by hand'),
        )
    return text


def _parsed(
    text: RuleFile, pattern: bytes, place: typed.WorkingFolder, anycase: bool
) -> list[Typed]:
    """Translate a pattern as typed by the user to left sides of rules.

    There is one for each alternative in the pattern. ``place`` is the folder that the
    pattern is relative to; with ``anycase``, it matches in any case. A pattern that is
    already the left side of a rule in ``text`` is returned unchanged.
    """
    if not anycase and any(item.left == pattern for item in text.rules()):
        return [Typed(pattern, pattern, selector.of(pattern, place.isfile))]
    return typed.parse(pattern, place, anycase)


def _checkcase(alternatives: list[Typed], files: list[Candidate]) -> None:
    """Raise Abort for a pattern that matches no file, but would in another case."""
    paths = [found.path for found in files]
    if any(one.selector.matches(path) for one in alternatives for path in paths):
        return
    for one in alternatives:
        other = candidates.inothercase(one.selector, paths)
        if other is not None:
            path, test = other
            between = b'/**/*' if test.place and test.suffix else b'*'
            meant = test.place + (between + test.suffix if test.suffix else b'')
            raise error.InputError(
                _(b"'%s' matches no file, but would in another case: %s")
                % (words.shown(one.text), words.shown(path)),
                hint=_(b"use '%s', or -i for any case") % words.shown(meant),
            )


def _settle(
    text: RuleFile,
    alternatives: list[Typed],
    islarge: bool,
    place: typed.WorkingFolder,
) -> list[RuleFileChange]:
    """Change the rules so that all files of a pattern are large, or none is.

    ``alternatives`` are the left sides for the pattern. Returns the changes of the
    rules.
    """
    changes = []
    for one in alternatives:
        changes += _Settlement(text, one, islarge, place).settle()
    return changes


class _Settlement:
    """Change the rules so that the files of one left side are all large, or none is.

    An existing rule that the new rule covers is removed if its result is different, or
    if its left side differs in case only. The new rule is inserted before the first
    remaining rule that may have a different result for any of its files. The new rule
    is left out if earlier rules already have the same result for all its files, or if
    it would exclude files that no rule makes large.
    """

    def __init__(
        self,
        text: RuleFile,
        wanted: Typed,
        islarge: bool,
        place: typed.WorkingFolder,
    ) -> None:
        self._text = text
        self._wanted = wanted
        self._islarge = islarge
        self._place = place

    def settle(self) -> list[RuleFileChange]:
        """Change the rules in ``text``; return the changes."""
        rules = self._text.rules()
        dropped = [item for item in rules if self._isredundant(item)]
        needed, before = self._needed([item for item in rules if item not in dropped])
        left = self._wanted.expression
        if needed:  # where it is already, it comes too late
            dropped = [item for item in rules if item in dropped or item.left == left]
        new = b'%s = %s' % (left, ALL if self._islarge else NONE)
        if needed or dropped:
            self._text.change(dropped, new if needed else None, before)
        changes = [_changed(False, item) for item in dropped]
        if needed:
            added = next(item for item in self._text.rules() if item.left == left)
            changes.append(_changed(True, added))
        return changes

    def _isredundant(self, item: rulefile.Item) -> bool:
        theirs = selector.of(item.left, self._place.isfile)
        if item.left != self._wanted.expression and not self._covers(theirs):
            return False
        if _resultof(item) != self._islarge:
            return True
        # it was typed before with -i left out
        return item.left != self._wanted.expression and (
            theirs.exact and self._wanted.selector.isvariant(theirs)
        )

    def _covers(self, theirs: selector.Selector) -> bool:
        return self._wanted.selector.covers(theirs)

    def _needed(self, kept) -> tuple[bool, rulefile.Item | None]:
        """Return whether a new rule is needed, and the rule before which to insert it.

        ``kept`` are the existing rules that stay. The second value is None if the new
        rule comes last.
        """
        wanted = self._wanted.selector
        decided = False
        for item in kept:
            theirs = selector.of(item.left, self._place.isfile)
            if _resultof(item) == self._islarge:
                decided = decided or theirs.covers(wanted)
            elif theirs.overlaps(wanted):
                return not decided, item
        return self._islarge and not decided, None


def _changed(added: bool, item: rulefile.Item) -> RuleFileChange:
    right = item.right.replace(b'\n', b' ')
    return RuleFileChange(added, b'%s = %s' % (item.left, right), item.start + 1)


def _resultof(item: rulefile.Item) -> bool | None:
    """Return whether a rule makes all files that it matches large, or none of them.

    Returns None if this depends on the file, for example on its size.
    """
    tree = filesetlang.analyze(filesetlang.parse(item.right))
    while tree[0] == b'withstatus':
        tree = tree[1]
    if tree[0] != b'func':
        return None
    return {b'all': True, b'none': False}.get(filesetlang.getsymbol(tree[1]))


def _affected(
    files: list[Candidate], before: TrackRules, after: TrackRules
) -> list[Candidate]:
    """Return the files that become large, or are no longer large, by new rules."""
    return [
        found.classified(after(found.path, found.size))
        for found in files
        if before(found.path, found.size) != after(found.path, found.size)
    ]


def _unchanged(
    wanted: list[list[Typed]], changes: list[list[RuleFileChange]]
) -> list[bytes]:
    return [each[0].text for each, changed in zip(wanted, changes) if not changed]


def _fileless(
    wanted: list[list[Typed]],
    files: list[Candidate],
    changes: list[list[RuleFileChange]],
) -> Iterator[bytes]:
    """Yield the patterns that match no file.

    A pattern is left out if it removed a rule, because then it had an effect.
    """
    for each, changed in zip(wanted, changes):
        if any(one.selector.matches(found.path) for one in each for found in files):
            continue
        if all(one.added for one in changed):
            yield each[0].text


def _write(repo, data: bytes) -> None:
    with repo.wvfs(tracking.FILE, b'wb', atomictemp=True) as handle:
        handle.write(data)
    if tracking.FILE not in repo[None]:
        from mercurial import commands

        commands.add(repo.ui, repo, b'path:%s' % tracking.FILE)
