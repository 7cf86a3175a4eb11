"""Wraps of push and pull: transfer blobs to and from the same peer.

A push uploads the blobs of its changesets first. A pull records its source, from which
blobs are downloaded later. A pull that starts from a clone bundle applies the
increments of the bundle, too.
"""

from __future__ import annotations

from mercurial import exchange, exthelper

from ...actions import autoprune
from ...actions import pull as pulling
from ...actions import push as pushing
from ...hg import abort as refusals
from ...hg import lfsrepo, operations, pullsources

eh = exthelper.exthelper()


@eh.wrapfunction(exchange, 'push')
def push(orig, repo, remote, *args, **kwargs):
    lfs = lfsrepo.get(repo)
    if lfs is None or lfsrepo.REQUIREMENT not in repo.requirements:
        return orig(repo, remote, *args, **kwargs)
    pushing.checkpeer(repo, remote)
    with pushing.uploadingto(lfs, remote):
        pushop = orig(repo, remote, *args, **kwargs)
    autoprune.after(repo)
    return pushop


@eh.wrapfunction(exchange, 'unbundle')
def unbundle(orig, repo, cg, heads, source, url):
    with refusals.refused(source):
        return orig(repo, cg, heads, source, url)


@eh.wrapfunction(exchange, 'pull')
def pull(orig, repo, remote, *args, **kwargs):
    pullop = orig(repo, remote, *args, **kwargs)
    # core sets this for a clone, whose source becomes the default path
    cloning = repo.ui.configbool(b'ui', b'quietbookmarkmove')
    lfs = lfsrepo.get(repo)
    if cloning and lfs is not None:
        lfs.ops.clone.peer = remote
    if pullop.cgresult and not cloning and lfsrepo.get_if_required(repo) is not None:
        pullsources.note(repo, remote.url(), pulling.baserepository(repo, remote))
    return pullop


@eh.wrapfunction(exchange, '_maybeapplyclonebundle')
def _maybeapplyclonebundle(orig, pullop):
    lfs = lfsrepo.get(pullop.repo)
    if lfs is None:
        return orig(pullop)
    from ...clonebundles.client import increments

    lfs.ops.pull = pull = operations.PullState(pullop.remote)
    try:
        orig(pullop)
        if pull.seeded is not None:
            increments.applyall(lfs, pull)
    finally:
        lfs.ops.pull = None


@eh.wrapfunction(exchange, 'trypullbundlefromurl')
def trypullbundlefromurl(orig, ui, repo, url, *args):
    lfs = lfsrepo.get(repo)
    if lfs is None or lfs.ops.pull is None:
        return orig(ui, repo, url, *args)
    from ...clonebundles.client import seed

    # hg <= 6.7: no argument for a peer, and none for a digest before 6.9
    args = (*args[:1], *[None for _digest in args[1:]])
    return seed.seed(lfs, lfs.ops.pull, lambda url: orig(ui, repo, url, *args))
