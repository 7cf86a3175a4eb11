"""Wrap of updates: note whether an earlier one was interrupted; prune after them."""

from __future__ import annotations

from mercurial import exthelper, merge

from ...hg import lfsrepo

eh = exthelper.exthelper()


@eh.wrapfunction(merge, '_update')
def _update(orig, repo, *args, **kwargs):
    from ...actions import fetch

    with fetch.duringupdate(repo):
        stats = orig(repo, *args, **kwargs)
    if lfsrepo.get_if_required(repo) is not None:
        from ...actions import autoprune

        autoprune.after(repo)
    return stats
