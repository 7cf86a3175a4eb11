"""Decide which files are large: by ``.hglfs``, else by ``lfs.track``.

Without ``.hglfs``, files above ``lfs.threshold`` are large too.
"""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Callable
from dataclasses import dataclass

from mercurial import config, error, filesetlang, minifileset
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..lfs import words
from ..lfs.store import files

FILE = b'.hglfs'
#: The longest ``.hglfs`` that is accepted, in bytes.
_LONGEST = 1 << 20
_LONGESTLINE = 8 << 10
#: How deep the operators of a rule may be nested.
_DEEPEST = 100
#: A right side that is a size, without ``size()`` or without its quotes.
_SIZE = re.compile(
    rb'(?:size\()?["\']?([<>]=?)?\s*([0-9.]+\s*[kmgt]?i?b?)["\']?\)?\Z', re.I
)
_YES = (b'', b'yes', b'true', b'on', b'1', b'all', b'lfs', b'large')
_NO = (b'no', b'false', b'off', b'0', b'none', b'plain')
#: Errors of a file that cannot hold rules, as opposed to wrong permissions.
_UNFIT = (errno.EINVAL, errno.ELOOP, errno.EFBIG)

#: Returns whether a file is large, given its path and its size in bytes.
Rule = Callable[[bytes, int], bool]


@dataclass(frozen=True)
class TrackRule:
    """One rule of ``.hglfs``.

    ``left``, ``right`` and ``source`` (file and line) are texts. ``applies`` is the
    compiled left side, ``islarge`` the compiled right side.
    """

    left: bytes
    right: bytes
    source: bytes
    applies: Rule
    islarge: Rule


@dataclass(frozen=True)
class TrackRules:
    """All rules together: for each file, the first rule that applies decides."""

    rules: tuple[TrackRule, ...]

    def __call__(self, path: bytes, size: int) -> bool:
        """Return whether a file is a large one."""
        rule = self.deciding(path, size)
        return rule is not None and rule.islarge(path, size)

    def deciding(self, path: bytes, size: int) -> TrackRule | None:
        """Return the first rule that applies to a file, or None."""
        for rule in self.rules:
            if rule.applies(path, size):
                return rule
        return None


def read(repo) -> TrackRules:
    """Return the rules that the working directory has now.

    Raises Abort, with file and line, where ``.hglfs`` is unreadable or invalid.
    """
    data = readfile(repo)
    return _fromconfig(repo.ui) if data is None else parse(data, repo.root)


def ofchangeset(ctx) -> TrackRules:
    """Return the rules in a changeset's ``.hglfs``, else those of the configuration.

    If ``.hglfs`` is itself a large file, its blob is fetched. Raises Abort for an
    invalid ``.hglfs``.
    """
    repo = ctx.repo()
    if FILE not in ctx:
        return _fromconfig(repo.ui)
    if ctx[FILE].size() > _LONGEST:
        raise error.Abort(_(b'%s has more than %d bytes') % (FILE, _LONGEST))
    return parse(ctx[FILE].data(), repo.root)


def readfile(repo) -> bytes | None:
    """Return the text of ``.hglfs``, None if there is no such file.

    Raises Abort if the file cannot be read.
    """
    if not repo.wvfs.lexists(FILE):
        return None
    try:
        return files.readbounded(repo.wvfs.join(FILE), _LONGEST, False)
    except OSError as exc:
        raise error.Abort(
            _(b'cannot read %s: %s') % (FILE, stringutil.forcebytestr(exc.strerror)),
            hint=_hint(exc.errno),
        ) from exc


def _hint(reason: int | None) -> bytes:
    if reason in _UNFIT:
        hint = _(
            b'it selects the large files: '
            b'replace it with a regular file of at most %d bytes'
        )
        return hint % _LONGEST
    return _(b'it selects the large files: make it readable')


def configured(repo) -> bool:
    """Return whether rules or settings may make a file large in a commit here."""
    ui = repo.ui
    return (
        repo.wvfs.lexists(FILE)
        or ui.config(b'lfs', b'track') != b'none()'
        or bool(ui.config(b'lfs', b'threshold'))
    )


def configspec(ui) -> bytes:
    """Return the fileset expression for large files according to the configuration."""
    spec = ui.config(b'lfs', b'track')
    threshold = ui.configbytes(b'lfs', b'threshold')
    if threshold:
        filesetlang.parse(spec)  # report a syntax error without our addition
        spec = b"(%s) | size('>%d')" % (spec, threshold)
    return spec


