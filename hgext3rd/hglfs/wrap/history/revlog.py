"""Single revisions: added from a stream, verified as one."""

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
        # nothing but the blob shows whether the revision is sound
        if lfs.store.has(pointer.oid) or not skipflags & scan.LARGE:
            return revision.check(lfs, scan.large(rl, node, pointer))
        # the pointer alone tells of renames
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
    # core would put texts where pointers belong (hg <= 7.1), or their sizes
    with scan.asstored(self, destrevlog):
        return orig(self, tr, destrevlog, *args, **kwargs)


@eh.wrapfunction(revlog.revlog, '_init_opts')
def _init_opts(orig, self):
    # core does this again for a revlog that it has rewritten, as censor does
    compat.forgetflag(self, revlog.REVIDX_EXTSTORED)
    return orig(self)
