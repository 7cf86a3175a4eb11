"""Wraps of file merges: stream large files to merge tools and to the result.

Mercurial reads both versions into memory.
"""

from __future__ import annotations

import contextlib
import functools

from mercurial import exthelper, filemerge, util

from ...hg import largetext

eh = exthelper.exthelper()


def _streaming(function):
    """Wrap an internal merge tool of core, so that it gets LargeText, not bytes."""

    @functools.wraps(function)
    def merge(repo, mynode, local, other, base, toolconf, *args):
        # a tool in Python may read the texts
        whole = toolconf[4] or local.fctx.changectx().isinmemory()
        with contextlib.ExitStack() as stack:
            if not whole:
                stack.enter_context(largetext.scope())
            return function(repo, mynode, local, other, base, toolconf, *args)

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


@eh.wrapfunction(filemerge, '_describemerge')
def _describemerge(orig, *args, **kwargs):
    with largetext.suspended():
        return orig(*args, **kwargs)


@eh.wrapfunction(util, 'writefile')
def writefile(orig, path, text):
    # writes the files of an external tool
    if not isinstance(text, largetext.LargeText):
        return orig(path, text)
    with open(path, 'wb') as sink:
        text.into(sink)
    return None
