"""Decide which files are large: by ``.hglfs``, else by ``lfs.track``.

Without ``.hglfs``, files above ``lfs.threshold`` are large too.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from mercurial import config, error, filesetlang, minifileset
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..lfs import words
from ..lfs.store import files

_FILE = b'.hglfs'
#: The longest ``.hglfs`` that is accepted, in bytes.
_LONGEST = 1 << 20
_LONGESTLINE = 8 << 10
#: How deep the operators of a rule may be nested.
_DEEPEST = 100
#: Errors of a file that cannot hold rules, as opposed to wrong permissions.
_UNFIT = (errno.EINVAL, errno.ELOOP, errno.EFBIG)

#: Returns whether a file is large, given its path and its size in bytes.
Rule = Callable[[bytes, int], bool]


def read(repo) -> Rule:
    """Return the rule that applies to the working directory now.

    Raises Abort, with file and line, where ``.hglfs`` is unreadable or invalid.
    """
    if not repo.wvfs.lexists(_FILE):
        return _fromconfig(repo.ui)
    try:
        return _fromfile(files.readbounded(repo.wvfs.join(_FILE), _LONGEST, False))
    except OSError as exc:
        raise error.Abort(
            _(b'cannot read %s: %s') % (_FILE, stringutil.forcebytestr(exc.strerror)),
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
    """Return whether a commit here may make a file large."""
    ui = repo.ui
    return (
        repo.wvfs.lexists(_FILE)
        or ui.config(b'lfs', b'track') != b'none()'
        or bool(ui.config(b'lfs', b'threshold'))
    )


def _fromconfig(ui) -> Rule:
    spec = ui.config(b'lfs', b'track')
    threshold = ui.configbytes(b'lfs', b'threshold')
    if threshold:
        filesetlang.parse(spec)  # report a syntax error without our addition
        spec = b"(%s) | size('>%d')" % (spec, threshold)
    return _compiled(spec)


def _fromfile(data: bytes) -> Rule:
    _checklines(data)
    parsed = config.config()
    try:
        parsed.parse(_FILE, data)
    except error.ConfigError as exc:
        # quotes a line of the file, which may be from an untrusted changeset
        exc.message = words.shown(exc.message)
        raise
    rules = [
        (
            _compile(pattern, parsed, pattern),
            _compile(predicate, parsed, pattern),
        )
        for pattern, predicate in parsed.items(b'track')
    ]

    def islarge(path: bytes, size: int) -> bool:
        for applies, rule in rules:
            if applies(path, size):
                return rule(path, size)
        return False

    return islarge


def _checklines(data: bytes) -> None:
    """Raise Abort for a long line: parsing takes time quadratic in its length."""
    for number, line in enumerate(data.splitlines(), 1):
        if len(line) > _LONGESTLINE:
            raise error.Abort(
                _(b'parse error in .hglfs: a line of more than %d bytes')
                % _LONGESTLINE,
                hint=_(b'see .hglfs:%d; use several patterns') % number,
            )


def _compile(spec: bytes, parsed, pattern: bytes) -> Rule:
    try:
        rule = _compiled(spec)
        rule(b'', 0)  # some mistakes are raised only when the rule is applied
        return rule
    except error.ParseError as exc:
        where = parsed.source(b'track', pattern)
        hint = b'; '.join(filter(None, [b'see %s' % where, exc.hint]))
        why = words.shown(stringutil.forcebytestr(exc))
        raise error.Abort(
            _(b'parse error in .hglfs: %s') % why, hint=words.shown(hint)
        ) from exc


def _compiled(spec: bytes) -> Rule:
    """Return the rule of a fileset expression; raise ParseError.

    Mercurial recurses for each level, both here and for each file: deep nesting could
    overflow the stack in the middle of a commit.
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
