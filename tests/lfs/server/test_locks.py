"""The server's answers about locks: permissions and messages."""

from __future__ import annotations

import json
import os

import pytest

from hgext3rd.hglfs.lfs.server.locks import Actor, answer, unknown
from hgext3rd.hglfs.lfs.store.locks import LockStore
from hgext3rd.hglfs.lfs.wire import locking
from hgext3rd.hglfs.lfs.wire.locking import Create, Search, Unlock, Verify

ALICE, BOB, ANONYMOUS = Actor('alice'), Actor('bob'), Actor(None)
NOW = 1463496546


@pytest.fixture
def store(folder):
    return LockStore(os.path.join(folder, b'locks.sqlite3'))


def ask(store, actor, request):
    reply = answer(request, store, actor, NOW)
    return reply.status, json.loads(reply.body)


def locked(store, actor, path) -> str:
    status, reply = ask(store, actor, Create(path))
    assert status == 201
    return reply['lock']['id']


def test_a_lock_belongs_to_the_user_who_asked(store):
    status, reply = ask(store, ALICE, Create('a'))
    assert status == 201
    lockid = reply['lock'].pop('id')
    assert reply == {
        'lock': {
            'path': 'a',
            'locked_at': '2016-05-17T14:49:06Z',
            'owner': {'name': 'alice'},
        }
    }
    assert store.get(lockid).owner == 'alice'


@pytest.mark.parametrize('actor', [ALICE, BOB])
def test_a_locked_path_is_refused_with_its_lock(store, actor):
    lockid = locked(store, ALICE, 'a')
    status, reply = ask(store, actor, Create('a'))
    assert status == 409
    assert reply['lock']['id'] == lockid
    assert reply['lock']['owner'] == {'name': 'alice'}
    said = 'already locked by alice since 2016-05-17 14:49:06 UTC'
    assert reply['message'] == said


def test_every_user_sees_all_locks(store):
    assert ask(store, ANONYMOUS, Search()) == (200, {'locks': []})
    lockid = locked(store, ALICE, 'a')
    locked(store, BOB, 'b')
    for actor in (ALICE, ANONYMOUS):
        found = ask(store, actor, Search())[1]['locks']
        assert [lock['path'] for lock in found] == ['b', 'a']
        assert ask(store, actor, Search('a'))[1]['locks'][0]['id'] == lockid
        assert ask(store, actor, Search('x'))[1] == {'locks': []}


def test_verify_separates_ours_from_theirs(store):
    locked(store, ALICE, 'a')
    locked(store, BOB, 'b')

    def verified(actor):
        reply = ask(store, actor, Verify())[1]
        return [[lock['path'] for lock in reply[name]] for name in ('ours', 'theirs')]

    assert verified(ALICE) == [['a'], ['b']]
    assert verified(BOB) == [['b'], ['a']]
    assert verified(ANONYMOUS) == [[], ['b', 'a']]


def test_a_cursor_continues_with_the_next_page(store):
    for number in range(5):
        locked(store, ALICE if number % 2 else BOB, str(number))
    status, reply = ask(store, ALICE, Verify(limit=2))
    assert [lock['path'] for lock in reply['ours'] + reply['theirs']] == ['3', '4']
    status, reply = ask(store, ALICE, Verify(reply['next_cursor'], 3))
    assert [lock['path'] for lock in reply['ours'] + reply['theirs']] == ['1', '2', '0']
    assert 'next_cursor' not in reply
    assert status == 200


def test_the_owner_can_unlock(store):
    lockid = locked(store, ALICE, 'a')
    status, reply = ask(store, ALICE, Unlock(lockid))
    assert (status, reply['lock']['path']) == (200, 'a')
    said = {'message': 'there is no such lock'}
    assert ask(store, ALICE, Unlock(lockid)) == (404, said)
    assert ask(store, ALICE, Unlock('')) == (404, said)


def test_the_lock_of_another_user_needs_force(store):
    lockid = locked(store, ALICE, 'a')
    status, reply = ask(store, BOB, Unlock(lockid))
    assert status == 403
    assert 'locked by alice since 2016' in reply['message']
    assert ask(store, BOB, Unlock(lockid, True))[0] == 200
    assert store.page(Search()).locks == []


def test_with_lock_admins_only_they_can_force(store):
    admins = ('carol',)
    alice, bob, carol = (Actor(name, admins) for name in ('alice', 'bob', 'carol'))
    lockid = locked(store, alice, 'a')
    assert ask(store, bob, Unlock(lockid, True))[0] == 403
    assert ask(store, carol, Unlock(lockid))[0] == 403
    assert ask(store, carol, Unlock(lockid, True))[0] == 200
    lockid = locked(store, alice, 'a')
    assert ask(store, alice, Unlock(lockid, True))[0] == 200


def test_an_anonymous_user_cannot_lock_or_unlock(store):
    lockid = locked(store, ALICE, 'a')
    for request in (Create('b'), Unlock(lockid), Unlock(lockid, True)):
        status, reply = ask(store, ANONYMOUS, request)
        assert status == 403
        assert 'REMOTE_USER' in reply['message']
    assert len(store.page(Search()).locks) == 1


@pytest.mark.parametrize(
    'request_', [Create('b'), Search(), Verify(), Unlock('x'), Unlock('x', True)]
)
def test_the_error_of_a_broken_database_hides_its_path(store, folder, request_):
    with open(os.path.join(folder, b'locks.sqlite3'), 'wb') as handle:
        handle.write(b'noise ' * 1000)
    reply = answer(request_, store, ALICE, NOW)
    assert reply.status == 500
    assert os.fsdecode(folder) not in locking.decodemessage(reply.body)


def test_a_refused_force_has_a_hint_for_admins(store):
    lockid = locked(store, Actor('alice', ('carol',)), 'a')
    reply = ask(store, Actor('bob', ('carol',)), Unlock(lockid, True))[1]
    assert 'lfs.lockadmins' in reply['message']
    assert 'hg admin::lfs-locks --break' in reply['message']


def test_a_server_without_users_has_no_locks(store):
    reply = unknown(store)
    assert reply.status == 404
    assert 'REMOTE_USER' in locking.decodemessage(reply.body)
    lockid = locked(store, ALICE, 'a')
    assert unknown(store) is None
    store.remove(lockid)
    assert unknown(store) is not None
