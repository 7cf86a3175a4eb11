"""Refuse pushed revisions of big files that are not stored as large files.

The check covers the file revisions of a changegroup, with the sizes of their texts as
computed from the deltas. It does not use the list of files in a changeset, which its
author may have forged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from mercurial import error, util
from mercurial.i18n import _
from mercurial.node import short
from mercurial.utils import storageutil

from ..hg import lfsrepo
from ..hg.lfsrepo import LfsRepo
from ..lfs import pointer as pointers
from ..lfs import words
from . import lockenforce, scan

#: Number of files that are named in messages.
_NAMED = 10
#: Bytes of a path in the message of Abort: over a wire, it is limited to 255 bytes.
_SHOWN = 100
#: Bytes by which the text of a revision may exceed the file: metadata about copies.
_METADATA = 16 << 10


class PlainFiles:
    """Check the sizes of the plain files in a changegroup.

    Plain files are those that are not stored as large files. ``limit`` is in bytes.
    """

    def __init__(self, lfs: LfsRepo, limit: int) -> None:
        self._lfs = lfs
        self._limit = limit
        self._first: bytes | None = None
        self._count = 0

    def check(self, rlog, revs: Iterable[int]) -> None:
        """Check new revisions of one file; warn if they are above the limit."""
        for rev in revs:
            size = rlog.rawsize(rev)
            if size > self._limit and self._istoolarge(rlog, rev, size):
                self._note(rlog, rev, size)

    def _istoolarge(self, rlog, rev: int, size: int) -> bool:
        if scan.islargerev(rlog, rev):
            return size > pointers.LONGEST  # the flag is wrong: this is no pointer
        if size > self._limit + _METADATA:
            return True
        text = rlog.rawdata(rlog.node(rev))
        return size - (storageutil.parsemeta(text)[1] or 0) > self._limit

    def _note(self, rlog, rev: int, size: int) -> None:
        changelog = self._lfs.repo.unfiltered().changelog
        path = scan.pathof(rlog)
        shown = words.shown(path if len(path) <= _SHOWN else b'...' + path[-_SHOWN:])
        said = _(b'%s in changeset %s has %s and is not a large file') % (
            shown,
            short(changelog.node(rlog.linkrev(rev))),
            util.bytecount(size),
        )
        self._count += 1
        if self._count == 1:
            self._first = said
        elif self._count <= _NAMED:
            self._lfs.ui.warn(b'%s\n' % said)

    def conclude(self) -> None:
        """Raise Abort if any file was above the limit; call this after all checks."""
        if self._first is None:
            return
        if self._count > _NAMED:
            self._lfs.ui.warn(_(b'and %d more\n') % (self._count - _NAMED))
        raise error.Abort(
            self._first,
            hint=_(
                b'the limit is %s (lfs.maxplainsize); to commit it as a large file, '
                b"see 'hg help -v lfs-track'"
            )
            % util.bytecount(self._limit),
        )


@contextlib.contextmanager
def limited(repo, source: bytes | None) -> Iterator[None]:
    """Check the sizes of plain files in the changegroup that is added in this context.

    ``source`` is the origin of the changegroup in Mercurial's terms, such as ``serve``.
    At the end, raises Abort if a file is above ``lfs.maxplainsize``.
    """
    lfs = lfsrepo.get(repo)
    limit = lfs.settings.maxplainsize if lfs is not None else 0
    if lfs is None or not limit or source not in lockenforce.SOURCES:
        yield
        return
    found = PlainFiles(lfs, limit)
    lfs.ops.incoming.measure = found.check
    try:
        yield
    finally:
        lfs.ops.incoming.measure = None
    found.conclude()
