"""Verification of single revisions."""

from __future__ import annotations

from mercurial import exthelper, revlog

from ..actions import scan
from ..bridge import repolfs

eh = exthelper.exthelper()


@eh.wrapfunction(revlog, '_verify_revision')
def _verify_revision(orig, rl, skipflags, state, node):
    box = repolfs.ofvfs(rl.opener)
    pointer = scan.ofrevision(rl, node) if box else None
    if pointer is not None:
        if box.store.has(pointer.oid):
            # nothing but the blob shows whether the revision is sound
            skipflags &= ~scan.LARGE
        elif skipflags & scan.LARGE:
            # the pointer alone tells of renames
            state[b'safe_renamed'].add(node)
    orig(rl, skipflags, state, node)
