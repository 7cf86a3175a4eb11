"""Wraps of HTTP requests: route those for the LFS server, reject incomplete ones.

A request without a required argument gets status 400. Mercurial would log an internal
error, and reply with status 500.
"""

from __future__ import annotations

from mercurial import exthelper, wireprotoserver
from mercurial.hgweb import common

from ...web import routes

eh = exthelper.exthelper()


@eh.wrapfunction(wireprotoserver, 'handlewsgirequest')
def handlewsgirequest(orig, rctx, req, res, checkperm):
    return orig(rctx, req, res, checkperm) or routes.handle(rctx, req, res, checkperm)


@eh.wrapfunction(wireprotoserver.httpv1protocolhandler, 'getargs')
def getargs(orig, self, args):
    try:
        return orig(self, args)
    except KeyError as exc:
        # the client's fault: not to be logged as an internal error
        reason = b'an argument is missing'
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, reason) from exc
