"""Wrap of the eol extension: at a commit, do not check binary large files.

The extension reads each file that it checks into memory.
"""

from __future__ import annotations

from hgext import eol
from mercurial import extensions, exthelper

from ...actions import commit
from ...hg import lfsrepo

eh = exthelper.exthelper()


@eh.wrapfunction(eol, 'reposetup')
def reposetup(orig, ui, repo):
    orig(ui, repo)
    if repo.local():
        extensions.wrapfunction(repo.__class__, 'commitctx', commitctx)


def commitctx(orig, self, ctx, *args, **kwargs):
    matches = self._eolmatch
    if lfsrepo.get(self) is not None:
        self._eolmatch = lambda path: matches(path) and not commit.isbinary(ctx, path)
    try:
        return orig(self, ctx, *args, **kwargs)
    finally:
        self._eolmatch = matches
