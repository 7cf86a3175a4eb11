"""The client of a server's locks: its requests, and any reply of a server."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass, field

import pytest

from hgext3rd.hglfs.lfs.errors import (
    ConnectionFailed,
    HttpFailed,
    LockRefused,
    RemoteError,
)
from hgext3rd.hglfs.lfs.remote.locks import HttpLocks, LockKeeper
from hgext3rd.hglfs.lfs.server.locks import Actor, answer
from hgext3rd.hglfs.lfs.store.locks import LockStore
from hgext3rd.hglfs.lfs.wire.locking import (
    Create,
    Lock,
    Reply,
    Search,
    Unlock,
    Verify,
)

LOCK = {'id': 'a b/?', 'path': 'one.bin', 'owner': {'name': 'bob'}}


def keeper(*replies: tuple[int, object]):
    """Return a keeper that gets these replies in turn, and its list of requests."""
    asked, left = [], list(replies)

    def ask(request):
        asked.append(request)
        status, body = left.pop(0)
        return Reply(status, body if isinstance(body, bytes) else dumps(body))

    return LockKeeper(b'https://x', ask), asked


def dumps(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def ours(folder):
    """Return keepers for two users of one real store."""
    store = LockStore(os.path.join(folder, b'locks.sqlite3'))

    def of(name):
        return LockKeeper(b'x', lambda request: answer(request, store, Actor(name), 0))

    return of('alice'), of('bob')


def test_lock_and_unlock_with_the_real_server(ours):
    alice, bob = ours
    lock = alice.lock('a')
    assert lock == Lock(lock.id, 'a', 'alice', 0)
    with pytest.raises(LockRefused, match='already locked by alice since 1970-01-01'):
        bob.lock('a')
    theirs = bob.lock('b')
    assert list(alice.search(None, None)) == [theirs, lock]
    assert list(alice.search('a', None)) == [lock]
    assert list(alice.search(None, theirs.id)) == [theirs]
    assert list(alice.verify()) == [(lock, True), (theirs, False)]
    with pytest.raises(LockRefused, match='force'):
        bob.unlock(lock.id)
    assert bob.unlock(lock.id, True) == lock
    with pytest.raises(LockRefused, match='no such lock'):
        alice.unlock(lock.id)


def test_all_pages_are_read(ours):
    alice, _bob = ours
    for number in range(2500):
        alice.ask(Create(str(number)))
        if number == 1200:
            break
    assert len(list(alice.search(None, None))) == 1201
    assert len(list(alice.verify())) == 1201


def endless(cursors, locks=()):
    """Return a keeper with locks on pages with such cursors."""
    cursors = iter(cursors)

    def ask(request):
        cursor = next(cursors, None)
        page = {'ours': locks, 'theirs': [], 'locks': locks, 'next_cursor': cursor}
        return Reply(200, json.dumps(page).encode('ascii'))

    return LockKeeper(b'https://x', ask)


@pytest.mark.parametrize('length', [1, 2, 3])
def test_a_cycle_of_cursors_is_an_error(length):
    for locks in ([], [LOCK]):
        circle = [str(number % length) for number in range(100000)]
        with pytest.raises(RemoteError, match='at https://x has no end') as caught:
            list(endless(circle, locks).search(None, None))
        assert caught.value.hint
        with pytest.raises(RemoteError, match='has no end'):
            list(endless(circle, locks).verify())


def test_endless_pages_are_an_error():
    asked = map(str, itertools.count())
    with pytest.raises(RemoteError, match='has no end'):
        list(endless(asked).search(None, None))
    assert int(next(asked)) == 10000


def test_an_empty_page_with_a_cursor_is_not_the_last():
    assert list(endless(['1', '2']).search(None, None)) == []
    there, asked = keeper(
        (200, {'locks': [], 'next_cursor': '1'}), (200, {'locks': [LOCK]})
    )
    assert len(list(there.search(None, None))) == 1
    assert [request.cursor for request in asked] == [None, '1']


@pytest.mark.parametrize('status', [404, 501])
def test_a_server_without_locks_is_reported(status):
    for body in (b'<html>', b'', {'message': 'Not Found'}):
        there, _asked = keeper(*[(status, body)] * 3)
        for attempt in (
            lambda there=there: there.lock('a'),
            lambda there=there: list(there.search(None, None)),
            lambda there=there: list(there.verify()),
        ):
            with pytest.raises(RemoteError, match='https://x has no locks'):
                attempt()
    there, _asked = keeper((status, b'<html>'))
    with pytest.raises(RemoteError, match='https://x has no locks'):
        there.unlock('a')


@pytest.mark.parametrize(
    ('status', 'body', 'said'),
    [
        (200, {'lock': LOCK, 'message': 'no'}, 'no'),
        (200, {'message': 'no'}, 'no'),
        (200, {}, 'the server says nothing of a lock'),
        (403, {'message': 'not you'}, 'not you'),
        (403, b'<html>', 'HTTP Error 403'),
        (500, b'', 'HTTP Error 500'),
        (409, {'message': 'taken'}, 'taken'),
        (409, {'lock': LOCK, 'message': 'taken'}, 'already locked by bob'),
        (409, {}, 'already locked'),
    ],
)
def test_the_message_of_the_server_is_shown(status, body, said):
    there, _asked = keeper((status, body))
    with pytest.raises(LockRefused) as caught:
        there.lock('a')
    assert str(caught.value) == said


@pytest.mark.parametrize('body', [b'', b'<html>', [], {'lock': 1}, {'locks': 1}])
def test_an_invalid_reply_is_an_error(body):
    there, _asked = keeper((200, body), (200, body))
    with pytest.raises(RemoteError, match=r'invalid JSON|says nothing'):
        there.lock('a')
    if body != {'lock': 1}:
        with pytest.raises(RemoteError, match='invalid JSON'):
            list(there.search(None, None))


@dataclass
class Heard:
    """A transport that records requests, and answers all with one reply."""

    error: Exception | None = None
    requests: list = field(default_factory=list)
    status = 200
    body: bytes = b'{}'

    def send(self, request):
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return self

    def header(self, name):
        return None

    def read(self, size):
        body, self.body = self.body, b''
        return body

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


def test_requests_over_http():
    heard = Heard()
    http = HttpLocks('http://x/lfs', heard, {'A': 'b'})
    for request in (
        Create('a'),
        Search(),
        Search('a b', None, '7', 2),
        Verify(limit=3),
        Unlock('a b/?', True),
    ):
        http.ask(request)
    assert [(sent.method, sent.url) for sent in heard.requests] == [
        ('POST', 'http://x/lfs/locks'),
        ('GET', 'http://x/lfs/locks'),
        ('GET', 'http://x/lfs/locks?path=a+b&cursor=7&limit=2'),
        ('POST', 'http://x/lfs/locks/verify'),
        ('POST', 'http://x/lfs/locks/a%20b%2F%3F/unlock'),
    ]
    assert {sent.headers['A'] for sent in heard.requests} == {'b'}
    bodies = [sent.body for sent in heard.requests]
    assert bodies[1:3] == [None, None]
    assert json.loads(bodies[0]) == {'path': 'a'}
    assert json.loads(bodies[3]) == {'limit': 3}
    assert json.loads(bodies[4])['force'] is True


def test_an_http_status_is_a_reply_and_a_broken_connection_an_error():
    http = HttpLocks('http://x', Heard(HttpFailed(403, b'no', b'body')))
    assert http.ask(Create('a')) == Reply(403, b'body')
    http = HttpLocks('http://x', Heard(ConnectionFailed(b'gone')))
    with pytest.raises(ConnectionFailed, match='LFS error: gone'):
        http.ask(Create('a'))


def test_a_probe_asks_for_one_lock():
    held, asked = keeper((200, {'locks': [LOCK]}))
    held.probe()
    assert asked == [Search(limit=1)]


@pytest.mark.parametrize(
    'reply',
    [
        (404, b''),
        (501, {'message': 'no'}),
        (403, {'message': 'no'}),
        (200, b'<html>'),
    ],
)
def test_a_probe_of_a_server_without_locks_fails(reply):
    with pytest.raises(RemoteError):
        keeper(reply)[0].probe()
