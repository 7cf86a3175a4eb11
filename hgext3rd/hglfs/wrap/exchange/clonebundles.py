"""Clone bundles in Mercurial's own protocol: what a server tells of them."""

from __future__ import annotations

import functools

from mercurial import exchange, exthelper, wireprototypes, wireprotov1server

from ...clonebundles import chain
from ...clonebundles.server import advertise
from ...hg import clientinfo, lfsrepo

eh = exthelper.exthelper()

_COMMANDS = (b'clonebundles', b'clonebundles_manifest')


@eh.wrapfunction(wireprotov1server, '_capabilities')
def _capabilities(orig, repo, proto):
    caps = orig(repo, proto)
    if lfsrepo.get(repo) is not None and advertise.there(repo):
        # hg <= 6.5: has but the first
        known = [name for name in _COMMANDS if name in wireprotov1server.commands]
        caps.extend(name for name in known if name not in caps)
        caps.append(chain.CAPABILITY)
    return caps


def _manifest(orig, inline: bool, repo, proto, *args):
    if lfsrepo.get(repo) is None:
        return orig(repo, proto, *args)
    advertise.asked(repo)
    text = advertise.lines(repo, clientinfo.ofrequest(repo, proto, inline))
    return wireprototypes.bytesresponse(
        text if inline else advertise.legacy(repo, text)
    )


def chains(repo, proto, digests):
    from ...clonebundles.server import increments

    if lfsrepo.get(repo) is None:
        return wireprototypes.bytesresponse(b'')
    who = clientinfo.ofrequest(repo, proto, True)
    return wireprototypes.bytesresponse(increments.lines(repo, who, digests))


@eh.uisetup
def _addcommand(ui):
    declare = wireprotov1server.wireprotocommand
    declare(chain.COMMAND, b'digests', permission=b'pull')(chains)


@eh.uisetup
def _replacecommands(ui):
    for name in _COMMANDS:
        entry = wireprotov1server.commands.get(name)
        if entry is not None:
            answer = functools.partial(_manifest, entry.func, name != _COMMANDS[0])
            entry.func = answer


@eh.uisetup
def _tellofbundles(ui):
    @exchange.getbundle2partsgenerator(b'clonebundleadvertise', idx=0)
    def part(bundler, repo, source, cbattempted=None, **kwargs):
        # by that a client says that it knows of bundles, and hasn't used one
        if cbattempted is not None and not cbattempted:
            text = advertise.reminder(repo)
            if text:
                bundler.newpart(b'output', data=text, mandatory=False)
