"""Wrap of ``hg grep``: fetch the blobs of the files to search together, in advance.

Otherwise they would be fetched one by one.
"""

from __future__ import annotations

from mercurial import exthelper, grep

from ...actions import fetch

eh = exthelper.exthelper()


@eh.wrapfunction(grep.grepsearcher, 'searchfiles')
def searchfiles(orig, self, revs, makefilematcher):
    fetch.forsearch(self._repo, revs, makefilematcher, self._all_files)
    return orig(self, revs, makefilematcher)
