"""Which files are large: ``.hglfs``, else ``lfs.track`` and ``lfs.threshold``."""

from __future__ import annotations

from collections.abc import Callable

from mercurial import config, error, filesetlang, minifileset
from mercurial.i18n import _
from mercurial.utils import stringutil

_FILE = b'.hglfs'

#: Tells by a file's path and its size in bytes whether it is a large one.
Rule = Callable[[bytes, int], bool]


def read(repo) -> Rule:
    """Returns the rule that the working directory has now.

    Raises Abort, naming file and line, where ``.hglfs`` can't be understood.
    """
    if not repo.wvfs.lexists(_FILE):
        return _fromconfig(repo.ui)
    try:
        data = repo.wvfs.tryread(_FILE)
    except OSError as exc:
        raise error.Abort(
            _(b'cannot read %s: %s') % (_FILE, stringutil.forcebytestr(exc.strerror)),
            hint=_(b'it says which files are large: make it readable'),
        ) from exc
    return _fromfile(data)


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
    return minifileset.compile(spec)


def _fromfile(data: bytes) -> Rule:
    parsed = config.config()
    parsed.parse(_FILE, data)
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


def _compile(spec: bytes, parsed, pattern: bytes) -> Rule:
    try:
        rule = minifileset.compile(spec)
        rule(b'', 0)  # some mistakes show only when a file is looked at
        return rule
    except error.ParseError as exc:
        where = parsed.source(b'track', pattern)
        hint = b'; '.join(filter(None, [b'see %s' % where, exc.hint]))
        raise error.Abort(
            _(b'parse error in .hglfs: %s') % stringutil.forcebytestr(exc),
            hint=hint,
        ) from exc