def _fromconfig(ui) -> TrackRules:
    spec = configspec(ui)
    rule = _compiled(spec)
    if spec == b'none()':
        return TrackRules(())
    # it matches only what it makes large: about other files there is no rule
    return TrackRules((TrackRule(b'**', spec, b'lfs.track', rule, rule),))


def checkmisplaced(data: bytes) -> None:
    """Raise Abort for a rule outside of ``[track]``, which Mercurial would ignore."""
    from . import rulefile

    for mistake in rulefile.RuleFile(data).mistakes():
        raise error.Abort(
            _(b'parse error in .hglfs: %s') % words.shown(mistake.what),
            hint=_(b'see .hglfs:%d; %s') % (mistake.line, mistake.instead),
        )


def parse(data: bytes, root: bytes) -> TrackRules:
    """Return the rules in ``data``, the text of ``.hglfs`` in the folder ``root``.

    Raises Abort if the text is invalid.
    """
    _checklines(data)
    parsed = config.config()
    try:
        parsed.parse(FILE, data)
    except error.ConfigError as exc:
        # quotes a line of the file, which may be from an untrusted changeset
        exc.message = words.shown(exc.message)
        raise
    return TrackRules(
        tuple(
            TrackRule(
                left,
                right,
                parsed.source(b'track', left),
                _compile(left, parsed, left, True, root),
                _compile(right, parsed, left, False, root),
            )
            for left, right in parsed.items(b'track')
        )
    )


def _checklines(data: bytes) -> None:
    """Raise Abort for a long line: parsing takes time quadratic in its length."""
    for number, line in enumerate(data.splitlines(), 1):
        if len(line) > _LONGESTLINE:
            raise error.Abort(
                _(b'parse error in .hglfs: a line of more than %d bytes')
                % _LONGESTLINE,
                hint=_(b'see .hglfs:%d; use several patterns') % number,
            )


def _compile(spec: bytes, parsed, left: bytes, isleft: bool, root: bytes) -> Rule:
    try:
        rule = _compiled(spec)
        rule(b'', 0)  # some mistakes are raised only when the rule is applied
        return rule
    except error.ParseError as exc:
        where = parsed.source(b'track', left)
        write = _suggestion(left, parsed.get(b'track', left), isleft, root)
        hint = b'; '.join(filter(None, [b'see %s' % where, exc.hint, write]))
        why = words.shown(stringutil.forcebytestr(exc))
        raise error.Abort(
            _(b'parse error in .hglfs: %s') % why, hint=words.shown(hint)
        ) from exc


def _suggestion(left: bytes, right: bytes, isleft: bool, root: bytes) -> bytes | None:
    """Return the hint with a corrected rule, for a rule with an invalid side.

    ``isleft`` is whether the left side is the invalid one. Returns None if no
    correction is known.
    """
    from . import typed

    if isleft:
        meant = typed.suggestion(left, root) if _isvalid(right) else None
        return meant and _(b'write %s = %s') % (meant, right)
    word = right.lower()
    size = _SIZE.match(right)
    if word in _YES or word in _NO:
        meant = b'all()' if word in _YES else b'none()'
    elif size:
        meant = b'size("%s%s")' % (size.group(1) or b'>', size.group(2))
    else:
        return None
    return _(b'write %s = %s') % (left, meant)


def _isvalid(spec: bytes) -> bool:
    """Return whether an expression can be a side of a rule."""
    with contextlib.suppress(error.ParseError):
        _compiled(spec)(b'', 0)
        return True
    return False


def _compiled(spec: bytes) -> Rule:
    """Return the compiled form of a fileset expression; raise ParseError.

    Deeply nested expressions are refused. Mercurial recurses into each level, when it
    compiles an expression and when it applies it to a file, and could overflow the
    stack in the middle of a commit.
    """
    try:
        if _depth(filesetlang.parse(spec)) <= _DEEPEST:
            return minifileset.compile(spec)
    except RecursionError:
        pass
    raise error.ParseError(_(b'rules are nested more than %d levels deep') % _DEEPEST)


def _depth(tree) -> int:
    """Return the number of nested levels in a parsed expression."""
    levels = [tree]
    depth = 0
    while levels:
        depth += 1
        levels = [
            part for level in levels for part in level[1:] if isinstance(part, tuple)
        ]
    return depth
