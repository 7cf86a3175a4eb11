"""Wraps of file contexts: compare and classify large files by their pointers.

Mercurial reads the contents to find whether files differ or are binary. For large files
the pointers suffice. Inside the contexts of ``hg.largetext``, the data of a large file
is a LargeText, its pointer or its placeholder.
"""

from __future__ import annotations

import contextlib

from mercurial import context, exthelper

from ...actions import add as adding
from ...actions import checkout, commit, fill, partial, placeholders, revision, scan
from ...hg import largetext, lfsrepo

eh = exthelper.exthelper()


def _pointer(fctx):
    """Return the pointer of a committed large file or of a placeholder, else None."""
    large = scan.offctx(_origin(fctx) or fctx)
    return large and large.pointer


def _origin(fctx):
    """Return the committed file that a working file is a placeholder of, or None."""
    working = isinstance(fctx, context.workingfilectx)
    return placeholders.origin(fctx) if working else None


def _summary(fctx):
    """Return the pointer to show in place of a file's content, or None."""
    large = scan.offctx(fctx) if largetext.summarisingany() else None
    if large and large.opaque and largetext.summarising(large.pointer.size):
        return large.pointer
    return None


def _workingtext(fctx):
    """Return the text of a regular working file as a LargeText, or None.

    It is None for other files, and in repositories without large files.
    """
    plain = context.workingfilectx  # shallow clones have a class of their own
    if not isinstance(fctx, plain) or type(fctx).data is not plain.data:
        return None
    if lfsrepo.get_if_required(fctx.repo()):
        with contextlib.suppress(OSError):  # core handles missing files
            return largetext.ofworkingfile(fctx.repo(), fctx.path())
    return None


@eh.wrapfunction(context.basefilectx, 'cmp')
def cmp(orig, self, fctx):
    mine = _pointer(self)
    theirs = _pointer(fctx) if mine is not None else None
    if mine is not None and theirs is not None:
        return mine.oid != theirs.oid
    text = _workingtext(fctx) if mine is not None else None
    if text is not None and not self.islink():
        return revision.workingdiffers(lfsrepo.get(self.repo()), text, mine)
    return orig(self, fctx)


@eh.wrapfunction(context.filectx, 'data')
def filedata(orig, self):
    if largetext.idle():
        return orig(self)
    pointer = _summary(self)
    if pointer is not None:
        return pointer.encode()
    standin = partial.standin(self)
    if standin is not None:
        return standin
    text = revision.stored(self) if largetext.active() else None
    return orig(self) if text is None else largetext.fitting(text)


@eh.wrapfunction(context.workingfilectx, 'size')
def workingsize(orig, self):
    source = _origin(self)
    return orig(self) if source is None else source.size()


@eh.wrapfunction(context.workingfilectx, 'data')
def workingdata(orig, self):
    source = _origin(self)
    if source is not None:
        return fill.data(self, source)
    if largetext.idle():
        return orig(self)
    pointer = commit.preview(self)
    if pointer is not None:
        return pointer.encode()
    text = commit.working(self) if largetext.active() else None
    return orig(self) if text is None else text


@eh.wrapfunction(context.arbitraryfilectx, 'data')
def backupdata(orig, self):
    # a merge tool gets a copy of this
    if not largetext.active():
        return orig(self)
    return largetext.fitting(largetext.offile(self.path()))


@eh.wrapfunction(context.workingctx, '_checklookup')
def _checklookup(orig, self, files, *args, **kwargs):
    lfs = lfsrepo.get_if_required(self.repo()) if len(files) > 1 else None
    if lfs is None:
        return orig(self, files, *args, **kwargs)
    with revision.comparing(lfs, len(files)):
        return orig(self, files, *args, **kwargs)


@eh.wrapfunction(context.workingctx, 'markcommitted')
def markcommitted(orig, self, node):
    with checkout.recordclean(self):
        return orig(self, node)


@eh.wrapfunction(context.basefilectx, 'isbinary')
def isbinary(orig, self):
    if lfsrepo.get_if_required(self.repo()) is None and largetext.idle():
        return orig(self)
    pointer = _pointer(self)
    if pointer is not None:
        return pointer.isbinary and not largetext.summarising(pointer.size)
    text = _workingtext(self)
    if text is None or commit.preview(self) is not None:
        return orig(self)
    try:
        return text.isbinary()
    except OSError:  # as in core
        return False


@eh.wrapfunction(context.workingctx, 'add')
def add(orig, self, list, *args, **kwargs):
    with adding.withoutwarning(self.repo(), list):
        return orig(self, list, *args, **kwargs)


def islfs(self) -> bool:
    """Return whether this is a large file."""
    rlog = scan.revlogof(self)
    return rlog is not None and scan.islarge(rlog, self.filenode())


@eh.uisetup
def _addmethod(ui):
    context.basefilectx.islfs = islfs
