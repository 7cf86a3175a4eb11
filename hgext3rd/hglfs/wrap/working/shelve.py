"""Wrap of ``hg shelve``: write very large files as pointers into its patch.

These are files of at least ``lfs.maxtext``. Mercurial reads each shelved file into
memory for the patch.
"""

from __future__ import annotations

from mercurial import exthelper, shelve

from ...hg import largetext, lfsrepo

eh = exthelper.exthelper()


@eh.wrapfunction(shelve, '_shelvecreatedcommit')
def _shelvecreatedcommit(orig, repo, *args, **kwargs):
    lfs = lfsrepo.get(repo)
    if lfs is None:
        return orig(repo, *args, **kwargs)
    with largetext.summarised(lfs.settings.maxtext):
        return orig(repo, *args, **kwargs)
