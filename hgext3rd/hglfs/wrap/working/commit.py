"""Wraps of commits: apply the rules for large files, and read them as streams.

This includes commits that are not made from the working directory, such as those of an
in-memory rebase.
"""

from __future__ import annotations

from mercurial import commit, exthelper

from ...actions import commit as committing
from ...actions import plainfiles
from ...hg import largetext, lfsrepo

eh = exthelper.exthelper()


@eh.wrapfunction(commit, 'commitctx')
def commitctx(orig, repo, ctx, *args, **kwargs):
    lfs = lfsrepo.get(repo)
    if lfs is None:
        return orig(repo, ctx, *args, **kwargs)
    with committing.underway(lfs, ctx):
        node = orig(repo, ctx, *args, **kwargs)
        if lfs.ops.warnplain:
            plainfiles.warn(lfs, ctx)
        return node


@eh.wrapfunction(commit, '_prepare_files')
def _prepare_files(orig, *args, **kwargs):
    with largetext.scope(0):
        return orig(*args, **kwargs)
