"""Which files are large: ``.hglfs``, else ``lfs.track`` and ``lfs.threshold``."""

from __future__ import annotations

import errno
from collections.abc import Callable

from mercurial import config, error, filesetlang, minifileset
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..lfs import words
from ..lfs.store import files

_FILE = b'.hglfs'
#: The longest file of rules that is read, in bytes.
_LONGEST = 1 << 20
_LONGESTLINE = 8 << 10
#: How deep the operators of a rule may be nested.
_DEEPEST = 100
#: What is wrong with a file that can't hold rules, rather than with its permissions.
_UNFIT = (errno.EINVAL, errno.ELOOP, errno.EFBIG)

#: Tells by a file's path and its size in bytes whether it is a large one.
Rule = Callable[[bytes, int], bool]


def read(repo) -> Rule:
    """Returns the rule that the working directory has now.

    Raises Abort, naming file and line, where ``.hglfs`` can't be understood.
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
            b'it says which files are large: '
            b'replace it by a regular file of at most %d bytes'
        )
        return hint % _LONGEST
    return _(b'it says which files are large: make it readable')


def configured(repo) -> bool:
    """Tells whether a commit here may make a file large."""
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
        filesetlang.parse(spec)  # so that a syntax error is not in our addition
        spec = b"(%s) | size('>%d')" % (spec, threshold)
    return _compiled(spec)


def _fromfile(data: bytes) -> Rule:
    _checklines(data)
    parsed = config.config()
    try:
        parsed.parse(_FILE, data)
    except error.ConfigError as exc:
        # it is a line of the file, which may come from history
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
    """Raise Abort for a long line: it takes its length squared to look at one."""
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
        rule(b'', 0)  # some mistakes show only when a file is looked at
        return rule
    except error.ParseError as exc:
        where = parsed.source(b'track', pattern)
        hint = b'; '.join(filter(None, [b'see %s' % where, exc.hint]))
        why = words.shown(stringutil.forcebytestr(exc))
        raise error.Abort(
            _(b'parse error in .hglfs: %s') % why, hint=words.shown(hint)
        ) from exc


def _compiled(spec: bytes) -> Rule:
    """Return the rule that an expression stands for; raise ParseError.

    Mercurial looks at each level from within the one above, both here and for each
    file: what is nested deeply could end the process in the middle of a commit.
    """
    try:
        if _depth(filesetlang.parse(spec)) <= _DEEPEST:
            return minifileset.compile(spec)
    except RecursionError:
        pass
    raise error.ParseError(_(b'rules are nested more than %d deep') % _DEEPEST)


def _depth(tree) -> int:
    """Return how many levels a parsed expression has."""
    levels = [tree]
    depth = 0
    while levels:
        depth += 1
        levels = [
            part for level in levels for part in level[1:] if isinstance(part, tuple)
        ]
    return depth
