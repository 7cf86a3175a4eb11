"""Wraps of updates and merges: prefetch blobs, and stream large files.

Mercurial prefetches the files of one changeset. For files to be merged, the blobs of
the common ancestors are fetched together with these.
"""

from __future__ import annotations

import importlib

from mercurial import context, exthelper

from ...actions import fetch, partial
from ...hg import compat, largetext

eh = exthelper.exthelper()
_module, _name = compat.firstmodule(compat.MERGEPREFETCH)
_apply = compat.firstmodule(compat.APPLYUPDATES)[1]


@eh.wrapfunction(importlib.import_module(_module), _name)
def _prefetchfiles(orig, repo, ctx, mresult):
    merges = mresult.getactions([compat.mergeaction()])
    needed = partial.needed(repo, ctx, [args for _path, args, _why in merges])
    with fetch.addtonext(repo, needed), fetch.beforeupdate(repo):
        orig(repo, ctx, mresult)


@eh.wrapfunction(importlib.import_module(_module), _apply)
def applyupdates(orig, repo, mresult, wctx, mctx, *args, **kwargs):
    with partial.checkout(repo, mctx, wctx.isinmemory()):
        return orig(repo, mresult, wctx, mctx, *args, **kwargs)


@eh.wrapfunction(importlib.import_module(_module), 'batchget')
def batchget(orig, repo, mctx, wctx, *args, **kwargs):
    # an in-memory working copy needs whole texts
    if type(wctx) is not context.workingctx:
        yield from orig(repo, mctx, wctx, *args, **kwargs)
        return
    with largetext.forcheckout():
        yield from orig(repo, mctx, wctx, *args, **kwargs)
