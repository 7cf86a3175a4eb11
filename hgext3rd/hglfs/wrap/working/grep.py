"""Wrap of ``hg grep``: prefetch the blobs that it is going to search."""

from __future__ import annotations

from mercurial import exthelper, grep

from ...actions import fetch

eh = exthelper.exthelper()


@eh.wrapfunction(grep.grepsearcher, 'searchfiles')
def searchfiles(orig, self, revs, makefilematcher):
    fetch.forsearch(self._repo, revs, makefilematcher, self._all_files)
    return orig(self, revs, makefilematcher)
