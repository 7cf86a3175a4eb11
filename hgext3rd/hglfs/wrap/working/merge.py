"""Wrap of updates: record interrupted updates, and prune blobs afterwards.

If no placeholder is left after an update, the requirement for placeholders is removed.
"""

from __future__ import annotations

from mercurial import exthelper, merge

eh = exthelper.exthelper()


@eh.wrapfunction(merge, '_update')
def _update(orig, repo, node, branchmerge, force, ancestor=None, *args, **kwargs):
    from ...actions import autoprune, fetch, partial, placeholders

    with fetch.duringupdate(repo), partial.grafting(repo, ancestor):
        stats = orig(repo, node, branchmerge, force, ancestor, *args, **kwargs)
    placeholders.end(repo)
    autoprune.after(repo)
    return stats
