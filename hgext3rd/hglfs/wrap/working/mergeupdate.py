"""Wraps of updates and merges: prefetch blobs, of common ancestors too."""

from __future__ import annotations

import importlib

from mercurial import context, exthelper

from ...actions import fetch
from ...hg import compat, largetext

eh = exthelper.exthelper()
_module, _name = compat.firstmodule(compat.MERGEPREFETCH)


@eh.wrapfunction(importlib.import_module(_module), _name)
def _prefetchfiles(orig, repo, ctx, mresult):
    merges = mresult.getactions([compat.mergeaction()])
    bases = [(base, path) for _file, (_1, _2, path, _move, base), _why in merges]
    with fetch.addtonext(repo, bases), fetch.beforeupdate(repo):
        orig(repo, ctx, mresult)


@eh.wrapfunction(importlib.import_module(_module), 'batchget')
def batchget(orig, repo, mctx, wctx, *args, **kwargs):
    # an in-memory working copy needs whole texts
    if type(wctx) is not context.workingctx:
        yield from orig(repo, mctx, wctx, *args, **kwargs)
        return
    with largetext.scope():
        yield from orig(repo, mctx, wctx, *args, **kwargs)
