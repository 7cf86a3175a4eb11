"""Requests over HTTP that Mercurial's own protocol leaves alone."""

from __future__ import annotations

from mercurial import exthelper, wireprotoserver

from ...web import routes

eh = exthelper.exthelper()


@eh.wrapfunction(wireprotoserver, 'handlewsgirequest')
def handlewsgirequest(orig, rctx, req, res, checkperm):
    return orig(rctx, req, res, checkperm) or routes.handle(rctx, req, res, checkperm)
