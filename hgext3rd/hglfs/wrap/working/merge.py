"""Wrap of updates: record interrupted updates, and prune blobs afterwards.

If no placeholder is left after an update, the requirement for placeholders is removed.
"""

from __future__ import annotations

from mercurial import exthelper, merge

from ...hg import lfsrepo

eh = exthelper.exthelper()


@eh.wrapfunction(merge, '_update')
def _update(orig, repo, node, branchmerge, force, ancestor=None, *args, **kwargs):
    from ...actions import fetch, partial, placeholders

    with fetch.duringupdate(repo), partial.grafting(repo, ancestor):
        stats = orig(repo, node, branchmerge, force, ancestor, *args, **kwargs)
    if lfsrepo.PLACEHOLDERS in repo.requirements:
        placeholders.end(repo)
    if lfsrepo.get_if_required(repo) is not None:
        from ...actions import autoprune

        autoprune.after(repo)
    return stats
