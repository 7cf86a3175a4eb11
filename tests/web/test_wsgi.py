"""The LFS server in hgweb, called by WSGI as a web server does."""

from __future__ import annotations

import json

import pytest
from support.blobs import oidof, readall
from support.web import CONTENT, JSON, OID, PACK, serve

from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.blobstream import Item


@pytest.fixture
def web(folder):
    return serve(folder)


@pytest.fixture
def store(folder):
    return DiskStore(folder + b'/repo/.hg/store/lfs/objects')


def about(operation: object, oid: object = OID, size: object = len(CONTENT)) -> dict:
    return {'operation': operation, 'objects': [{'oid': oid, 'size': size}]}


def test_an_uploaded_object_can_be_downloaded(web):
    assert web.put(OID, CONTENT)[0] == '201 Created'
    assert web.put(OID, CONTENT)[0] == '200 OK'
    status, headers, body = web.get(OID)
    assert (status, body) == ('200 OK', CONTENT)
    assert headers['Content-Length'] == str(len(CONTENT))


def test_a_batch_has_the_actions(web):
    (item,) = json.loads(web.batch(about('upload'))[2])['objects']
    assert item['actions']['upload']['href'].endswith('/.hg/lfs/objects/' + OID)
    (item,) = json.loads(web.batch(about('download'))[2])['objects']
    assert item['error']['code'] == 404
    web.put(OID, CONTENT)
    (item,) = json.loads(web.batch(about('download'))[2])['objects']
    assert item['actions']['download']['href'].endswith('/.hg/lfs/objects/' + OID)


@pytest.mark.parametrize('body', [b'', CONTENT[1:], CONTENT + b'!', b'A' + CONTENT[1:]])
def test_a_wrong_body_is_refused_with_400_and_not_stored(web, body):
    """With 422, git-lfs would go on as if the upload had succeeded."""
    status = web.put(OID, body)[0]
    assert status.startswith('400 ')
    assert web.get(OID)[0] == '404 Not Found'


def test_a_truncated_body_is_not_stored(web):
    status = web.put(OID, CONTENT, CONTENT_LENGTH=str(len(CONTENT) + 1))[0]
    assert status.startswith('400 ')
    assert web.get(OID)[0] == '404 Not Found'


def test_a_body_without_a_length_is_refused(web):
    assert web.put(OID, CONTENT, CONTENT_LENGTH='')[0].startswith('411 ')


@pytest.mark.parametrize(
    'oid', ['', '..', '../' + OID, OID.upper(), OID + '/x', 'a' * 63]
)
def test_an_invalid_oid_is_not_found(web, oid):
    assert web.get(oid)[0] == '404 Not Found'
    assert web.put(oid, CONTENT)[0] == '404 Not Found'


@pytest.mark.parametrize(
    ('environ', 'code'),
    [
        ({'CONTENT_TYPE': 'application/json'}, '415'),
        ({'CONTENT_TYPE': JSON + '; charset=utf-8'}, '200'),
        ({'HTTP_ACCEPT': 'text/html'}, '406'),
        ({'HTTP_ACCEPT': JSON + '; charset=utf-8'}, '200'),
        ({'HTTP_ACCEPT': '*/*'}, '200'),
    ],
)
def test_media_types(web, environ, code):
    assert web.batch(about('upload'), **environ)[0].startswith(code)


POSTS = {
    '/.git/info/lfs/objects/batch': json.dumps(about('upload')),
    '/.git/info/lfs/locks': '{"path": "a.bin"}',
    '/.git/info/lfs/locks/verify': '{}',
    '/.git/info/lfs/locks/abc/unlock': '{}',
    '/.hg/lfs/verify': json.dumps({'oid': OID, 'size': len(CONTENT)}),
    '/.hg/lfs/packs/upload': 'end\n',
    '/.hg/lfs/packs/download': 'end\n',
}


def post(web, path, **environ):
    return web.ask('POST', path, POSTS[path].encode(), **environ)


@pytest.mark.parametrize(
    'media',
    ['', 'text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded'],
)
@pytest.mark.parametrize('path', POSTS)
def test_a_form_from_another_site_is_refused(web, path, media):
    # a browser sends these with the user's password and without a preflight
    status, _headers, body = post(web, path, CONTENT_TYPE=media)
    assert status.startswith('415 '), body


@pytest.mark.parametrize('site', ['cross-site', 'same-site'])
@pytest.mark.parametrize('path', POSTS)
def test_a_request_from_another_site_is_refused(web, path, site):
    environ = {'CONTENT_TYPE': PACK} if '/packs/' in path else {}
    environ['HTTP_SEC_FETCH_SITE'] = site
    assert post(web, path, **environ)[0].startswith('403 ')
    environ['HTTP_SEC_FETCH_SITE'] = 'same-origin'
    assert not post(web, path, **environ)[2].count(b'cross-site')


def test_an_upload_from_another_site_is_refused(web):
    status = web.put(OID, CONTENT, HTTP_SEC_FETCH_SITE='cross-site')[0]
    assert status.startswith('403 ')
    assert web.get(OID)[0] == '404 Not Found'


