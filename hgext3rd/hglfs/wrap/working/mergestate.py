"""Wraps of a merge's backups of working files: copy large files as streams.

Mercurial copies each file through memory.
"""

from __future__ import annotations

from mercurial import context, exthelper, mergestate

from ...actions import fill
from ...hg import largetext

eh = exthelper.exthelper()


@eh.wrapfunction(mergestate.mergestate, '_make_backup')
def _make_backup(orig, self, fctx, localkey):
    text = None
    if type(fctx) is context.workingfilectx:
        fill.beforemerge(fctx)
        text = largetext.ofworkingfile(self._repo, fctx.path())
    if text is None:
        return orig(self, fctx, localkey)
    with self._repo.vfs(b'merge/' + localkey, b'wb') as sink:
        text.into(sink)
    return None


@eh.wrapfunction(mergestate.mergestate, '_restore_backup')
def _restore_backup(orig, self, fctx, localkey, flags):
    if type(fctx) is not context.workingfilectx or b'l' in flags:
        return orig(self, fctx, localkey, flags)
    text = largetext.ofbackup(self._repo, fctx.path(), b'merge/' + localkey)
    return fctx.write(text, flags)
