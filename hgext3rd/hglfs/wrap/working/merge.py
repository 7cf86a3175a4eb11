"""Wrap of updates: note whether an earlier one was interrupted."""

from __future__ import annotations

from mercurial import exthelper, merge

eh = exthelper.exthelper()


@eh.wrapfunction(merge, '_update')
def _update(orig, repo, *args, **kwargs):
    from ...actions import fetch

    with fetch.duringupdate(repo):
        return orig(repo, *args, **kwargs)
