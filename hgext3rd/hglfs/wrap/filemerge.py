"""Merges of single files: taking a side, and tools that take files."""

from __future__ import annotations

import functools

from mercurial import exthelper, filemerge, util

from ..bridge import largetext

eh = exthelper.exthelper()


def _streaming(function):
    """Returns a merge tool of core's that is given large texts as tokens."""

    @functools.wraps(function)
    def merge(repo, mynode, local, *args, **kwargs):
        if local.fctx.changectx().isinmemory():
            return function(repo, mynode, local, *args, **kwargs)
        with largetext.scope():
            return function(repo, mynode, local, *args, **kwargs)

    return merge


@eh.uisetup
def _replacetools(ui):
    for name in ('_iother', '_ifail', '_xmerge'):
        core = getattr(filemerge, name)
        ours = _streaming(core)
        setattr(filemerge, name, ours)
        for tool, function in filemerge.internals.items():
            if function is core:
                filemerge.internals[tool] = ours


@eh.wrapfunction(util, 'writefile')
def writefile(orig, path, text):
    # by which an external tool gets its files
    if not isinstance(text, largetext.LargeText):
        return orig(path, text)
    with open(path, 'wb') as sink:
        sink.writelines(text.chunks())
    return None
