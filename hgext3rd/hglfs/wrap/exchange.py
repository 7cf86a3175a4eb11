"""Pushes: blobs go to where the changesets go."""

from __future__ import annotations

from mercurial import exchange, exthelper

from ..actions import push as pushing
from ..bridge import repolfs

eh = exthelper.exthelper()


@eh.wrapfunction(exchange, 'push')
def push(orig, repo, remote, *args, **kwargs):
    box = repolfs.of(repo)
    if box is None or repolfs.REQUIREMENT not in repo.requirements:
        return orig(repo, remote, *args, **kwargs)
    pushing.checkpeer(repo, remote)
    with pushing.towards(box, remote.url()):
        return orig(repo, remote, *args, **kwargs)
