"""Create the remotes for endpoints, from a repository's settings."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from mercurial import encoding, error
from mercurial.utils import stringutil, urlutil

from ..lfs.blob import DOWNLOAD, BlobRef
from ..lfs.errors import ConnectionFailed, EndpointUnusable
from ..lfs.log import Log
from ..lfs.remote import agent, api, folder, http, null, process
from ..lfs.remote import peer as wireremote
from ..lfs.remote.transport import Request
from ..lfs.store import disk, intake
from ..lfs.transfer import queue, retry

# modules, not names: they are loaded when first used
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
    """Return the policy of transfers: retries, connections, bandwidth."""
    wanted = lfs.settings
    connections = 1 if wanted.basic else wanted.concurrency
    return queue.Policy(retry.Retry(wanted.retry), connections, wanted.bandwidth)


def candidates(
    lfs: lfsrepo.LfsRepo, operation: str, peerurl: bytes | None = None
) -> Iterator[api.Remote]:
    """Yield the remotes for an operation, in the order to try them.

    Each is created, from the configuration or from a peer's URL, only when the iterator
    reaches it. ``peerurl`` is as for ``endpoint.places``.
    """
    alone = standalone(lfs, operation, peerurl)
    if alone is not None:
        yield alone
        return
    for place in endpoint.places(lfs.repo, operation, peerurl):
        endpoint.check(place)
        yield make(lfs, place, operation)


def areconfigured(lfs: lfsrepo.LfsRepo) -> bool:
    """Return whether there is a remote to download from, without connecting to any."""
    if agentfor(lfs, DOWNLOAD) is not None:
        return True
    places = endpoint.places(lfs.repo, DOWNLOAD)
    return any(place.scheme not in (None, b'null') for place in places)


def first(lfs: lfsrepo.LfsRepo) -> api.Remote:
    """Return the first remote to download from; further calls return the same object.

    When it is created, its endpoint and user are shown with ``--verbose``.
    """
    if lfs.first is None:
        lfs.first = next(candidates(lfs, DOWNLOAD))
    return lfs.first


def make(lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, operation: str) -> api.Remote:
    """Return the remote for an endpoint; raise EndpointUnusable."""
    if place.scheme in (b'http', b'https'):
        return _http(lfs, place)
    if place.scheme == b'ssh':
        return _overssh(lfs, place, operation)
    if place.scheme == b'file':
        store = disk.DiskStore(folderof(lfs, place), show=lfs.show)
        return folder.FolderRemote(place.url, store)
    if place.scheme == endpoint.REPOSITORY:
        find = functools.partial(compat.openrepository, lfs.ui, place.url)
        return _LazyRemote(place.url, lambda: ofrepository(find(), operation))
    if place.scheme == endpoint.PEER:
        connect = functools.partial(compat.openpeer, lfs.ui, place.url)
        return wireremote.PeerRemote(peerwire.PeerWire(place.url, connect, True))
    if place.scheme == b'null':
        return null.NullRemote()
    return null.NoRemote(place.setting, place.url)


def folderof(lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint) -> bytes:
    """Return the folder of a ``file`` endpoint."""
    return lfs.repo.vfs.join(b'lfs', place.path)


def standalone(
    lfs: lfsrepo.LfsRepo, operation: str, peerurl: bytes | None = None
) -> api.Remote | None:
    """Return the remote of the standalone transfer agent, or None.

    ``peerurl`` is the repository that changesets are exchanged with.
    """
    chosen = agentfor(lfs, operation)
    if chosen is None:
        return None
    # loading modules on demand is not thread safe
    compat.loadnow('lfs.transfer.workers', 'lfs.remote.agent', 'lfs.store.cached')
    url = endpoint.peer(lfs.repo, peerurl)
    return agent.AgentRemote(chosen, _agents(lfs, urlutil.hidepassword(url)))


def agentfor(lfs: lfsrepo.LfsRepo, operation: str) -> process.Agent | None:
    """Return the standalone transfer agent for an operation, or None."""
    chosen = lfs.settings.standalone
    if chosen is None or operation not in chosen.operations:
        return None
    return chosen


def _agents(lfs: lfsrepo.LfsRepo, remote: bytes) -> agent.Agents:
    wanted = lfs.settings
    return agent.Agents(
        wanted.agents, remote, wanted.concurrency, lfs.repo.root, wanted.timeout
    )


def connection(
    lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint
) -> tuple[str, transport.HgTransport]:
    """Return the URL of an endpoint, and the HTTP transport for it."""
    wanted = lfs.settings
    caller = endpoint.useragent(wanted.useragent)
    known = encoding.strfromlocal(place.namedby or place.url)
    base = encoding.strfromlocal(place.url)
    return base, transport.HgTransport(
        lfs.ui, known, place.authinfo, caller, wanted.timeout
    )


def advertisedtransport(lfs: lfsrepo.LfsRepo, url: bytes) -> transport.HgTransport:
    """Return the transport for downloads from URLs that a repository's server sent.

    ``url`` is the URL of the repository. Only its origin, and the origins in
    ``lfs.trusted-origins``, get the user's credentials.
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
    """Return the remote for the endpoint that an ssh server returns."""
    return _http(lfs, *ssh_endpoint(lfs, place, operation))


