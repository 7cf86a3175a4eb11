"""Translate the patterns that users type into left sides of rules.

A left side can test the end of a path, and the folder or file that it is in. Patterns
that need other wildcards are refused, because stock Mercurial does not support these in
rules.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mercurial import error, minifileset, pathutil, pycompat, util
from mercurial import match as matching
from mercurial.i18n import _

from ..lfs import words
from . import selector
from .selector import PathTest, Selector

#: The maximum number of patterns that braces and brackets in one pattern stand for.
_MOSTRULES = 64
#: The maximum number of letters in a folder, or in an end, whose case can be ignored:
#: each one doubles the number of spellings in the rule.
_MOSTLETTERS = 6
#: What the end of a path may not have in a rule.
_RESERVED = re.compile(rb'[*{}\[\]?/\\]')
_STAR, _ONE = b'*', b'?'


@dataclass(frozen=True)
class Typed:
    """A pattern that a user typed, with a left side of a rule for it.

    ``text`` is the pattern, ``expression`` the left side, and ``selector`` are the
    files that the left side matches. ``wider`` is whether these include files in
    subfolders that the pattern does not match.
    """

    text: bytes
    expression: bytes
    selector: Selector
    wider: bool = False


@dataclass(frozen=True)
class WorkingFolder:
    """The folder that typed patterns are relative to.

    ``root`` is the path of the repository, ``cwd`` that of the folder.
    """

    root: bytes
    cwd: bytes = b''

    def resolve(self, path: bytes) -> bytes:
        """Return a path relative to the root; raise Abort if it is outside of it."""
        return pathutil.canonpath(self.root, self.cwd, path or b'.')

    def isfile(self, path: bytes) -> bool:
        """Return whether a path relative to the root exists, and is not a folder."""
        place = os.path.join(self.root, path)
        return os.path.lexists(place) and not os.path.isdir(place)

    def exists(self, path: bytes) -> bool:
        """Return whether a path relative to the folder exists."""
        return os.path.lexists(os.path.join(self.root, self.cwd, path))

    def atroot(self) -> WorkingFolder:
        """Return the WorkingFolder for patterns that are relative to the root."""
        return WorkingFolder(self.root)


def parse(text: bytes, place: WorkingFolder, anycase: bool = False) -> list[Typed]:
    """Return the left sides that together match the files of a pattern.

    With ``anycase``, they match in any letter case. Raises InputError for a pattern
    that left sides cannot express.
    """
    kind = matching.patkind(text)
    rest = text[len(kind) + 1 :] if kind else text
    if pycompat.iswindows and kind != b'set':
        rest = util.pconvert(rest)
    if kind == b'set':
        return [_ofexpression(text, rest, place)]
    if kind in (b'path', b'relpath'):
        where = place.atroot() if kind == b'path' else place
        return [_ofplace(text, where.resolve(rest), place, anycase)]
    if kind not in (None, b'glob', b'relglob', b'rootglob'):
        raise error.InputError(
            _(b'%s: a rule cannot have such a pattern') % words.shown(text),
            hint=_(b"see 'hg help lfs-track' for those that it can have"),
        )
    if not rest:
        raise error.InputError(_(b'a pattern is empty'))
    if kind is None and place.exists(rest):  # brackets may be part of a name
        return [_ofplace(text, place.resolve(rest), place, anycase)]
    tokens = _tokens(text, b'**/' + rest if kind == b'relglob' else rest)
    where = place if kind in (None, b'glob') else place.atroot()
    # as in .gitattributes and .hgignore, a name without a folder is one in any folder
    deep = kind is None and b'/' not in rest.rstrip(b'/')
    found = (_ofglob(text, glob, where, deep, anycase) for glob in _expanded(tokens))
    return list(found)


def suggestion(text: bytes, root: bytes) -> bytes | None:
    """Return a left side to write instead of an invalid one, or None.

    ``text`` is the invalid left side, ``root`` the path of the repository.
    """
    try:
        found = parse(text, WorkingFolder(root))
    except error.Abort:
        return None
    return found[0].expression if len(found) == 1 else None


def _ofexpression(text: bytes, expression: bytes, place: WorkingFolder) -> Typed:
    """Return the left side for an expression that was typed as ``set:EXPRESSION``."""
    if b'=' in expression or b'\n' in expression or expression[:1] in (b'', b'%', b'['):
        raise error.InputError(
            _(b'%s: the left side of a rule cannot have this') % words.shown(text),
            hint=_(b'a rule is LEFT = RIGHT: write it into .hglfs'),
        )
    try:
        minifileset.compile(expression)(b'', 0)
    except error.ParseError as exc:
        raise error.InputError(
            b'%s: %s' % (words.shown(text), words.shown(exc.message)), hint=exc.hint
        ) from exc
    return Typed(text, expression, selector.of(expression, place.isfile))


def _ofplace(text: bytes, path: bytes, place: WorkingFolder, anycase: bool) -> Typed:
    return _leftside(text, path, b'', place.isfile(path), anycase)


def _leftside(
    text: bytes,
    path: bytes,
    suffix: bytes,
    isfile: bool,
    anycase: bool,
    wider: bool = False,
) -> Typed:
    """Return the left side for ``path`` and ``suffix``; either of them may be empty.

    ``text`` and ``wider`` are as in Typed, ``isfile`` is as in PathTest.
    """
    places = _cases(text, path, anycase) if path else []
    suffixes = _cases(text, suffix, anycase) if suffix else []
    tests = itertools.product(places or [b''], suffixes or [b''], [isfile])
    found = Selector(tuple(PathTest(*test) for test in tests))
    return Typed(text, selector.expression(places, suffixes), found, wider)


def _cases(text: bytes, word: bytes, anycase: bool) -> list[bytes]:
    """Return the spellings of a word in upper and lower case, the likely ones first.

    Without ``anycase``, only the word itself is returned. ``text`` is the pattern, for
    the error if there are too many spellings.
    """
    if not anycase:
        return [word]
    try:
        chars = word.decode('utf-8')
    except UnicodeDecodeError:
        chars = word.decode('latin-1')
    either = [_bothcases(char) for char in chars]
    if sum(len(cases) > 1 for cases in either) > _MOSTLETTERS:
        raise error.InputError(
            _(b'%s: a rule cannot ignore the case of more than %d letters')
            % (words.shown(text), _MOSTLETTERS),
            hint=_(b'name the cases that there are, each as a pattern of its own'),
        )
    likely = [chars, chars.lower(), chars.upper(), chars.title()]
    spellings = dict.fromkeys(likely + [''.join(one) for one in _product(either)])
    return [one.encode('utf-8') for one in spellings]


def _product(either: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    return itertools.product(*either)


def _bothcases(char: str) -> tuple[str, ...]:
    lower, upper = char.lower(), char.upper()
    if lower == upper or len(lower) > 1 or len(upper) > 1:
        return (char,)
    return lower, upper


def _ofglob(
    text: bytes, tokens: list[bytes], place: WorkingFolder, deep: bool, anycase: bool
) -> Typed:
    """Return the left side for one pattern without braces and brackets.

    A token is a character after a backslash, or ``*`` or ``?``. ``deep`` is whether the
    pattern matches files in subfolders, too, even without ``**``.
    """
    parts = _segments(tokens)
    folder = list(itertools.takewhile(lambda part: all(map(_islone, part)), parts))
    rest = parts[len(folder) :]
    base = b'/'.join(_literal(part) for part in folder)
    if tokens[:1] == [b'\\/']:
        base = b'/' + base
    if not rest:
        path = place.resolve(base)
        return _leftside(text, path, b'', place.isfile(path), anycase)
    while len(rest) > 1 and rest[0] == [_STAR, _STAR]:
        rest, deep = rest[1:], True
    name = rest[0]
    if name[:2] == [_STAR, _STAR]:
        name, deep = name[1:], True
    suffix = _literal(name[1:])
    simple = len(rest) == 1 and name[:1] == [_STAR] and all(map(_islone, name[1:]))
    if not simple or _RESERVED.search(suffix):
        raise _refused(text, base, rest[-1])
    path = place.resolve(base)
    wider = not deep and bool(suffix)
    return _leftside(text, path, suffix, False, anycase, wider)


def _refused(text: bytes, base: bytes, name: list[bytes]) -> error.InputError:
    """Return the error for a pattern that no rule can express.

    Its hint is a similar pattern that a rule can express.
    """
    wild = [at for at, token in enumerate(name) if not _islone(token)]
    end = _literal(name[wild[-1] + 1 :] if wild else name)
    nearest = b'%s*%s' % (base + b'/**/' if base else b'', end)
    if not end or _RESERVED.search(end):
        nearest = base + b'/**' if base else b'**'
    return error.InputError(
        _(b"%s: a rule cannot have this: it knows a path's folder and its end")
        % words.shown(text),
        hint=_(b"the nearest is '%s'") % words.shown(nearest),
    )


def _segments(tokens: list[bytes]) -> list[list[bytes]]:
    parts: list[list[bytes]] = [[]]
    for token in tokens:
        if token == b'\\/':
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part] or [[]]


def _islone(token: bytes) -> bool:
    return token[:1] == b'\\'


def _literal(tokens: list[bytes]) -> bytes:
    return b''.join(token[1:] for token in tokens)


def _tokens(text: bytes, glob: bytes) -> list[bytes]:
    """Split the pattern ``glob`` into tokens; ``text`` names it in error messages.

    The token of a literal character begins with a backslash. Tokens without a backslash
    are wildcards, braces, commas, and whole classes of characters such as ``[a-z]``.
    """
    found = []
    at = 0
    while at < len(glob):
        char = glob[at : at + 1]
        if char == b'\\' and at + 1 < len(glob):
            at += 1
            found.append(b'\\' + glob[at : at + 1])
        elif char == b'[' and glob.find(b']', at + 2) > 0:
            end = glob.index(b']', at + 2)
            found.append(_class(text, glob[at + 1 : end]))
            at = end
        elif char in (_STAR, _ONE, b'{', b'}', b','):
            found.append(char)
        else:
            found.append(b'\\' + char)
        at += 1
    return _unbraced(text, found)


def _class(text: bytes, members: bytes) -> bytes:
    """Return the token for a class of characters: ``[``, then all its characters.

    ``members`` is the text between the brackets.
    """
    if members[:1] in (b'!', b'^'):
        raise error.InputError(
            _(b'%s: a rule cannot say what a character is not') % words.shown(text),
            hint=_(b'name those that it may be, as in [ab]'),
        )
    chars = re.sub(rb'(?s)(.)-(.)', _range, members)
    return b'[' + chars


def _range(found: re.Match[bytes]) -> bytes:
    first, last = ord(found.group(1)), ord(found.group(2))
    return bytes(range(first, last + 1))


def _unbraced(text: bytes, tokens: list[bytes]) -> list[bytes]:
    """Return the tokens, with commas outside of braces made literal.

    Raises InputError for a brace without its counterpart, and for a pattern that stands
    for too many rules.
    """
    depth = 0
    found = []
    for token in tokens:
        depth += (token == b'{') - (token == b'}')
        if depth < 0:
            break
        found.append(b'\\,' if token == b',' and not depth else token)
    if depth:
        raise error.InputError(
            _(b'%s: a brace without its other') % words.shown(text),
            hint=_(b'write \\{ or \\} where a name has it'),
        )
    alternatives = sum(token[:1] in (b',', b'[') for token in tokens)
    if alternatives and len(_expanded(found)) > _MOSTRULES:
        raise error.InputError(
            _(b'%s: stands for more than %d rules') % (words.shown(text), _MOSTRULES),
            hint=_(b'use several patterns'),
        )
    return found


def _expanded(tokens: list[bytes]) -> list[list[bytes]]:
    """Return the patterns that a pattern with braces and classes stands for.

    At most ``_MOSTRULES`` + 1 are returned: enough to detect that there are too many.
    """
    results: list[list[bytes]] = [[]]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token == b'{':
            end = _closing(tokens, at)
            choices = [
                one
                for part in _alternatives(tokens[at + 1 : end])
                for one in _expanded(part)
            ]
            at = end
        elif token[:1] == b'[':
            choices = [[b'\\%c' % char] for char in token[1:]]
        else:
            choices = [[token]]
        pairs = itertools.product(results, choices)
        joined = (before + after for before, after in pairs)
        results = list(itertools.islice(joined, _MOSTRULES + 1))
        at += 1
    return results


def _closing(tokens: list[bytes], at: int) -> int:
    depth = 0
    for index in range(at, len(tokens)):
        depth += (tokens[index] == b'{') - (tokens[index] == b'}')
        if not depth:
            return index
    raise AssertionError('braces come in pairs')


def _alternatives(tokens: list[bytes]) -> list[list[bytes]]:
    parts: list[list[bytes]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token == b'{') - (token == b'}')
        if token == b',' and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
