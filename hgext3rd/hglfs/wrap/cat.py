"""``hg cat``: its ``{rawdata}``."""

from __future__ import annotations

from mercurial import cmdutil, exthelper

eh = exthelper.exthelper()


@eh.wrapfunction(cmdutil, '_updatecatformatter')
def _updatecatformatter(orig, fm, ctx, matcher, path, decode):
    orig(fm, ctx, matcher, path, decode)
    fm.data(rawdata=ctx[path].rawdata())
