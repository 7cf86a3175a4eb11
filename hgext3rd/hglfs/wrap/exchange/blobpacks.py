"""Packs of blobs in Mercurial's own protocol: what a server tells of them."""

from __future__ import annotations

from mercurial import exthelper, wireprototypes, wireprotov1server

from ...hg import lfsrepo, peerwire

eh = exthelper.exthelper()


@eh.wrapfunction(wireprotov1server, '_capabilities')
def _capabilities(orig, repo, proto):
    caps = orig(repo, proto)
    if lfsrepo.get_if_required(repo) is not None:
        from ...clonebundles.server import packadvert as advertise

        if advertise.there(repo):
            caps.append(peerwire.BLOBPACKS)
    return caps


def blobpacks(repo, proto):
    from ...clonebundles.server import packadvert as advertise
    from ...hg import clientinfo

    return wireprototypes.bytesresponse(
        advertise.advert(repo, clientinfo.ofrequest(repo, proto, False))
    )


@eh.uisetup
def _addcommand(ui):
    declare = wireprotov1server.wireprotocommand
    declare(peerwire.BLOBPACKS, permission=b'pull')(blobpacks)