@pytest.mark.parametrize('path', POSTS)
def test_a_post_without_a_length_is_refused(web, path):
    environ = {'CONTENT_TYPE': PACK} if '/packs/' in path else {}
    status = post(web, path, CONTENT_LENGTH='', **environ)[0]
    assert status.startswith('411 ')


@pytest.mark.parametrize(
    'request_',
    [
        b'',
        b'{',
        b'[]',
        b'[' * 100000,
        about('verify'),
        about(None),
        {**about('upload'), 'transfers': ['ssh']},
        about('caf\xe9'),
        about('\ud800'),
        about('x\r\nSet-Cookie: a=b'),
    ],
)
def test_an_invalid_batch_is_a_bad_request(web, request_):
    assert web.batch(request_)[0].startswith('400 ')


@pytest.mark.parametrize(
    'odd',
    [
        {'oid': '../../etc/passwd'},
        {'oid': '\u4e2d'},
        {'oid': '\udc41'},
        {'oid': '\r\n'},
        {'oid': 'a345cde'},
        {'size': True},
        {'size': -1},
    ],
)
def test_an_invalid_object_is_refused_alone(web, odd):
    asked = about('upload')
    asked['objects'].append({**asked['objects'][0], **odd})
    status, _headers, body = web.batch(asked)
    assert status == '200 OK'
    good, refused = json.loads(body)['objects']
    assert 'upload' in good['actions']
    assert refused['error']['code'] == 422
    assert refused['oid'] == odd.get('oid', OID)


# ranges


@pytest.mark.parametrize(
    ('asked', 'start', 'end'),
    [('bytes=0-', 0, 100), ('bytes=10-19', 10, 20), ('bytes=-5', 95, 100)],
)
def test_a_range_is_sent(web, asked, start, end):
    web.put(OID, CONTENT)
    status, headers, body = web.get(OID, HTTP_RANGE=asked)
    assert (status, body) == ('206 Partial Content', CONTENT[start:end])
    assert headers['Content-Range'] == 'bytes %d-%d/100' % (start, end - 1)
    assert headers['Content-Length'] == str(end - start)
    assert headers['ETag'] == '"%s"' % OID


def test_an_unsatisfiable_range_is_answered_416(web):
    web.put(OID, CONTENT)
    status, headers, body = web.get(OID, HTTP_RANGE='bytes=100-')
    assert status.startswith('416 ')
    assert headers['Content-Range'] == 'bytes */100'
    assert body == b''


@pytest.mark.parametrize(
    ('condition', 'status'),
    [('"%s"' % OID, '206 '), ('"x"', '200 '), ('W/"x"', '200 ')],
)
def test_a_range_of_another_version_is_not_sent(web, condition, status):
    web.put(OID, CONTENT)
    found = web.get(OID, HTTP_RANGE='bytes=1-', HTTP_IF_RANGE=condition)
    assert found[0].startswith(status)


# uploads in several attempts


def keep(store, content: bytes, upto: int) -> None:
    """Let a part of a blob arrive."""

    def chunks():
        yield content[:upto]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.receive(oidof(content), len(content), lambda offset: (0, chunks()))


@pytest.mark.usefixtures('resumed')
def test_head_reports_the_upload_offset(web, store):
    assert web.head(OID) == '0'
    keep(store, CONTENT, 40)
    assert 0 < int(web.head(OID)) <= 40
    web.put(OID, CONTENT)
    assert web.head(OID) == '100'


@pytest.mark.usefixtures('resumed')
def test_a_complete_but_unverified_upload_is_reported_as_incomplete(web, store):
    """If it were reported as complete, the client would stop before it is verified."""
    keep(store, CONTENT, len(CONTENT))
    there = int(web.head(OID))
    assert there < len(CONTENT)
    assert web.patch(OID, CONTENT[there:], there) == '204 No Content'
    assert web.get(OID)[2] == CONTENT


@pytest.mark.usefixtures('resumed')
@pytest.mark.parametrize('there', [0, 1, 40, 99])
def test_an_upload_can_be_resumed(web, store, there):
    keep(store, CONTENT, there)
    offset = int(web.head(OID))
    assert web.patch(OID, CONTENT[offset:], offset) == '204 No Content'
    assert web.get(OID)[2] == CONTENT
    assert web.head(OID) == '100'


@pytest.mark.usefixtures('resumed')
def test_an_interrupted_upload_can_be_resumed(web, store):
    assert web.patch(OID, CONTENT[:30], 0, CONTENT_LENGTH='100').startswith('409 ')
    assert store.partial(oidof(CONTENT)) == 30
    offset = int(web.head(OID))
    assert web.patch(OID, CONTENT[offset:], offset) == '204 No Content'
    assert web.get(OID)[2] == CONTENT


