"""No lock starts between the check of a push and the moment its changesets count."""

from __future__ import annotations

import pytest
from mercurial import changegroup, commands, discovery, error, hg
from support import web

from hgext3rd.hglfs.actions import lockenforce
from hgext3rd.hglfs.hg import lfsrepo
from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store import locks


@pytest.fixture
def pair(folder, monkeypatch):
    """A server's repository and a clone of it with a changeset more."""
    monkeypatch.setattr(locks, 'PATIENCE', 0)
    config = [(b'ui', b'username', b'test'), (b'ui', b'quiet', b'yes')]
    ui = web.configured(folder, *config)
    server = hg.repository(ui, folder + b'/server', create=True)
    work = hg.repository(ui, folder + b'/root-of-it', create=True)
    work.wwrite(b'a', b'content\n', b'')
    commands.commit(ui, work, addremove=True, message=b'a')
    return server, work


def lock(folder: bytes, path: str = 'a') -> bool:
    """Try to lock a file in the server's repository from another process."""
    other = hg.repository(web.configured(folder), folder + b'/server')
    try:
        return lfsrepo.get(other).locks.create(path, 'alice', 0)[1]
    except StoreFailed as exc:
        if not exc.transient:
            raise
        return False


def push(pair, midway) -> None:
    """Push, and call a function between the check of locks and the end."""
    server, work = pair
    tip = work.changelog.node(0)
    outgoing = discovery.outgoing(work, [work.nullid], [tip])
    group = changegroup.makechangegroup(work, outgoing, b'03', b'push')
    with server.lock(), server.transaction(b'push') as transaction:
        transaction.hookargs.update({b'source': b'push', b'url': b'file:work'})
        group.apply(server, transaction, b'push', b'file:work')
        # before the changelog's own, which shows the changesets to others
        transaction.addfinalize(b'cl-', lambda tr: midway())


@pytest.mark.parametrize('known', [False, True])
def test_a_lock_requested_during_a_push_is_granted_after_it(folder, pair, known):
    if known:
        assert lock(folder, 'b')
    seen = []
    push(pair, lambda: seen.append(lock(folder)))
    assert seen == [False]
    assert len(hg.repository(web.configured(folder), folder + b'/server')) == 1
    # nothing is held any more
    assert lock(folder)


def test_a_failed_push_releases_the_locks_it_held(folder, pair):
    assert lock(folder, 'b')

    def fail():
        raise error.Abort(b'as it happens')

    with pytest.raises(error.Abort, match='as it happens'):
        push(pair, fail)
    assert lock(folder)


@pytest.mark.parametrize('few', [1, 1000])
def test_a_lock_taken_before_the_last_check_refuses_the_push(
    folder, pair, few, monkeypatch
):
    monkeypatch.setattr(lockenforce, '_FEW', few)  # all locks are read, or some by path
    assert lock(folder, 'b')
    holding = locks.LockStore.holding

    def late(self, owner, paths):
        assert (paths is None) == (few > 1)
        assert lock(folder)
        return holding(self, owner, paths)

    monkeypatch.setattr(locks.LockStore, 'holding', late)
    with pytest.raises(error.Abort, match='a is locked by alice'):
        push(pair, lambda: None)
    assert len(hg.repository(web.configured(folder), folder + b'/server')) == 0
