"""Wraps of bundle repositories: support bundles with large files.

A repository on such a bundle gets the requirement ``lfs``. For :hg:`incoming`, the peer
is recorded, because it has the blobs.
"""

from __future__ import annotations

from mercurial import bundlerepo, exthelper

from ...actions import incoming

eh = exthelper.exthelper()


@eh.wrapfunction(bundlerepo.bundlerepository, '__init__')
def bundlerepository(orig, self, *args, **kwargs):
    orig(self, *args, **kwargs)
    incoming.require(self)


@eh.wrapfunction(bundlerepo, 'getremotechanges')
def getremotechanges(
    orig, ui, repo, peer, onlyheads=None, bundlename=None, *args, **kwargs
):
    found = orig(ui, repo, peer, onlyheads, bundlename, *args, **kwargs)
    incoming.recordpeer(repo, found[0], peer, bool(bundlename))
    return found
