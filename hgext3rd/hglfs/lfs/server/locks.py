"""Answers the locking API from one repository's locks.

Format: git-lfs ``docs/api/locking.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import StoreFailed
from ..store.locks import LockStore
from ..wire import locking
from ..wire.locking import Create, Lock, Page, Reply, Request, Search, Unlock, Verify

_OK = 200
_CREATED = 201
_FORBIDDEN = 403
_NOTFOUND = 404
_CONFLICT = 409
_SERVERERROR = 500
_UNAVAILABLE = 503
#: What is answered to a request without a user's name, and that force is refused.
NAMELESS = (
    'locks are for users that the server knows: the web server in front has to ask '
    "for a password and set REMOTE_USER, see 'hg help lfs-server'"
)
_TOOMANY = '%s has %d locks, and may have no more: see lfs.maxlocks'
_NOFORCE = "that is for lfs.lockadmins, or 'hg admin::lfs-locks --break' on the server"


@dataclass(frozen=True)
class Actor:
    """Who asks: ``name`` is None where nobody knows.

    ``admins`` are those who may end the locks of others; where there are none,
    everybody may who may have locks. ``most`` is how many locks one may have, 0 for
    any number.
    """

    name: str | None
    admins: Sequence[str] = ()
    most: int = 0

    @property
    def mayforce(self) -> bool:
        """Whether the locks of others can be ended."""
        return not self.admins or self.name in self.admins


def answer(request: Request, store: LockStore, actor: Actor, now: int) -> Reply:
    """Returns the reply to a request of somebody who may make it.

    Looking needs no name, and without one all locks are somebody else's; whoever has
    no name can't have locks. ``now`` is in seconds since the epoch.
    """
    try:
        if isinstance(request, Search):
            return Reply(_OK, locking.encodelist(store.page(request)))
        if isinstance(request, Verify):
            return _verify(request, store, actor)
        if actor.name is None:
            return _refused(_FORBIDDEN, NAMELESS)
        if isinstance(request, Create):
            return _create(request, store, actor.name, actor.most, now)
        return _unlock(request, store, actor)
    except StoreFailed as exc:
        return _refused(_UNAVAILABLE if exc.transient else _SERVERERROR, str(exc))


def unknown(store: LockStore) -> Reply | None:
    """Return the reply of a server that knows no users and has no locks, else None.

    It is that of a server without locks: git-lfs then does without them in silence.
    """
    try:
        return (
            None if store.page(Search(limit=1)).locks else _refused(_NOTFOUND, NAMELESS)
        )
    except StoreFailed:
        return None


def _create(
    request: Create, store: LockStore, owner: str, most: int, now: int
) -> Reply:
    lock, isnew = store.create(request.path, owner, now, most)
    if lock is None:
        return _refused(_FORBIDDEN, _TOOMANY % (owner, most))
    if isnew:
        return Reply(_CREATED, locking.encodelock(lock))
    return Reply(_CONFLICT, locking.encodelock(lock, 'already %s' % _told(lock)))


def _verify(request: Verify, store: LockStore, actor: Actor) -> Reply:
    page = store.page(Search(cursor=request.cursor, limit=request.limit))
    # nobody's name is no lock's
    ours = [lock for lock in page.locks if lock.owner == actor.name]
    theirs = [lock for lock in page.locks if lock.owner != actor.name]
    return Reply(_OK, locking.encodeverified(Page(ours, theirs, page.cursor)))


def _unlock(request: Unlock, store: LockStore, actor: Actor) -> Reply:
    # an id is one owner's for ever, so nothing changes between the two calls
    lock = store.get(request.id) if request.id else None
    if lock is not None and lock.owner != actor.name:
        if not request.force:
            return _refused(_FORBIDDEN, '%s: force is needed' % _told(lock))
        if not actor.mayforce:
            return _refused(_FORBIDDEN, '%s: %s' % (_told(lock), _NOFORCE))
    if lock is None or not store.remove(lock.id):
        return _refused(_NOTFOUND, 'there is no such lock')
    return Reply(_OK, locking.encodelock(lock))


def _refused(status: int, message: str) -> Reply:
    return Reply(status, locking.encodefailure(message))


def _told(lock: Lock) -> str:
    return lock.describe().decode('utf-8')