def test_an_interrupted_small_upload_starts_over(web, store):
    assert web.patch(OID, CONTENT[:30], 0, CONTENT_LENGTH='100').startswith('409 ')
    assert store.partial(oidof(CONTENT)) == 0
    assert web.head(OID) == '0'
    assert web.patch(OID, CONTENT, 0) == '204 No Content'
    assert web.get(OID)[2] == CONTENT


@pytest.mark.usefixtures('resumed')
def test_an_upload_with_a_gap_is_a_conflict(web, store):
    keep(store, CONTENT, 10)
    assert web.patch(OID, CONTENT[20:], 20).startswith('409 ')
    assert store.partial(oidof(CONTENT)) == 10


def test_a_resumed_upload_with_wrong_bytes_is_discarded(web, store):
    assert web.patch(OID, CONTENT[:-1] + b'!', 0).startswith('400 ')
    assert web.head(OID) == '0'
    assert web.get(OID)[0] == '404 Not Found'


@pytest.mark.parametrize('offset', [None, '', '-1', 'x', '9' * 20])
def test_an_upload_needs_an_offset_and_a_length(web, offset):
    assert web.patch(OID, CONTENT, offset).startswith('400 ')
    assert web.patch(OID, CONTENT, 0, CONTENT_LENGTH='').startswith('411 ')


# packs


def wanted(*contents: bytes) -> list[Item]:
    return [Item(oidof(content), len(content)) for content in contents]


def test_packs_are_uploaded_and_downloaded(web, store):
    frames = [(item, [body]) for item, body in zip(wanted(b'a', b'b'), [b'a', b'b'])]
    status, headers, body = web.packs('upload', b''.join(blobstream.encode(frames)))
    assert status == '200 OK'
    assert headers['Content-Type'] == 'application/vnd.hg-lfs.pack'
    assert [item.code for item in blobstream.Reader([body]).items()] == [201, 201]
    assert readall(store, oidof(b'a')) == b'a'
    asked = blobstream.encodelist(wanted(b'b', CONTENT, b'a'))
    status, headers, body = web.packs('download', asked)
    assert status == '200 OK'
    found = [
        (item.code, b''.join(got)) for item, got in blobstream.Reader([body]).frames()
    ]
    assert found == [(None, b'b'), (404, b''), (None, b'a')]


@pytest.mark.parametrize('direction', ['download', 'upload'])
@pytest.mark.parametrize('body', [b'', b'x', b'end', b'end\nmore', b'\xff' * 1000])
def test_an_invalid_pack_is_a_bad_request(web, direction, body):
    assert web.packs(direction, body)[0].startswith('400 ')


def test_an_overlong_list_is_not_read(web):
    assert web.packs('download', b'x' * (2 << 20))[0].startswith('413 ')


@pytest.mark.parametrize('direction', ['download', 'upload'])
def test_packs_need_the_post_method(web, direction):
    assert web.ask('GET', '/.hg/lfs/packs/' + direction)[0].startswith('405 ')


def test_a_batch_has_the_pack_url(web):
    request = {**about('upload'), 'transfers': ['basic', 'hglfs-packs']}
    reply = json.loads(web.batch(request)[2])
    assert reply['transfer'] == 'hglfs-packs'
    assert reply['packs']['href'].endswith('/.hg/lfs/packs/upload')


# permissions


@pytest.mark.parametrize('method', ['PUT', 'PATCH', 'packs'])
def test_without_push_permission_no_object_can_be_sent(folder, method):
    web = serve(folder, (b'web', b'deny_push', b'*'))
    (item,) = wanted(CONTENT)
    sent = b''.join(blobstream.encode([(item, [CONTENT])]))
    ask = {
        'PUT': lambda: web.put(OID, CONTENT)[0],
        'PATCH': lambda: web.patch(OID, CONTENT, 0),
        'packs': lambda: web.packs('upload', sent)[0],
    }
    assert ask[method]()[:3] in ('401', '403')
    assert web.get(OID)[0] == '404 Not Found'


@pytest.mark.parametrize('accept', ['', '*/*', 'text/html,*/*'])
def test_the_content_type_is_protected_from_sniffing(web, accept):
    web.put(OID, CONTENT)
    headers = web.get(OID, HTTP_ACCEPT=accept)[1]
    assert headers['X-Content-Type-Options'] == 'nosniff'
    headers = web.get(OID, HTTP_ACCEPT='application/vnd.git-lfs')[1]
    assert set(headers) == {'Content-Type', 'Content-Length'}


@pytest.mark.parametrize('command', ['have', 'get', 'put', 'locks'])
def test_commands_for_ssh_are_refused_over_http(web, command):
    status, headers, body = web.ask('GET', '/', QUERY_STRING='cmd=hglfs_' + command)
    assert status.startswith('200 ')
    assert headers['Content-Type'] == 'application/hg-error'
    assert b'not available over HTTP' in body


@pytest.mark.parametrize('command', ['hglfs_bundles', 'lookup', 'known'])
def test_a_command_without_arguments_is_a_bad_request(web, command):
    status, _headers, body = web.ask('GET', '/', QUERY_STRING='cmd=' + command)
    assert status.startswith('400 '), status
    assert b'an argument is missing' in body
