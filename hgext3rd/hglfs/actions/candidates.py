"""Find the files in the working directory that rules could make large."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from mercurial.i18n import _

from ..hg import bars
from ..hg.selector import PathTest, Selector


@dataclass(frozen=True)
class Candidate:
    """A regular file in the working directory, with its size in bytes.

    ``pending`` is true for an added, modified or untracked file, which the next commit
    may include. ``large`` is whether the rules make the file large; see ``classified``.
    """

    path: bytes
    size: int
    pending: bool
    large: bool = False

    def classified(self, large: bool) -> Candidate:
        """Return a copy of the candidate with this value of ``large``."""
        return Candidate(self.path, self.size, self.pending, large)


def find(repo) -> Iterator[Candidate]:
    """Yield the regular files that are tracked, or untracked and not ignored."""
    status = repo.status(unknown=True, clean=True)
    pending = {*status.added, *status.modified, *status.unknown}
    paths, topic, unit = pending.union(status.clean), _(b'lfs checking'), _(b'files')
    wctx = repo[None]
    for path in bars.counted(repo.ui, topic, unit, sorted(paths), len(paths), bytes):
        with contextlib.suppress(OSError):
            if stat.S_ISREG(repo.wvfs.lstat(path).st_mode):
                # of a placeholder, the size of its content
                yield Candidate(path, wctx[path].size(), path in pending)


def inothercase(wanted: Selector, paths: list[bytes]) -> tuple[bytes, PathTest] | None:
    """Return the first path that a selector would match if it ignored case.

    The path comes with a test that matches exactly this path. Returns None if there is
    no such path, if the selector already matches one of ``paths`` with the case as
    written, or if the selector is not ``exact``.
    """
    if not wanted.exact or any(wanted.matches(path) for path in paths):
        return None
    for path in paths:
        for test in wanted.tests:
            if test.lower().matches(path.lower()):
                suffix = path[len(path) - len(test.suffix) :]
                return path, PathTest(path[: len(test.place)], suffix)
    return None
