"""Packs of blobs in Mercurial's own protocol: what a server tells of them."""

from __future__ import annotations

from mercurial import exthelper, wireprototypes, wireprotov1server

from ...hg import repolfs, wire

eh = exthelper.exthelper()


@eh.wrapfunction(wireprotov1server, '_capabilities')
def _capabilities(orig, repo, proto):
    caps = orig(repo, proto)
    if repolfs.boxof(repo) is not None:
        from ...clonebundles.server import packadvert as advertise

        if advertise.there(repo):
            caps.append(wire.BLOBPACKS)
    return caps


def blobpacks(repo, proto):
    from ...clonebundles.server import packadvert as advertise
    from ...hg import asker

    return wireprototypes.bytesresponse(
        advertise.advert(repo, asker.ofrequest(repo, proto, False))
    )


@eh.uisetup
def _addcommand(ui):
    declare = wireprotov1server.wireprotocommand
    declare(wire.BLOBPACKS, permission=b'pull')(blobpacks)
