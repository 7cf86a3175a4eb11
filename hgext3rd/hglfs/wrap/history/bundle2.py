"""Wrap of writing a bundle: for :hg:`bundle`, upload the blobs first.

A bundle contains pointers only, so its recipients need the blobs on a server.
"""

from __future__ import annotations

from mercurial import bundle2, exthelper

from ...actions import bundle as bundling

eh = exthelper.exthelper()


@eh.wrapfunction(bundle2, 'writenewbundle')
def writenewbundle(
    orig, ui, repo, source, filename, bundletype, outgoing, *args, **kwargs
):
    bundling.outgoing(repo, outgoing.missing)
    return orig(ui, repo, source, filename, bundletype, outgoing, *args, **kwargs)
