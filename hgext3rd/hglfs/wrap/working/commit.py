"""Commits, of the working directory or of anything in memory."""

from __future__ import annotations

from mercurial import commit, exthelper

from ...hg import largetext, repolfs, rules

eh = exthelper.exthelper()


@eh.wrapfunction(commit, 'commitctx')
def commitctx(orig, repo, *args, **kwargs):
    box = repolfs.of(repo)
    if box is None:
        return orig(repo, *args, **kwargs)
    before, box.tracking, box.taken = box.tracking, rules.read(repo), {}
    try:
        return orig(repo, *args, **kwargs)
    finally:
        box.tracking = before


@eh.wrapfunction(commit, '_prepare_files')
def _prepare_files(orig, *args, **kwargs):
    with largetext.scope(0):
        return orig(*args, **kwargs)
