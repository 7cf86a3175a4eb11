"""The filesets ``lfs()``, ``lfs(missing)`` and ``lfs(locked)``."""

from __future__ import annotations

from mercurial import error, exthelper, fileset, filesetlang, registrar
from mercurial.i18n import _

from ...actions import listing
from ...hg import largetext

eh = exthelper.exthelper()
predicate = registrar.filesetpredicate()


@predicate(b'lfs([missing|locked])')
def lfs(mctx, x):
    """Large file. With ``missing``, only those whose content is not on this machine.
    With ``locked``, only those that are locked, which asks the server.
    """
    # i18n: "lfs" is a keyword
    wrong = _(b'lfs takes no arguments')
    args = filesetlang.getargs(x, 0, 1, wrong)
    which = filesetlang.getstring(args[0], wrong) if args else b''
    large = listing.LargeFiles(mctx.ctx, mctx._match)
    tests = {
        b'': large.__contains__,
        b'missing': large.ismissing,
        b'locked': large.islocked,
    }
    if which not in tests or args and not which:
        raise error.ParseError(wrong)
    return mctx.predicate(tests[which], predrepr=b'<lfs>')


@eh.wrapfunction(fileset.matchctx, 'fpredicate')
def fpredicate(orig, self, predfn, *args, **kwargs):
    def whole(fctx):
        with largetext.suspended():
            return predfn(fctx)

    return orig(self, whole, *args, **kwargs)


@eh.uisetup
def _register(ui):
    fileset.loadpredicate(ui, b'hglfs', predicate)
