"""Connect to the keeper of a repository's file locks: the target of its pushes."""

from __future__ import annotations

import functools
import time

from mercurial import error
from mercurial.utils import stringutil, urlutil

from ..lfs.blob import UPLOAD
from ..lfs.errors import ConnectionFailed, EndpointUnusable
from ..lfs.remote.locks import HttpLocks, LockKeeper
from ..lfs.server import locks
from ..lfs.wire.locking import Reply, Request
from . import compat, endpoint, identity, lfsrepo, peerwire, remotes


def find(lfs: lfsrepo.LfsRepo) -> LockKeeper:
    """Return the keeper of the repository's locks: the target of its pushes.

    A repository without a target for pushes keeps its own locks; see ``isalone``.
    Raises EndpointUnusable, ConnectionFailed.
    """
    pushed = compat.pushurl(lfs.repo)
    place = next(endpoint.places(lfs.repo, UPLOAD, pushed))
    if _isown(place, pushed):
        return _repository(lfs.repo, lfs)
    return at(lfs, place, pushed or b'the remote')


def at(lfs: lfsrepo.LfsRepo, place: endpoint.Endpoint, pushed: bytes) -> LockKeeper:
    """Return the keeper of the locks at an endpoint; raise as ``find`` does.

    ``pushed`` names the endpoint in messages if it has no URL.
    """
    name = urlutil.hidepassword(place.url)
    if place.scheme in (b'http', b'https'):
        return LockKeeper(name, HttpLocks(*remotes.connection(lfs, place)).ask)
    if place.scheme == b'ssh':
        place, headers = remotes.ssh_endpoint(lfs, place, UPLOAD)
        return LockKeeper(name, HttpLocks(*remotes.connection(lfs, place), headers).ask)
    if place.scheme == endpoint.REPOSITORY:
        return _opened(lfs, place.url)
    if place.scheme == endpoint.PEER:
        connect = functools.partial(compat.openpeer, lfs.ui, place.url)
        peer = peerwire.PeerWire(place.url, connect, True)
        return LockKeeper(name, peer.ask, peer.close)
    endpoint.check(place)
    raise EndpointUnusable(
        b'%s has no locks' % (name or pushed),
        hint=b'locks are kept by Git LFS servers, and by repositories with hg-lfs',
    )


def isalone(lfs: lfsrepo.LfsRepo) -> bool:
    """Return whether locks would be visible in this repository only, and thus useless.

    This is so for a repository without a target for pushes, unless it is a share: other
    shares see its locks. Users may work in a repository that others push to. To lock
    files there, they can set its ``paths.default`` to its own path.
    """
    pushed = compat.pushurl(lfs.repo)
    place = next(endpoint.places(lfs.repo, UPLOAD, pushed))
    return _isown(place, pushed) and not lfs.repo.shared()


def _isown(place: endpoint.Endpoint, pushed: bytes | None) -> bool:
    return place.scheme is None and place.setting is None and pushed is None


def _opened(lfs: lfsrepo.LfsRepo, url: bytes) -> LockKeeper:
    try:
        other = compat.openrepository(lfs.ui, url)
    except error.RepoError as exc:
        raise ConnectionFailed(b'LFS error: %s' % stringutil.forcebytestr(exc)) from exc
    there = lfsrepo.get(other)
    if there is None:
        raise EndpointUnusable(b'%s has no locks' % url)
    return _repository(other, there)


def _repository(repo, there: lfsrepo.LfsRepo) -> LockKeeper:
    """Return the keeper for a local repository; locks get the system user as owner."""
    actor = identity.onthismachine(there)

    def ask(request: Request) -> Reply:
        # holds a reference to the repository, which its services do not
        opened = lfsrepo.get(repo)
        assert opened is not None
        return locks.answer(request, opened.locks, actor, int(time.time()))

    return LockKeeper(repo.root, ask)
