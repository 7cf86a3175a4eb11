"""Mercurial's own protocol: what a server says it can do, and commands of ours."""

from __future__ import annotations

from mercurial import exthelper, wireprotoserver, wireprototypes, wireprotov1server
from mercurial.hgweb import common

from ...hg import lfsrepo, peerwire

eh = exthelper.exthelper()


@eh.wrapfunction(wireprotov1server, '_capabilities')
def _capabilities(orig, repo, proto):
    caps = orig(repo, proto)
    if lfsrepo.get(repo) is not None:
        # a client must have the extension where large files are certain
        if lfsrepo.REQUIREMENT in repo.requirements:
            caps.append(b'lfs-serve')
        caps.append(b'lfs')
        if proto.name == wireprototypes.SSHV1:
            caps += [peerwire.CAPABILITY, peerwire.LOCKSCAPABILITY]
    return caps


@eh.wrapfunction(wireprotoserver.httpv1protocolhandler, 'getargs')
def getargs(orig, self, args):
    try:
        return orig(self, args)
    except KeyError as exc:
        # any client can leave one out: no fault of the server, and not worth a log
        reason = b'an argument is missing'
        raise common.ErrorResponse(common.HTTP_BAD_REQUEST, reason) from exc


def have(repo, proto, wanted):
    from ...actions import serve

    return wireprototypes.bytesresponse(serve.have(repo, wanted))


def get(repo, proto, wanted):
    from ...actions import serve

    return wireprototypes.streamreslegacy(gen=peerwire.framed(serve.get(repo, wanted)))


def put(repo, proto):
    from ...actions import serve

    return wireprototypes.bytesresponse(serve.put(repo, proto.getpayload()))


def locks(repo, proto, verb, request):
    from ...actions import serve

    return wireprototypes.bytesresponse(serve.locks(repo, verb, request))


@eh.uisetup
def _addcommands(ui):
    declare = wireprotov1server.wireprotocommand
    declare(peerwire.HAVE, b'wanted', permission=b'pull')(have)
    declare(peerwire.GET, b'wanted', permission=b'pull')(get)
    declare(peerwire.PUT, permission=b'push')(put)
    declare(peerwire.LOCKS, b'verb request', permission=b'push')(locks)
    for name in (peerwire.HAVE, peerwire.GET, peerwire.PUT, peerwire.LOCKS):
        # over HTTP there are URLs for it, with the permissions that hgweb gives
        wireprotov1server.commands[name].transports = {wireprototypes.SSHV1}
