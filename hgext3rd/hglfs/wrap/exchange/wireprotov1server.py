"""Wraps of the wire protocol: add the capabilities and commands of this extension.

The commands transfer blobs and lock requests over ssh, and advertise increments of
clone bundles and packs of blobs. Mercurial's commands for the clone bundle manifest are
replaced, too.
"""

from __future__ import annotations

import functools

from mercurial import exchange, exthelper, wireprototypes, wireprotov1server

from ...clonebundles.server import advertise
from ...hg import clientinfo, lfsrepo, peerwire

eh = exthelper.exthelper()

#: Mercurial's commands that return the clone bundle manifest.
_MANIFESTS = (b'clonebundles', b'clonebundles_manifest')


@eh.wrapfunction(wireprotov1server, '_capabilities')
def _capabilities(orig, repo, proto):
    caps = orig(repo, proto)
    lfs = lfsrepo.get(repo)
    if lfs is not None:
        overssh = proto.name == wireprototypes.SSHV1
        caps += [*_forblobs(repo, overssh), *_forbundles(repo, caps), *_forpacks(repo)]
    return caps


def _forblobs(repo, overssh: bool) -> list[bytes]:
    # where there are large files, a client must have the extension
    required = lfsrepo.REQUIREMENT in repo.requirements
    caps = [b'lfs-serve', b'lfs'] if required else [b'lfs']
    return caps + [peerwire.CAPABILITY, peerwire.LOCKSCAPABILITY] * overssh


def _forbundles(repo, caps: list[bytes]) -> list[bytes]:
    if not advertise.exists(repo):
        return []
    # hg <= 6.5: has the first only
    known = [name for name in _MANIFESTS if name in wireprotov1server.commands]
    return [
        *(name for name in known if name not in caps),
        peerwire.INCREMENTSCAPABILITY,
    ]


def _forpacks(repo) -> list[bytes]:
    if lfsrepo.REQUIREMENT not in repo.requirements:
        return []
    from ...clonebundles.server import packadvert

    return [peerwire.BLOBPACKS] if packadvert.exists(repo) else []


def have(repo, proto, wanted):
    from ...actions import serve

    return wireprototypes.bytesresponse(serve.have(repo, wanted))


def get(repo, proto, wanted):
    from ...actions import serve

    chunks = peerwire.framed(serve.get(repo, wanted))
    return wireprototypes.streamreslegacy(gen=chunks)


def put(repo, proto):
    from ...actions import serve

    return wireprototypes.bytesresponse(serve.put(repo, proto.getpayload()))


def locks(repo, proto, verb, request):
    from ...actions import serve

    return wireprototypes.bytesresponse(serve.locks(repo, verb, request))


def blobpacks(repo, proto):
    from ...clonebundles.server import packadvert

    client = clientinfo.ofrequest(repo, proto, False)
    return wireprototypes.bytesresponse(packadvert.advert(repo, client))


def increments(repo, proto, digests):
    from ...clonebundles.server import increments as bundleincrements

    if lfsrepo.get(repo) is None:
        return wireprototypes.bytesresponse(b'')
    client = clientinfo.ofrequest(repo, proto, True)
    return wireprototypes.bytesresponse(bundleincrements.lines(repo, client, digests))


def _manifest(orig, inline: bool, repo, proto, *args):
    if lfsrepo.get(repo) is None:
        return orig(repo, proto, *args)
    advertise.countclone(repo)
    text = advertise.lines(repo, clientinfo.ofrequest(repo, proto, inline))
    return wireprototypes.bytesresponse(
        text if inline else advertise.legacy(repo, text)
    )


@eh.uisetup
def _addcommands(ui):
    declare = wireprotov1server.wireprotocommand
    declare(peerwire.HAVE, b'wanted', permission=b'pull')(have)
    declare(peerwire.GET, b'wanted', permission=b'pull')(get)
    declare(peerwire.PUT, permission=b'push')(put)
    declare(peerwire.LOCKS, b'verb request', permission=b'push')(locks)
    for name in (peerwire.HAVE, peerwire.GET, peerwire.PUT, peerwire.LOCKS):
        # over HTTP the LFS server's URLs serve this, under hgweb's permissions
        wireprotov1server.commands[name].transports = {wireprototypes.SSHV1}
    declare(peerwire.INCREMENTS, b'digests', permission=b'pull')(increments)
    declare(peerwire.BLOBPACKS, permission=b'pull')(blobpacks)


@eh.uisetup
def _replacecommands(ui):
    for name in _MANIFESTS:
        entry = wireprotov1server.commands.get(name)
        if entry is not None:
            answer = functools.partial(_manifest, entry.func, name != _MANIFESTS[0])
            entry.func = answer


@eh.uisetup
def _advertisebundles(ui):
    @exchange.getbundle2partsgenerator(b'clonebundleadvertise', idx=0)
    def part(bundler, repo, source, cbattempted=None, **kwargs):
        # False from a client that supports clone bundles, and has not used one
        if cbattempted is not None and not cbattempted:
            text = advertise.reminder(repo)
            if text:
                bundler.newpart(b'output', data=text, mandatory=False)
