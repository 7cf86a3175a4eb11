"""Wraps of diffs: fetch only the blobs whose content is shown.

Mercurial prefetches all files that differ, also binary ones that it does not show.
"""

from __future__ import annotations

from mercurial import exthelper, patch

from ...actions import shown

eh = exthelper.exthelper()


@eh.wrapfunction(patch, 'diffhunks')
def diffhunks(orig, *args, **kwargs):
    with shown.deciding():
        return orig(*args, **kwargs)


@eh.wrapfunction(patch, 'trydiff')
def trydiff(
    orig, repo, revs, ctx1, ctx2, modified, added, removed, copy, filectx, opts, *args
):
    changes = modified, added, removed, copy
    pairs = patch._filepairs(*changes, opts)
    shown.fetchshown(repo, (ctx1, ctx2), pairs, opts, filectx)
    return orig(repo, revs, ctx1, ctx2, *changes, filectx, opts, *args)
