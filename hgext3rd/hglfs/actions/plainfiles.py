"""Warn about big files that a commit adds as plain files, because no rule matches."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterable, Iterator

from mercurial import util
from mercurial.i18n import _

from ..hg import lfsrepo, selector, tracking, typed
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from . import candidates, rules

#: How many files are named; the others are counted.
_NAMED = 10


@contextlib.contextmanager
def warning(repo) -> Iterator[None]:
    """Warn about big files that commits in this context add as plain files.

    Raises Abort if ``.hglfs`` has a rule outside of ``[track]``.
    """
    lfs = lfsrepo.get(repo)
    if lfs is None:
        yield
        return
    data = tracking.readfile(repo)
    if data is not None:
        tracking.checkmisplaced(data)
    before, lfs.ops.warnplain = lfs.ops.warnplain, True
    try:
        yield
    finally:
        lfs.ops.warnplain = before


def warn(lfs: LfsRepo, ctx) -> None:
    """Warn about added big files that no rule matches, and about misplaced rule files.

    ``ctx`` is the changeset that is being committed; the parent of the working
    directory is still the parent of ``ctx``. A rule file is misplaced if it is not in
    the root.
    """
    track = lfs.ops.commit.rule or tracking.read(lfs.repo)
    added = ctx.added()
    warnmisplaced(lfs, added)
    found = [*big(lfs, added, track)]
    for path, size in found[:_NAMED]:
        lfs.ui.warn(
            _(b'warning: %s (%s) is committed as it is, not as a large file\n')
            % (words.shown(path), util.bytecount(size))
        )
    if len(found) > _NAMED:
        lfs.ui.warn(_(b'and %d more\n') % (len(found) - _NAMED))
    if found:
        lfs.ui.warn(b'(%s)\n' % hint(lfs.repo, found[0][0], track))


def warnmisplaced(lfs: LfsRepo, added: Iterable[bytes]) -> None:
    """Warn about added ``.hglfs`` files outside of the root, which are never read."""
    for path in added:
        if path.endswith(b'/' + tracking.FILE):
            for what, instead in rules.ofnested(lfs.repo, path):
                lfs.ui.warn(_(b'warning: %s\n(%s)\n') % (what, instead))


def big(
    lfs: LfsRepo, added: Iterable[bytes], track: tracking.TrackRules
) -> Iterator[tuple[bytes, int]]:
    """Yield (path, size) of added files above ``lfs.warnsize`` that no rule matches."""
    repo, limit = lfs.repo, lfs.settings.warnsize
    parent = repo[b'.']
    for path in added if limit else ():
        with contextlib.suppress(OSError):
            status = repo.wvfs.lstat(path)
            size = status.st_size
            # an amended changeset adds again what it added before
            if size <= limit or not stat.S_ISREG(status.st_mode) or path in parent:
                continue
            if track.deciding(path, size) is None:
                yield path, size


def hint(repo, path: bytes, track: tracking.TrackRules) -> bytes:
    """Return advice for a big file that no rule matches.

    If a rule would match the file in another case, the advice names this rule.
    """
    isfile = typed.WorkingFolder(repo.root).isfile
    for rule in track.rules:
        other = candidates.inothercase(selector.of(rule.left, isfile), [path])
        if other is not None:
            return _(
                b"%s: %s would match in another case; see 'hg help -v lfs-track'"
            ) % (
                rule.source,
                words.shown(rule.left),
            )
    return _(
        b"no rule in .hglfs matches: see 'hg help -v lfs-track' for how to change that"
    )
