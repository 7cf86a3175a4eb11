"""Determine which files the left side of a rule matches, from its text alone.

The left side is an expression in Mercurial's small fileset language, ``minifileset``,
and has the same meaning to stock Mercurial. The language has two tests for the path of
a file: ``**END`` for the end of the path, and ``path:PLACE`` for the file or folder
PLACE.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mercurial import error, filesetlang

#: What an expression may have without quotes.
_BARE = re.compile(rb'[A-Za-z0-9._/\x80-\xff]+\Z')
_WORDS = (b'and', b'or', b'not')
#: What stands for itself between quotes; a ``=`` would end the left side of a rule.
_UNSAFE = re.compile(rb'[^ -~\x80-\xff]|[\\"=]')
#: The maximum number of path tests that ``and`` may result in.
_MOST = 4096


@dataclass(frozen=True)
class PathTest:
    """A test of a file's path: whether it is in ``place``, and ends in ``suffix``.

    ``place`` is a folder or a file. An empty ``place`` or ``suffix`` matches all files.
    ``isfile`` is whether ``place`` is known to be a file.
    """

    place: bytes = b''
    suffix: bytes = b''
    isfile: bool = False

    def matches(self, path: bytes) -> bool:
        """Return whether a path passes the test."""
        return _within(path, self.place) and path.endswith(self.suffix)

    def covers(self, other: PathTest) -> bool:
        """Return whether all paths that pass ``other`` certainly pass this test."""
        ends = other.suffix.endswith(self.suffix) or (
            other.isfile and other.place.endswith(self.suffix)
        )
        return _within(other.place, self.place) and ends

    def overlaps(self, other: PathTest) -> bool:
        """Return whether a path may pass both tests."""
        for one, two in ((self, other), (other, self)):
            if one.isfile:
                return two.matches(one.place) and one.matches(one.place)
        nested = _within(self.place, other.place) or _within(other.place, self.place)
        ends = self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix)
        return nested and ends

    def lower(self) -> PathTest:
        """Return the test in lower case."""
        return PathTest(self.place.lower(), self.suffix.lower(), self.isfile)


def _within(path: bytes, place: bytes) -> bool:
    return not place or path == place or path.startswith(place + b'/')


@dataclass(frozen=True)
class Selector:
    """A set of files: those whose paths pass at least one of ``tests``.

    If ``exact`` is false, only some of these files are in the set, because the tests
    cannot express all its conditions.
    """

    tests: tuple[PathTest, ...]
    exact: bool = True

    def matches(self, path: bytes) -> bool:
        """Return whether a path passes any of the tests."""
        return any(test.matches(path) for test in self.tests)

    def covers(self, other: Selector) -> bool:
        """Return whether every file that may be in ``other`` is certainly in this."""
        return self.exact and all(
            any(mine.covers(theirs) for mine in self.tests) for theirs in other.tests
        )

    def overlaps(self, other: Selector) -> bool:
        """Return whether a file may be in both sets."""
        return any(
            mine.overlaps(theirs) for mine in self.tests for theirs in other.tests
        )

    def isvariant(self, other: Selector) -> bool:
        """Return whether this has all tests of ``other``, if letter case is ignored."""
        mine = {test.lower() for test in self.tests}
        return all(test.lower() in mine for test in other.tests)


EVERYTHING = Selector((PathTest(),))
#: For an expression that cannot be analysed: it may match any file.
_ANYTHING = Selector((PathTest(),), exact=False)


def of(expression: bytes, isfile: Callable[[bytes], bool]) -> Selector:
    """Translate a valid fileset expression to a Selector.

    ``isfile`` returns whether a path is known to be a file: a pattern that names a
    file selects no files below it.
    """
    try:
        tree = filesetlang.analyze(filesetlang.parse(expression))
        return _ofexpression(tree, isfile)
    except (error.ParseError, RecursionError):
        return _ANYTHING


def _ofexpression(tree, isfile: Callable[[bytes], bool]) -> Selector:
    operator, *operands = tree
    if operator == b'withstatus':
        return _ofexpression(operands[0], isfile)
    if operator in (b'symbol', b'string', b'kindpat'):
        return _ofpattern(filesetlang.getpattern(tree, {b'path'}, b''), isfile)
    if operator in (b'or', b'patterns'):
        parts = [_ofexpression(operand, isfile) for operand in operands]
        tests = tuple(test for part in parts for test in part.tests)
        return Selector(tests, all(part.exact for part in parts))
    if operator == b'and':
        return _both(*(_ofexpression(operand, isfile) for operand in operands))
    if operator == b'minus':
        return Selector(_ofexpression(operands[0], isfile).tests, exact=False)
    if operator == b'func':
        known = {b'all': EVERYTHING, b'none': Selector(())}
        return known.get(filesetlang.getsymbol(operands[0]), _ANYTHING)
    return _ANYTHING


def _ofpattern(pattern: bytes, isfile: Callable[[bytes], bool]) -> Selector:
    if pattern.startswith(b'**'):
        return Selector((PathTest(suffix=pattern[2:]),))
    place = pattern[len(b'path:') :]
    # an empty place is no folder, and the first character of no path
    return Selector((PathTest(place, isfile=isfile(place)),) if place else ())


def _both(one: Selector, two: Selector) -> Selector:
    """Return the files that two selectors have in common."""
    if len(one.tests) * len(two.tests) > _MOST:
        return _ANYTHING
    exact = one.exact and two.exact
    found = []
    for mine in one.tests:
        for theirs in two.tests:
            if not mine.overlaps(theirs):
                continue
            inner = mine if _within(mine.place, theirs.place) else theirs
            suffix = max(mine.suffix, theirs.suffix, key=len)
            found.append(PathTest(inner.place, suffix, inner.isfile))
    return Selector(tuple(found), exact)


def expression(places: Iterable[bytes], suffixes: Iterable[bytes]) -> bytes:
    """Return the expression for files in any of ``places`` with any of ``suffixes``.

    Without ``places``, files in any place match; without ``suffixes``, any end of the
    path.
    """
    where = [_quoted(b'path:', place) for place in places]
    ends = [_quoted(b'**', suffix) for suffix in suffixes]
    if where and ends:
        return b'%s & %s' % (_anyof(where), _anyof(ends))
    return b' | '.join(where or ends) or b'**'


def _anyof(parts: list[bytes]) -> bytes:
    joined = b' | '.join(parts)
    return b'(%s)' % joined if len(parts) > 1 else joined


def _quoted(prefix: bytes, text: bytes) -> bytes:
    if _BARE.match(text) and text not in _WORDS:
        return prefix + text
    return b'"%s%s"' % (prefix, _UNSAFE.sub(_escape, text))


def _escape(found: re.Match[bytes]) -> bytes:
    return b'\\x%02x' % ord(found.group())
