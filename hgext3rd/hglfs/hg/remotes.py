"""Remotes for endpoints: each kind of place with what it needs of Mercurial."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from mercurial import encoding, error
from mercurial.utils import stringutil, urlutil

from ..lfs.blob import DOWNLOAD, BlobRef
from ..lfs.errors import ConnectionFailed
from ..lfs.log import Log
from ..lfs.remote import agent, api, folder, http, null
from ..lfs.remote import peer as wireremote
from ..lfs.remote.transport import Request
from ..lfs.store import disk, intake
from ..lfs.transfer import queue, retry

# modules, not names: they are loaded when a command comes to need them
from ..lfs.wire.batch import BASIC
from . import (
    compat,
    credentials,
    endpoint,
    lfsrepo,
    messages,
    peerwire,
    sshlfs,
    transport,
)


def policy(lfs: lfsrepo.LfsRepo) -> queue.Policy:
    """Returns how blobs are moved."""
    wanted = lfs.settings
    connections = 1 if wanted.basic else wanted.concurrency
    return queue.Policy(retry.Retry(wanted.retry), connections, wanted.bandwidth)


def candidates(
    lfs: lfsrepo.LfsRepo, operation: str, peerurl: bytes | None = None
) -> Iterator[api.Remote]:
    """Yield the remotes to be asked, in their order; each is made when reached.

    They are those that are configured, or follow from a peer's URL.
    """
    alone = standalone(lfs, operation, peerurl)
    if alone is not None:
        yield alone
        return
    for place in endpoint.places(lfs.repo, operation, peerurl):
        endpoint.check(place)
        yield make(lfs, place, operation)


def first(lfs: lfsrepo.LfsRepo) -> api.Remote:
    """Return the remote that blobs are fetched from first; it is made once.

    Made early, it says where that is, and as which user.
    """
    if lfs.first is None:
        lfs.first = next(candidates(lfs, DOWNLOAD))
    return lfs.first


def make(lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, operation: str) -> api.Remote:
    """Returns the remote for an endpoint; raises EndpointUnusable."""
    if place.scheme in (b'http', b'https'):
        return _http(lfs, place)
    if place.scheme == b'ssh':
        return _overssh(lfs, place, operation)
    if place.scheme == b'file':
        store = disk.DiskStore(lfs.repo.vfs.join(b'lfs', place.path))
        return folder.FolderRemote(place.url, store)
    if place.scheme == endpoint.REPOSITORY:
        find = functools.partial(compat.openrepository, lfs.ui, place.url)
        return _Later(place.url, lambda: ofrepository(find(), operation))
    if place.scheme == endpoint.PEER:
        connect = functools.partial(compat.openpeer, lfs.ui, place.url)
        return wireremote.PeerRemote(peerwire.PeerWire(place.url, connect, True))
    if place.scheme == b'null':
        return null.NullRemote()
    return null.NoRemote(place.setting, place.url)


def standalone(
    lfs: lfsrepo.LfsRepo, operation: str, peerurl: bytes | None = None
) -> api.Remote | None:
    """Returns the agent that does without any endpoint, where there is one.

    ``peerurl`` is the repository that changesets are exchanged with.
    """
    chosen = lfs.settings.standalone
    if chosen is None or operation not in chosen.operations:
        return None
    # the loading of modules on demand is not safe between threads
    compat.loadnow('lfs.transfer.workers', 'lfs.remote.agent', 'lfs.store.cached')
    url = endpoint.peer(lfs.repo, peerurl)
    return agent.AgentRemote(chosen, _agents(lfs, urlutil.hidepassword(url)))


def _agents(lfs: lfsrepo.LfsRepo, remote: bytes) -> agent.Agents:
    wanted = lfs.settings
    return agent.Agents(
        wanted.agents, remote, wanted.concurrency, lfs.repo.root, wanted.timeout
    )


def connection(
    lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint
) -> tuple[str, transport.HgTransport]:
    """Returns the URL of an endpoint, and what speaks HTTP with it."""
    wanted = lfs.settings
    caller = endpoint.useragent(wanted.useragent)
    known = encoding.strfromlocal(place.namedby or place.url)
    base = encoding.strfromlocal(place.url)
    return base, transport.HgTransport(
        lfs.ui, known, place.authinfo, caller, wanted.timeout
    )


def offered(lfs: lfsrepo.LfsRepo, url: bytes) -> transport.HgTransport:
    """Return what speaks HTTP with the hosts that a repository's server names.

    ``url`` is the repository's: the user's credentials are for that server.
    """
    place = urlutil.url(url)
    plain, authinfo = place.authinfo()
    isremote = place.scheme in (b'http', b'https', b'ssh')
    base = encoding.strfromlocal(plain) if isremote else 'file:'
    return transport.HgTransport(
        lfs.ui, base, authinfo, None, lfs.settings.timeout, basiconly=False
    )


def _http(lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, headers=None) -> api.Remote:
    wanted = lfs.settings
    return http.HttpRemote(
        *connection(lfs, place),
        messages.UiLog(lfs.ui),
        (BASIC,) if wanted.basic else http.ADAPTERS,
        wanted.concurrency,
        headers,
        _agents(lfs, place.url) if wanted.agents else None,
    )


def _overssh(lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, operation: str):
    """Returns the server that a foreign one names when it is asked over ssh."""
    return _http(lfs, *named(lfs, place, operation))


def named(
    lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, operation: str
) -> tuple[endpoint.Endpoint, Mapping[str, str]]:
    """Returns the endpoint that a server names over ssh, and headers to be sent.

    The user has named but the ssh server: the endpoint gets those headers, and none of
    the user's own credentials.
    """
    action = sshlfs.authenticate(lfs.ui, place.url, operation)
    request = credentials.inheaders(Request('GET', action.href, action.header))
    named = endpoint.parse(request.url.encode('ascii'))
    return replace(named, namedby=place.url), request.headers


def ofrepository(other, operation: str) -> api.Remote:
    """Returns a repository that is at hand, as a remote.

    What is sent to it becomes its own; what it has from its user it gives, too.
    """
    there = lfsrepo.get(other)
    if there is None:
        return null.NoRemote()
    if operation == DOWNLOAD:
        return folder.FolderRemote(other.root, there.store, links=True)
    own = there.ownstore
    sink = intake.Intake(own, there.serving.limits.size)
    return folder.FolderRemote(other.root, own, links=True, sink=sink)


def ofpeer(peer) -> api.Remote:
    """Returns a peer that is connected already, over that very connection."""
    return wireremote.PeerRemote(peerwire.PeerWire(peer.url(), lambda: peer, False))


class _Later:
    """A repository that is opened when there is something to ask."""

    quiet = True
    parallel = 1

    def __init__(self, name: bytes, find: Callable[[], api.Remote]) -> None:
        self.name = urlutil.hidepassword(name)
        self._find = find
        self._remote: api.Remote | None = None

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[api.Plan]:
        """Yields what has to be moved."""
        return self._found().plan(operation, refs)

    def connect(self, log: Log | None = None) -> api.Connection:
        """Returns its connection."""
        return self._found().connect(log)

    def _found(self) -> api.Remote:
        if self._remote is None:
            try:
                self._remote = self._find()
            except error.RepoError as exc:
                raise ConnectionFailed(
                    b'LFS error: %s' % stringutil.forcebytestr(exc),
                    hint=b'check where "lfs.url" and the default path point to',
                ) from exc
        return self._remote
