"""The locking API's JSON: validated when read, and readable when written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.wire import locking
from hgext3rd.hglfs.lfs.wire.locking import Create, Lock, Page, Search, Unlock, Verify
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

LOCK = Lock('0' * 32, 'art/one.bin', 'alice', 1463496546)
OTHER = Lock('1' * 32, 'art/zwei ü.bin', 'bob', 0)
JSON = {
    'id': '0' * 32,
    'path': 'art/one.bin',
    'locked_at': '2016-05-17T14:49:06Z',
    'owner': {'name': 'alice'},
}


def dumps(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    'request_',
    [
        Create('art/one.bin'),
        Create('ü'),
        Search(),
        Search('a', 'b', '12', 7),
        Verify(),
        Verify('3', 2),
        Unlock('abc'),
        Unlock('abc', True),
    ],
)
def test_a_request_survives_encoding_and_decoding(request_):
    assert locking.decoderequest(request_.verb, request_.encode()) == request_


def test_unknown_members_are_ignored():
    body = dumps({'path': 'a', 'ref': {'name': 'refs/heads/x', 'y': 1}, 'z': [1]})
    assert locking.decoderequest('create', body) == Create('a')
    body = dumps({'ref': None, 'cursor': None, 'limit': None, 'force': None})
    assert locking.decoderequest('verify', body) == Verify()
    assert locking.decoderequest('unlock', b'') == Unlock('')
    assert locking.decodequery({'refspec': 'refs/heads/x', 'z': '1'}) == Search()


def test_query_parameters_become_a_search():
    given = {'path': 'a', 'id': 'b', 'cursor': '12', 'limit': '7'}
    assert locking.decodequery(given) == Search('a', 'b', '12', 7)
    assert locking.decodequery({'path': '', 'limit': '', 'cursor': ''}) == Search()
    assert locking.decodequery({'limit': '0'}) == Search()


@pytest.mark.parametrize(
    ('verb', 'asked'),
    [
        ('create', {}),
        ('create', []),
        ('create', 'x'),
        ('create', {'path': None}),
        ('create', {'path': 1}),
        ('create', {'path': ['a']}),
        ('create', {'path': 'a', 'ref': 'main'}),
        ('create', {'path': 'a', 'ref': {'name': 1}}),
        ('list', {'path': 1}),
        ('list', {'id': {}}),
        ('list', {'path': 'x' * 5000}),
        ('list', {'path': '\ud800'}),
        ('verify', {'limit': -1}),
        ('verify', {'limit': True}),
        ('verify', {'limit': '1'}),
        ('verify', {'limit': 1.5}),
        ('verify', {'cursor': 1}),
        ('verify', {'cursor': 'x'}),
        ('verify', {'cursor': '-1'}),
        ('verify', {'cursor': '9' * 30}),
        ('unlock', {'force': 'yes'}),
        ('unlock', {'force': 1}),
        ('unlock', {'id': 1}),
        ('drop', {}),
    ],
)
def test_a_request_with_wrong_types_or_sizes_is_refused(verb, asked):
    with pytest.raises(WireError):
        locking.decoderequest(verb, dumps(asked))


@pytest.mark.parametrize('limit', ['-1', 'x', '1.5', '9' * 30, '²', ' 1'])
def test_an_invalid_limit_is_refused(limit):
    with pytest.raises(WireError):
        locking.decodequery({'limit': limit})


@pytest.mark.parametrize(
    'body', [b'{', b'\xff', b'[' * 100000, b'{"limit": 1' + b'0' * 9000]
)
def test_malformed_json_is_refused(body):
    with pytest.raises(WireError):
        locking.decoderequest('verify', body)


@pytest.mark.parametrize(
    'path',
    [
        '',
        '/etc/passwd',
        'a//b',
        'a/',
        '.',
        './a',
        '..',
        '../a',
        'a/../b',
        'a\0b',
        'a\nb',
        'a\x1b[0m',
        'a\x7f',
        'a\x9bb',
        '\ud800',
        'x' * 4097,
        'ü' * 2049,
    ],
)
def test_an_invalid_path_cannot_be_locked(path):
    assert locking.pathproblem(path)
    with pytest.raises(WireError):
        locking.decoderequest('create', dumps({'path': path}))


@pytest.mark.parametrize('path', ['a', 'a b', '.a', '..a', 'a/.b', 'a\\b', 'ü' * 2048])
def test_an_unusual_path_can_be_locked(path):
    assert locking.pathproblem(path) is None


@given(st.binary())
def test_any_bytes_raise_wire_errors_only(body):
    for verb in ('create', 'list', 'verify', 'unlock'):
        try:
            locking.decoderequest(verb, body)
        except WireError as exc:
            str(exc).encode('ascii')


def test_a_lock_is_encoded_as_in_git_lfs():
    assert LOCK.tojson() == JSON
    assert locking.decodelock(locking.encodelock(LOCK)) == (LOCK, '')
    assert locking.decodelock(locking.encodelock(OTHER, 'no')) == (OTHER, 'no')
    assert locking.decodelock(locking.encodefailure('no')) == (None, 'no')
    assert 'message' not in json.loads(locking.encodelock(LOCK))


def test_pages_survive_encoding_and_decoding():
    page = Page([LOCK, OTHER], (), '7')
    assert locking.decodelist(locking.encodelist(page)) == page
    assert json.loads(locking.encodelist(Page([]))) == {'locks': []}
    page = Page([LOCK], [OTHER])
    assert locking.decodeverified(locking.encodeverified(page)) == page
    empty = {'ours': [], 'theirs': []}
    assert json.loads(locking.encodeverified(Page([]))) == empty


@pytest.mark.parametrize(
    ('text', 'seconds'),
    [
        ('2016-05-17T14:49:06Z', 1463496546),
        ('2016-05-17T15:49:06+01:00', 1463496546),
        ('2016-05-17T15:49:06+0100', 1463496546),
        ('2016-05-17t14:49:06.123456789z', 1463496546),
        ('2016-05-17 14:49:06-00:00', 1463496546),
        ('2016-05-17T14:49:06', None),
        ('2016-13-17T14:49:06Z', None),
        ('0000-00-00T00:00:00Z', None),
        ('yesterday', None),
        (1463496546, None),
        (None, None),
    ],
)
def test_times_of_other_servers(text, seconds):
    lock, _message = locking.decodelock(dumps({'lock': {**JSON, 'locked_at': text}}))
    assert lock.locked == seconds


def test_owner_and_time_of_a_lock_are_optional():
    lock, _message = locking.decodelock(dumps({'lock': {'id': 'x', 'path': 'a'}}))
    assert lock == Lock('x', 'a', None, None)
    assert lock.describe() == b'locked by an unnamed user'
    assert LOCK.describe() == b'locked by alice since 2016-05-17 14:49:06 UTC'


@pytest.mark.parametrize(
    'lock',
    [
        [],
        'x',
        {'path': 'a'},
        {'id': 1, 'path': 'a'},
        {'id': '', 'path': 'a'},
        {'id': 'a\n', 'path': 'a'},
        {'id': 'a'},
        {'id': 'a', 'path': 1},
        {'id': 'a', 'path': 'a', 'owner': 'alice'},
        {'id': 'a', 'path': 'a', 'owner': {'name': 1}},
    ],
)
def test_an_invalid_lock_is_refused(lock):
    with pytest.raises(WireError):
        locking.decodelock(dumps({'lock': lock}))
    with pytest.raises(WireError):
        locking.decodelist(dumps({'locks': [lock]}))
    with pytest.raises(WireError):
        locking.decodeverified(dumps({'ours': [], 'theirs': [lock]}))


def test_text_of_a_server_is_escaped():
    lock = Lock('x', 'a', 'al\x1b[2Jice\n', 0)
    assert (
        lock.describe() == b'locked by al\\x1b[2Jice\\n since 1970-01-01 00:00:00 UTC'
    )
    assert locking.decodemessage(b'<html>') == ''
    assert locking.decodemessage(dumps({'message': 7})) == ''
