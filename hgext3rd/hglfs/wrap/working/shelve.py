"""``hg shelve``: the patch that it keeps for people to look at."""

from __future__ import annotations

from mercurial import exthelper, shelve

from ...hg import largetext, repolfs

eh = exthelper.exthelper()


@eh.wrapfunction(shelve, '_shelvecreatedcommit')
def _shelvecreatedcommit(orig, repo, *args, **kwargs):
    box = repolfs.of(repo)
    if box is None:
        return orig(repo, *args, **kwargs)
    with largetext.summarised(box.settings.maxtext):
        return orig(repo, *args, **kwargs)
