"""Locks in hgweb: permissions, and the answers to any request."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.web import JSON, known, serve

LOCKS = '/.git/info/lfs/locks'


@pytest.fixture
def web(folder):
    return serve(folder)


def call(web, user, method, path, body=None, **environ):
    """Send a request as a user; return the status code and the JSON."""
    if user:
        environ['REMOTE_USER'] = user
    sent = b'' if body is None else json.dumps(body).encode()
    status, headers, read = web.ask(method, path, sent, **environ)
    assert headers['Content-Type'] == JSON
    return int(status.split()[0]), json.loads(read)


def create(web, user, path):
    return call(web, user, 'POST', LOCKS, {'path': path})


def test_the_life_of_a_lock(web):
    status, reply = create(web, 'alice', 'a')
    assert (status, reply['lock']['owner']) == (201, {'name': 'alice'})
    lock = reply['lock']
    status, reply = create(web, 'bob', 'a')
    assert (status, reply['lock']) == (409, lock)
    assert call(web, 'bob', 'GET', LOCKS) == (200, {'locks': [lock]})
    reply = call(web, 'bob', 'POST', LOCKS + '/verify', {})
    assert reply == (200, {'ours': [], 'theirs': [lock]})
    place = '%s/%s/unlock' % (LOCKS, lock['id'])
    assert call(web, 'bob', 'POST', place, {})[0] == 403
    assert call(web, 'bob', 'POST', place, {'force': True}) == (200, {'lock': lock})
    assert call(web, 'bob', 'POST', place, {'force': True})[0] == 404
    assert call(web, 'bob', 'GET', LOCKS) == (200, {'locks': []})


def test_query_parameters(web):
    ids = [create(web, 'alice', path)[1]['lock']['id'] for path in ('a', 'b', 'ü &')]

    def found(query):
        reply = call(web, '', 'GET', LOCKS, QUERY_STRING=query)[1]
        return [lock['path'] for lock in reply['locks']], reply.get('next_cursor')

    assert found('path=%C3%BC+%26') == (['ü &'], None)
    assert found('id=' + ids[0]) == (['a'], None)
    some, cursor = found('limit=2&refspec=refs%2Fheads%2Fmain')
    assert some == ['ü &', 'b']
    assert found('limit=2&cursor=' + cursor) == (['a'], None)
    for query in ('limit=x', 'limit=-1', 'cursor=x', 'path=%FF'):
        assert call(web, '', 'GET', LOCKS, QUERY_STRING=query)[0] == 400


def test_an_invalid_path_is_refused(web):
    for path in ('../x', '/x', 'a\0', '', 7, None, {}):
        assert create(web, 'alice', path)[0] == 400


@pytest.mark.parametrize(
    ('method', 'place', 'status'),
    [
        ('PUT', '', 405),
        ('DELETE', '', 405),
        ('HEAD', '', 405),
        ('GET', '/verify', 405),
        ('GET', '/abc/unlock', 405),
        ('POST', '/abc', 404),
        ('POST', '/abc/unlock/x', 404),
        ('POST', '/a.c/unlock', 404),
        ('POST', '/%s/unlock' % ('a' * 65), 404),
        ('POST', '/abc/unlock', 404),
        ('POST', '/verify/unlock', 404),
    ],
)
def test_unknown_methods_and_routes(web, method, place, status):
    assert call(web, 'alice', method, LOCKS + place, {})[0] == status


def test_the_size_of_a_body_is_limited(web):
    status, reply = call(web, 'alice', 'POST', LOCKS, {'path': 'a', 'x': 'x' * 70000})
    assert (status, reply) == (413, {'message': 'Request Entity Too Large'})


def test_where_anonymous_users_may_push_there_are_no_locks(folder):
    web = serve(folder)
    for method, place in ('POST', '/verify'), ('POST', ''), ('GET', ''):
        body = {'path': 'a'} if method == 'POST' else None
        status, reply = call(web, None, method, LOCKS + place, body)
        assert (status, list(reply)) == (404, ['message'])
        assert 'REMOTE_USER' in reply['message']
        # a user with a name has locks there
        assert call(web, 'alice', method, LOCKS + place, body)[0] in (200, 201)
        # and then all others see them
        if (method, place) == ('POST', ''):
            lockid = call(web, None, 'GET', LOCKS)[1]['locks'][0]['id']
            end = '%s/%s/unlock' % (LOCKS, lockid)
            assert call(web, 'alice', 'POST', end, {})[0] == 200


def test_where_pushes_need_a_user_anonymous_readers_see_no_locks(folder):
    web = serve(folder, (b'web', b'allow-push', b'alice'))
    assert call(web, None, 'GET', LOCKS) == (200, {'locks': []})
    assert call(web, None, 'POST', LOCKS + '/verify', {})[0] == 401


def test_anonymous_users_cannot_lock(web):
    create(web, 'alice', 'a')
    for user in (None, ''):
        status, reply = create(web, user, 'b')
        assert (status, list(reply)) == (403, ['message'])
        assert call(web, user, 'GET', LOCKS)[0] == 200
        verified = call(web, user, 'POST', LOCKS + '/verify', {})[1]
        assert (verified['ours'], len(verified['theirs'])) == ([], 1)


def test_reading_needs_pull_and_locking_needs_push_permission(folder):
    web = serve(folder, (b'web', b'allow-push', b'alice'))
    assert create(web, 'alice', 'a')[0] == 201
    status, reply = create(web, 'bob', 'b')
    assert (status, reply) == (403, {'message': 'push not authorized'})
    assert create(web, None, 'b') == (401, {'message': 'push not authorized'})
    assert call(web, 'bob', 'POST', LOCKS + '/verify', {})[0] == 403
    assert call(web, 'bob', 'POST', LOCKS + '/abc/unlock', {'force': True})[0] == 403
    assert call(web, 'bob', 'GET', LOCKS)[0] == 200


def test_without_read_permission_locks_are_hidden(folder):
    web = serve(folder, (b'web', b'allow_read', b'alice'))
    assert create(web, 'alice', 'a')[0] == 201
    assert call(web, 'bob', 'GET', LOCKS)[0] == 403
    assert call(web, None, 'GET', LOCKS)[0] == 401
    assert create(web, 'bob', 'b')[0] == 403


def test_only_lock_admins_can_force_an_unlock(folder):
    web = serve(folder, (b'lfs', b'lockadmins', b'carol'))
    lockid = create(web, 'alice', 'a')[1]['lock']['id']
    place = '%s/%s/unlock' % (LOCKS, lockid)
    assert call(web, 'bob', 'POST', place, {'force': True})[0] == 403
    assert call(web, 'carol', 'POST', place, {'force': True})[0] == 200


def shown(user: str) -> str:
    return known(user).decode('utf-8', 'backslashreplace')


def test_user_names_in_other_encodings_are_kept_apart(web):
    assert create(web, '\xff', 'a')[1]['lock']['owner'] == {'name': shown('\xff')}
    verified = call(web, '\xfe', 'POST', LOCKS + '/verify', {})[1]
    assert len(verified['theirs']) == 1
    joerg = 'j\xc3\xb6rg'
    assert create(web, joerg, 'b')[1]['lock']['owner'] == {'name': shown(joerg)}


def test_without_serving_there_are_no_locks(folder):
    web = serve(folder, (b'experimental', b'lfs.serve', b'no'))
    status, _headers, _body = web.ask('GET', LOCKS)
    assert status.startswith('400')


def test_no_body_causes_an_internal_server_error(web):
    @given(st.binary(), st.sampled_from(['', '/verify', '/abc/unlock']))
    def check(body, place):
        status, _headers, _body = web.ask('POST', LOCKS + place, body, REMOTE_USER='x')
        assert status[0] in '24'

    check()
