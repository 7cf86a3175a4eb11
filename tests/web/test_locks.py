"""Locks in hgweb: who may ask for what, and what any request is answered with."""

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
    """Asks as a user; returns the status code and the JSON."""
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


def test_parameters(web):
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


def test_the_path_of_a_lock_is_not_the_servers(web):
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
def test_what_there_is_no_answer_for(web, method, place, status):
    assert call(web, 'alice', method, LOCKS + place, {})[0] == status


def test_a_body_has_an_end(web):
    status, reply = call(web, 'alice', 'POST', LOCKS, {'path': 'a', 'x': 'x' * 70000})
    assert (status, reply) == (413, {'message': 'Request Entity Too Large'})


def test_where_all_may_push_without_a_name_there_are_no_locks(folder):
    web = serve(folder)
    for method, place in ('POST', '/verify'), ('POST', ''), ('GET', ''):
        body = {'path': 'a'} if method == 'POST' else None
        status, reply = call(web, None, method, LOCKS + place, body)
        assert (status, list(reply)) == (404, ['message'])
        assert 'REMOTE_USER' in reply['message']
        # who has a name there has locks
        assert call(web, 'alice', method, LOCKS + place, body)[0] in (200, 201)
        # and then all others hear of them
        if (method, place) == ('POST', ''):
            lockid = call(web, None, 'GET', LOCKS)[1]['locks'][0]['id']
            end = '%s/%s/unlock' % (LOCKS, lockid)
            assert call(web, 'alice', 'POST', end, {})[0] == 200


def test_where_pushes_need_a_name_a_reader_without_one_sees_that_there_are_none(folder):
    web = serve(folder, (b'web', b'allow-push', b'alice'))
    assert call(web, None, 'GET', LOCKS) == (200, {'locks': []})
    assert call(web, None, 'POST', LOCKS + '/verify', {})[0] == 401


def test_nobody_has_locks(web):
    create(web, 'alice', 'a')
    for user in (None, ''):
        status, reply = create(web, user, 'b')
        assert (status, list(reply)) == (403, ['message'])
        assert call(web, user, 'GET', LOCKS)[0] == 200
        verified = call(web, user, 'POST', LOCKS + '/verify', {})[1]
        assert (verified['ours'], len(verified['theirs'])) == ([], 1)


def test_who_may_pull_may_look_and_who_may_push_may_lock(folder):
    web = serve(folder, (b'web', b'allow-push', b'alice'))
    assert create(web, 'alice', 'a')[0] == 201
    status, reply = create(web, 'bob', 'b')
    assert (status, reply) == (403, {'message': 'push not authorized'})
    assert create(web, None, 'b') == (401, {'message': 'push not authorized'})
    assert call(web, 'bob', 'POST', LOCKS + '/verify', {})[0] == 403
    assert call(web, 'bob', 'POST', LOCKS + '/abc/unlock', {'force': True})[0] == 403
    assert call(web, 'bob', 'GET', LOCKS)[0] == 200


def test_who_may_not_read_sees_nothing(folder):
    web = serve(folder, (b'web', b'allow_read', b'alice'))
    assert create(web, 'alice', 'a')[0] == 201
    assert call(web, 'bob', 'GET', LOCKS)[0] == 403
    assert call(web, None, 'GET', LOCKS)[0] == 401
    assert create(web, 'bob', 'b')[0] == 403


def test_admins(folder):
    web = serve(folder, (b'lfs', b'lockadmins', b'carol'))
    lockid = create(web, 'alice', 'a')[1]['lock']['id']
    place = '%s/%s/unlock' % (LOCKS, lockid)
    assert call(web, 'bob', 'POST', place, {'force': True})[0] == 403
    assert call(web, 'carol', 'POST', place, {'force': True})[0] == 200


def shown(user: str) -> str:
    return known(user).decode('utf-8', 'backslashreplace')


def test_names_that_are_no_text_are_names_all_the_same(web):
    assert create(web, '\xff', 'a')[1]['lock']['owner'] == {'name': shown('\xff')}
    verified = call(web, '\xfe', 'POST', LOCKS + '/verify', {})[1]
    assert len(verified['theirs']) == 1
    joerg = 'j\xc3\xb6rg'
    assert create(web, joerg, 'b')[1]['lock']['owner'] == {'name': shown(joerg)}


def test_not_served(folder):
    web = serve(folder, (b'experimental', b'lfs.serve', b'no'))
    status, _headers, _body = web.ask('GET', LOCKS)
    assert status.startswith('400')


def test_no_body_is_a_fault_of_the_server(web):
    @given(st.binary(), st.sampled_from(['', '/verify', '/abc/unlock']))
    def check(body, place):
        status, _headers, _body = web.ask('POST', LOCKS + place, body, REMOTE_USER='x')
        assert status[0] in '24'

    check()
