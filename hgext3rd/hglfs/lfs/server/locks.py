"""Reply to requests of the locking API, from a repository's lock database.

Format: git-lfs ``docs/api/locking.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from .. import words
from ..errors import StoreFailed
from ..store.locks import LockStore
from ..wire import locking
from ..wire.locking import Create, Lock, Page, Reply, Request, Search, Unlock, Verify

#: The reply to a request to lock or unlock without a user name.
NAMELESS = (
    'locks are for users that the server knows: the web server in front has to ask '
    "for a password and set REMOTE_USER, see 'hg help lfs-server'"
)
_TOOMANY = '%s has %s, and may have no more: see lfs.maxlocks'
_NOFORCE = "that is for lfs.lockadmins, or 'hg admin::lfs-locks --break' on the server"


@dataclass(frozen=True)
class Actor:
    """The user of a request; ``name`` is None if it is unknown.

    ``admins`` are the users who may remove locks of others; if empty, all users who can
    lock may do that. ``most`` is the maximum number of locks of one user, 0 for no
    limit.
    """

    name: str | None
    admins: Sequence[str] = ()
    most: int = 0

    @property
    def mayforce(self) -> bool:
        """Whether the user may remove locks of others."""
        return not self.admins or self.name in self.admins


def answer(request: Request, store: LockStore, actor: Actor, now: int) -> Reply:
    """Return the reply to a request, which the caller has authorized.

    Requests to search and verify need no user name; without a name, no lock counts as
    the user's own. All other requests need a name. ``now`` is in seconds since the
    epoch.
    """
    try:
        if isinstance(request, Search):
            return Reply(HTTPStatus.OK, locking.encodelist(store.page(request)))
        if isinstance(request, Verify):
            return _verify(request, store, actor)
        if actor.name is None:
            return _refused(HTTPStatus.FORBIDDEN, NAMELESS)
        if isinstance(request, Create):
            return _create(request, store, actor.name, actor.most, now)
        return _unlock(request, store, actor)
    except StoreFailed as exc:
        return _refused(
            HTTPStatus.SERVICE_UNAVAILABLE
            if exc.transient
            else HTTPStatus.INTERNAL_SERVER_ERROR,
            str(exc),
        )


def unknown(store: LockStore) -> Reply | None:
    """Return a reply with status 404 if there are no locks, else None.

    The reply is for users without names. From a 404, git-lfs concludes that the server
    has no locking API, and does not show a warning.
    """
    try:
        return (
            None
            if store.page(Search(limit=1)).locks
            else _refused(HTTPStatus.NOT_FOUND, NAMELESS)
        )
    except StoreFailed:
        return None


def _create(
    request: Create, store: LockStore, owner: str, most: int, now: int
) -> Reply:
    lock, isnew = store.create(request.path, owner, now, most)
    if lock is None:
        count = words.plural(most, '%d lock', '%d locks') % most
        return _refused(HTTPStatus.FORBIDDEN, _TOOMANY % (owner, count))
    if isnew:
        return Reply(HTTPStatus.CREATED, locking.encodelock(lock))
    return Reply(
        HTTPStatus.CONFLICT, locking.encodelock(lock, 'already %s' % _describe(lock))
    )


def _verify(request: Verify, store: LockStore, actor: Actor) -> Reply:
    page = store.page(Search(cursor=request.cursor, limit=request.limit))
    # without a name, no lock is the user's own: locks always have an owner
    ours = [lock for lock in page.locks if lock.owner == actor.name]
    theirs = [lock for lock in page.locks if lock.owner != actor.name]
    return Reply(HTTPStatus.OK, locking.encodeverified(Page(ours, theirs, page.cursor)))


def _unlock(request: Unlock, store: LockStore, actor: Actor) -> Reply:
    # a lock with an id never changes its owner, so the two calls are consistent
    lock = store.get(request.id) if request.id else None
    if lock is not None and lock.owner != actor.name:
        if not request.force:
            return _refused(
                HTTPStatus.FORBIDDEN, '%s: force is needed' % _describe(lock)
            )
        if not actor.mayforce:
            return _refused(
                HTTPStatus.FORBIDDEN, '%s: %s' % (_describe(lock), _NOFORCE)
            )
    if lock is None or not store.remove(lock.id):
        return _refused(HTTPStatus.NOT_FOUND, 'there is no such lock')
    return Reply(HTTPStatus.OK, locking.encodelock(lock))


def _refused(status: int, message: str) -> Reply:
    return Reply(status, locking.encodefailure(message))


def _describe(lock: Lock) -> str:
    return lock.describe().decode('utf-8')
