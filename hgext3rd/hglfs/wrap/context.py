"""Files in changesets: compared and classified by their pointers alone."""

from __future__ import annotations

from mercurial import context, exthelper

from ..actions import checkout, scan, streams
from ..bridge import largetext

eh = exthelper.exthelper()


def _pointer(fctx):
    # other extensions (hg-git, for one) have contexts without file histories
    filelog = getattr(fctx, 'filelog', None)
    rlog = getattr(filelog(), '_revlog', None) if filelog else None
    return scan.ofrevision(rlog, fctx.filenode()) if rlog is not None else None


@eh.wrapfunction(context.basefilectx, 'cmp')
def cmp(orig, self, fctx):
    mine = _pointer(self)
    theirs = _pointer(fctx) if mine is not None else None
    if mine is not None and theirs is not None:
        return mine.oid != theirs.oid
    if mine is not None and type(fctx) is context.workingfilectx:
        text = largetext.ofworkingfile(fctx.repo(), fctx.path())
        if text is not None and b'l' not in self.flags():
            return streams.differs(text, mine)
    return orig(self, fctx)


@eh.wrapfunction(context.filectx, 'data')
def filedata(orig, self):
    text = streams.stored(self) if largetext.active() else None
    return orig(self) if text is None else text


@eh.wrapfunction(context.workingfilectx, 'data')
def workingdata(orig, self):
    text = streams.working(self) if largetext.active() else None
    return orig(self) if text is None else text


@eh.wrapfunction(context.workingctx, 'markcommitted')
def markcommitted(orig, self, node):
    with checkout.known(self):
        return orig(self, node)


@eh.wrapfunction(context.basefilectx, 'isbinary')
def isbinary(orig, self):
    pointer = _pointer(self)
    return orig(self) if pointer is None else pointer.isbinary


def islfs(self) -> bool:
    """Tells whether this is a large file."""
    return scan.islarge(self.filelog()._revlog, self.filenode())


@eh.uisetup
def _addmethod(ui):
    context.basefilectx.islfs = islfs
