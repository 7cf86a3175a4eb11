"""List the rules for large files, the files that they match, and mistakes in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mercurial import error
from mercurial.i18n import _

from ..hg import rulefile, selector, tracking, typed
from ..hg.tracking import TrackRule
from ..lfs import words
from . import candidates
from .candidates import Candidate


@dataclass(frozen=True)
class Listed:
    """A rule, and the files for which it decides whether they are large.

    The first rule that matches a file decides. ``earlier`` is the number of files that
    this rule matches after an earlier one.
    """

    rule: TrackRule
    files: list[Candidate]
    earlier: int


@dataclass(frozen=True)
class Listing:
    """All rules in order, and mistakes in them as pairs (what is wrong, what to do)."""

    rules: list[Listed]
    mistakes: list[tuple[bytes, bytes]]


def listing(repo) -> Listing:
    """Return all rules with the files of the working directory that they match.

    Raises Abort if the rules cannot be read.
    """
    data = tracking.readfile(repo)
    if data is not None:
        tracking.checkmisplaced(data)
    rules = tracking.read(repo).rules
    decided: list[list[Candidate]] = [[] for _rule in rules]
    earlier = [0] * len(rules)
    files = list(candidates.find(repo))
    for found in files:
        matching = [
            number
            for number, rule in enumerate(rules)
            if rule.applies(found.path, found.size)
        ]
        for number in matching[1:]:
            earlier[number] += 1
        for number in matching[:1]:
            large = rules[number].islarge(found.path, found.size)
            decided[number].append(found.classified(large))
    listed = [Listed(*each) for each in zip(rules, decided, earlier)]
    paths = [found.path for found in files]
    mistakes = [*_wrongcase(repo, listed, paths), *_nested(repo, paths)]
    return Listing(listed, mistakes)


def _wrongcase(repo, rules: list[Listed], paths: list[bytes]):
    """Yield a mistake for each rule that matches files only in another case.

    A mistake is a pair (what is wrong, what to do).
    """
    isfile = typed.WorkingFolder(repo.root).isfile
    for each in rules:
        rule = each.rule
        other = None
        if not each.files and not each.earlier:
            other = candidates.inothercase(selector.of(rule.left, isfile), paths)
        if other is not None:
            path, test = other
            where = [test.place] if test.place else []
            ends = [test.suffix] if test.suffix else []
            meant = selector.expression(where, ends)
            yield (
                _(b'%s: %s matches no file, but would in another case: %s')
                % (rule.source, words.shown(rule.left), words.shown(path)),
                _(b'write %s = %s') % (words.shown(meant), words.shown(rule.right)),
            )


def _nested(repo, paths: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for path in paths:
        if path.endswith(b'/' + tracking.FILE):
            yield from ofnested(repo, path)


def ofnested(repo, path: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (what is wrong, what to do) for each rule of a rule file in a subfolder.

    Only the rule file in the root of the repository is ever read.
    """
    folder = path[: -len(tracking.FILE) - 1]
    place = typed.WorkingFolder(repo.root, folder)
    shown = words.shown(path)
    reason = _(b'rules are read from .hglfs in the root of the repository alone')
    try:
        items = rulefile.RuleFile(repo.wvfs.read(path)).rules()
    except OSError:
        items = []
    if not items:
        yield b'%s: %s' % (shown, reason), _(b"see 'hg help lfs-track'")
    for item in items:
        meant = _fromfolder(item, folder, place)
        yield (
            b'%s:%d: %s' % (shown, item.start + 1, reason),
            _(b'write there: %s') % words.shown(meant)
            if meant
            else _(b"see 'hg help lfs-track'"),
        )


def _fromfolder(
    item: rulefile.Item, folder: bytes, place: typed.WorkingFolder
) -> bytes | None:
    """Return the rule for the root that replaces a rule in the rule file of ``folder``.

    Returns None if there is no such rule.
    """
    where = selector.of(item.left, lambda path: False)
    if where.exact and len(where.tests) == 1:
        test = where.tests[0]
        inner = b'/'.join(filter(None, [folder, test.place]))
        ends = [test.suffix] if test.suffix else []
        return b'%s = %s' % (selector.expression([inner], ends), item.right)
    try:
        return b'%s = %s' % (typed.parse(item.left, place)[0].expression, item.right)
    except error.Abort:
        return None
