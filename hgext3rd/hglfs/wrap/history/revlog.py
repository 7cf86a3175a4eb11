"""Wraps of revlogs: add and verify large revisions as streams.

Mercurial reads the whole text of a revision into memory. Here, the content of a large
revision is hashed and stored in chunks.
"""

from __future__ import annotations

from mercurial import exthelper, revlog

from ...actions import commit, revision, scan
from ...hg import compat, largetext, lfsrepo

eh = exthelper.exthelper()


@eh.wrapfunction(revlog, '_verify_revision')
def _verify_revision(orig, rl, skipflags, state, node):
    pointer = scan.ofrevision(rl, node)
    lfs = lfsrepo.from_opener(rl.opener) if pointer is not None else None
    if pointer is not None and lfs is not None:
        # only the blob shows whether the revision is intact
        if lfs.store.has(pointer.oid) or not skipflags & scan.LARGE:
            return revision.check(lfs, scan.large(rl, node, pointer))
        # renames are recorded in the pointer
        state[b'safe_renamed'].add(node)
    return orig(rl, skipflags, state, node)


@eh.wrapfunction(revlog.revlog, 'addrevision')
def addrevision(orig, self, text, transaction, link, p1, p2, *args, **kwargs):
    if not isinstance(text, largetext.LargeText):
        return orig(self, text, transaction, link, p1, p2, *args, **kwargs)
    lfs = lfsrepo.from_opener(self.opener)
    node, rawtext = commit.commit(lfs, text, p1, p2)
    rev = self.index.get_rev(node)
    if rev is not None:
        return rev
    flags = kwargs.get('flags', 0) | scan.LARGE
    return self.addrawrevision(rawtext, transaction, link, p1, p2, node, flags)


@eh.wrapfunction(revlog.revlog, '_clone')
def _clone(orig, self, tr, destrevlog, *args, **kwargs):
    # core would copy texts in place of pointers (hg <= 7.1), or record their sizes
    with scan.aspointers(self, destrevlog):
        return orig(self, tr, destrevlog, *args, **kwargs)


@eh.wrapfunction(revlog.revlog, '_init_opts')
def _init_opts(orig, self):
    # core initialises a revlog again that it has rewritten, for example by censor
    compat.forgetflag(self, revlog.REVIDX_EXTSTORED)
    return orig(self)
