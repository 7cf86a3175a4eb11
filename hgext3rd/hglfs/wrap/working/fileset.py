"""The fileset ``lfs()``."""

from __future__ import annotations

from mercurial import exthelper, fileset, filesetlang, registrar
from mercurial.i18n import _

from ...actions import scan
from ...hg import largetext

eh = exthelper.exthelper()
predicate = registrar.filesetpredicate()


@predicate(b'lfs()')
def lfs(mctx, x):
    """File that uses LFS storage."""
    # i18n: "lfs" is a keyword
    filesetlang.getargs(x, 0, 0, _(b'lfs takes no arguments'))
    gone = set(scan.removed(mctx.ctx))

    def islarge(path):
        return path in gone or scan.offile(mctx.ctx, path) is not None

    return mctx.predicate(islarge, predrepr=b'<lfs>')


@eh.wrapfunction(fileset.matchctx, 'fpredicate')
def fpredicate(orig, self, predfn, *args, **kwargs):
    def whole(fctx):
        with largetext.suspended():
            return predfn(fctx)

    return orig(self, whole, *args, **kwargs)


@eh.uisetup
def _register(ui):
    fileset.loadpredicate(ui, b'hglfs', predicate)