def ssh_endpoint(
    lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, operation: str
) -> tuple[endpoint.Endpoint, Mapping[str, str]]:
    """Return the endpoint that an ssh server returns, and the headers to send to it.

    The endpoint gets these headers, but not the user's credentials, which are for the
    configured ssh server only.
    """
    action = sshlfs.authenticate(lfs.ui, place.url, operation)
    request = credentials.inheaders(Request('GET', action.href, action.header))
    named = endpoint.parse(request.url.encode('ascii'))
    return replace(named, namedby=place.url), request.headers


def ofrepository(other, operation: str) -> api.Remote:
    """Return the remote for a repository on this machine.

    Uploads go to its own store; downloads come from its store or its user's cache.
    """
    there = lfsrepo.get(other)
    if there is None:
        return null.NoRemote()
    if operation == DOWNLOAD:
        return folder.FolderRemote(other.root, there.store, links=True)
    own = there.ownstore
    sink = intake.Intake(own, there.serving.limits.size)
    return folder.FolderRemote(other.root, own, links=True, sink=sink)


def holder(lfs: lfsrepo.LfsRepo) -> api.Holder:
    """Return the remote that must have the blobs before they are removed here.

    It is the remote of ``lfs.url`` or of the default path. If it is a repository on
    this machine, only blobs in its own store count: the user's cache may evict blobs.
    Raises EndpointUnusable if there is no such remote, or if it cannot report its
    blobs.
    """
    alone = standalone(lfs, DOWNLOAD)
    place = endpoint.main(lfs.repo)
    endpoint.check(place)
    if alone is not None:
        raise EndpointUnusable(
            b'%s cannot be asked which blobs it has' % alone.name,
            hint=b'"hg lfs-prune --no-verify-remote" does not ask',
        )
    if place.scheme in (None, b'null'):
        raise EndpointUnusable(
            b'no server is named that could have the blobs as well',
            hint=b'name one: "hg lfs-prune --config paths.default=URL", or lfs.url',
        )
    if place.scheme == endpoint.REPOSITORY:
        # kept in a variable: its services refer to it weakly
        other = compat.openrepository(lfs.ui, place.url)
        there = lfsrepo.get(other)
        if there is None:
            raise EndpointUnusable(b'%s has no large files' % place.url)
        return _elsewhere(lfs, place.url, there.ownstore)
    if place.scheme == b'file':
        path = lfs.repo.vfs.join(b'lfs', place.path)
        return _elsewhere(lfs, place.url, disk.DiskStore(path))
    remote = make(lfs, place, DOWNLOAD)
    assert isinstance(remote, (http.HttpRemote, wireremote.PeerRemote))
    return remote


def _elsewhere(
    lfs: lfsrepo.LfsRepo, name: bytes, store: disk.DiskStore
) -> folder.FolderRemote:
    """Return the remote of a store; refuse this repository's own store and cache.

    Raises EndpointUnusable for these, because a blob there is not a second copy.
    """
    cache = lfs.store.cache
    for other in (lfs.ownstore, cache) if cache else (lfs.ownstore,):
        if os.path.realpath(other.root) == os.path.realpath(store.root):
            raise EndpointUnusable(
                b'%s is this repository or its cache, and no other place' % name,
                hint=b'name another: "hg lfs-prune --config paths.default=URL"',
            )
    return folder.FolderRemote(name, store)


def ofpeer(peer) -> api.Remote:
    """Return the remote for a connected peer; it uses that connection."""
    return wireremote.PeerRemote(peerwire.PeerWire(peer.url(), lambda: peer, False))


class _LazyRemote:
    """The remote for a repository that is opened when first used."""

    quiet = True
    parallel = 1

    def __init__(self, name: bytes, find: Callable[[], api.Remote]) -> None:
        self.name = urlutil.hidepassword(name)
        self._find = find
        self._remote: api.Remote | None = None

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[api.Plan]:
        """Yield the transfers to make; see Remote."""
        return self._open().plan(operation, refs)

    def connect(self, log: Log | None = None) -> api.Connection:
        """Return a connection; see Remote."""
        return self._open().connect(log)

    def _open(self) -> api.Remote:
        if self._remote is None:
            try:
                self._remote = self._find()
            except error.RepoError as exc:
                raise ConnectionFailed(
                    b'LFS error: %s' % stringutil.forcebytestr(exc),
                    hint=b'check where "lfs.url" and the default path point to',
                ) from exc
        return self._remote
