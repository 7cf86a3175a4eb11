"""Settings of an operator: limits, who sends files, and signed actions."""

from __future__ import annotations

import io
import json
import os

import pytest
from support.blobs import oidof
from support.web import serve, servemany

from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.web import batch as webbatch
from hgext3rd.hglfs.web import directory, gate

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT).decode('ascii')
ROUTE = '/.hg/lfs/objects/' + OID
SIGNED = (b'lfs', b'signed-actions', b'yes')


def batch(web, operation, *objects, transfers=('basic',), **environ):
    """Return the status of a batch, and its reply."""
    listed = [{'oid': oid, 'size': size} for oid, size in objects]
    asked = {'operation': operation, 'objects': listed, 'transfers': transfers}
    status, _headers, body = web.batch(asked, **environ)
    return status, json.loads(body)


def action(web, operation, **environ):
    """Return the action of a batch for the object."""
    _status, reply = batch(web, operation, (OID, len(CONTENT)), **environ)
    return reply['objects'][0]['actions'][operation]


# limits


def test_the_number_of_objects_in_a_request_is_limited(folder):
    web = serve(folder, (b'lfs', b'maxobjects', b'2'))
    objects = [(oidof(b'%d' % number).decode(), 1) for number in range(3)]
    assert batch(web, 'upload', *objects[:2])[0] == '200 OK'
    status, reply = batch(web, 'upload', *objects)
    assert status.startswith('413 ')
    assert reply == {'message': 'at most 2 objects per request'}


def test_an_oversized_object_is_refused_before_it_is_sent(folder):
    web = serve(folder, (b'lfs', b'maxsize', b'%d' % (len(CONTENT) - 1)))
    _status, reply = batch(web, 'upload', (OID, len(CONTENT)))
    assert reply['objects'][0]['error']['code'] == 422
    said = '413 lfs object %s has 100 bytes; objects of over 99 bytes are not taken'
    assert web.put(OID, CONTENT)[0] == said % OID
    assert web.patch(OID, CONTENT, 0) == said % OID
    assert web.put(oidof(b'small').decode(), b'small')[0].startswith('201 ')


def test_too_many_transfers_are_asked_to_retry_later(folder):
    web = serve(folder, (b'lfs', b'maxtransfers', b'1'))
    web.put(OID, CONTENT)
    other = gate.enter(0)
    status, headers, _body = web.get(OID)
    assert (status, headers['Retry-After']) == ('429 Too Many Requests', '5')
    assert web.put(OID, CONTENT)[0] == '429 Too Many Requests'
    other.release()
    other.release()
    assert web.get(OID)[0] == web.get(OID)[0] == '200 OK'
    assert web.get(OID, HTTP_RANGE='bytes=1-2')[0].startswith('206 ')
    assert web.put(OID, CONTENT)[0] == '200 OK'


def test_an_interrupted_transfer_frees_its_slot(folder):
    web = serve(folder, (b'lfs', b'maxtransfers', b'1'))
    for _attempt in range(2):
        status = web.put(OID, CONTENT, CONTENT_LENGTH=str(len(CONTENT) + 1))[0]
        assert status.startswith('400 ')


def test_an_upload_without_disk_space_is_refused_at_once(folder):
    web = serve(folder)
    status = web.put(OID, b'', CONTENT_LENGTH=str(1 << 60))[0]
    assert status.startswith('507 there is no room for lfs object ')


# damage


def test_a_changed_file_is_detected_as_damaged(folder):
    web = serve(folder)
    web.put(OID, CONTENT)
    path = folder + b'/repo/.hg/store/lfs/objects/%s/%s' % (
        OID[:2].encode(),
        OID[2:].encode(),
    )
    assert 'actions' in batch(web, 'download', (OID, len(CONTENT)))[1]['objects'][0]
    with open(path, 'r+b') as blob:
        blob.write(b'X')
    os.utime(path, ns=(0, os.stat(path).st_mtime_ns | 1))
    _status, reply = batch(web, 'download', (OID, len(CONTENT)))
    assert reply['objects'][0]['error']['code'] == 422
    assert action(web, 'upload')
    web.put(OID, CONTENT)
    assert action(web, 'download')


def test_verify_confirms_a_stored_blob(folder):
    web = serve(folder)
    verify = json.dumps({'oid': OID, 'size': len(CONTENT)}).encode()
    assert web.ask('POST', '/.hg/lfs/verify', verify)[0].startswith('404 ')
    web.put(OID, CONTENT)
    assert web.ask('POST', '/.hg/lfs/verify', verify)[0] == '200 OK'
    assert web.ask('GET', '/.hg/lfs/verify')[0].startswith('405 ')
    wrong = json.dumps({'oid': OID, 'size': 1}).encode()
    assert web.ask('POST', '/.hg/lfs/verify', wrong)[0].startswith('404 ')


# files sent by the web server


def test_nginx_gets_the_path_below_its_prefix(folder):
    web = serve(
        folder,
        (b'lfs', b'offload', b'x-accel-redirect'),
        (b'lfs', b'offload-root', folder),
        (b'lfs', b'offload-prefix', b'/files'),
    )
    web.put(OID, CONTENT)
    status, headers, body = web.get(OID)
    place = '/files/repo/.hg/store/lfs/objects/%s/%s' % (OID[:2], OID[2:])
    assert (status, body) == ('200 OK', b'')
    assert headers['X-Accel-Redirect'] == place
    assert web.ask('HEAD', ROUTE)[1]['Content-Length'] == str(len(CONTENT))
    assert web.get('0' * 64)[0] == '404 Not Found'


def test_apache_gets_the_absolute_path(folder):
    web = serve(folder, (b'lfs', b'offload', b'x-sendfile'))
    web.put(OID, CONTENT)
    sent = web.get(OID)[1]['X-Sendfile']
    with open(sent, 'rb') as handle:
        assert handle.read() == CONTENT


def test_a_file_outside_the_offload_root_is_sent_by_hgweb(folder):
    web = serve(
        folder,
        (b'lfs', b'offload', b'x-sendfile'),
        (b'lfs', b'offload-root', folder + b'/elsewhere'),
    )
    web.put(OID, CONTENT)
    _status, headers, body = web.get(OID)
    assert body == CONTENT
    assert 'X-Sendfile' not in headers


def test_the_wsgi_file_wrapper_is_used(folder):
    wrapped = []

    def wrapper(handle, size):
        wrapped.append(handle.fileno())
        yield from iter(lambda: handle.read(size), b'')
        handle.close()

    web = serve(folder, (b'lfs', b'maxtransfers', b'1'))
    web.put(OID, CONTENT)
    for _attempt in range(2):
        assert web.get(OID, **{'wsgi.file_wrapper': wrapper})[2] == CONTENT
    assert len(wrapped) == 2
    part = web.get(OID, HTTP_RANGE='bytes=3-7', **{'wsgi.file_wrapper': wrapper})
    assert (part[0][:3], part[2], len(wrapped)) == ('206', CONTENT[3:8], 2)
    gone = web.get('0' * 64, **{'wsgi.file_wrapper': wrapper})
    assert gone[0] == '404 Not Found'


# other repositories' blobs


def test_a_blob_of_another_repository_is_shared_after_it_was_sent(folder):
    for name in (b'/one', b'/two'):
        os.mkdir(folder + name)
    cache = (b'lfs', b'usercache', folder + b'/cache')
    one, two = serve(folder + b'/one', cache), serve(folder + b'/two', cache)
    one.put(OID, CONTENT)
    assert two.get(OID)[0] == '404 Not Found'
    assert action(two, 'upload')
    assert two.put(OID, CONTENT)[0].startswith('201 ')
    below = b'/repo/.hg/store/lfs/objects/%s/%s' % (OID[:2].encode(), OID[2:].encode())
    assert os.path.samefile(folder + b'/one' + below, folder + b'/two' + below)


# one of many repositories


def test_a_repository_of_several_is_not_opened_for_each_request(folder):
    web = servemany(folder)
    assert web.put(OID, CONTENT)[0].startswith('201 ')
    opened = [dict(kept) for kept in directory._opened.values()]
    assert web.get(OID)[2] == CONTENT
    assert action(web, 'download')['href'] == 'http://localhost/repo' + ROUTE
    assert opened == [dict(kept) for kept in directory._opened.values()]
    assert any(kept.get(folder + b'/many/repo') for kept in opened)
    web._prefix = '/other'
    assert web.get(OID)[0] == '404 Not Found'
    web._prefix = '/none'
    assert web.get(OID)[0] == '404 Not Found'


def test_a_revoked_permission_takes_effect_at_once(folder):
    web = servemany(folder)
    web.put(OID, CONTENT)
    with open(folder + b'/many/repo/.hg/hgrc', 'w', encoding='ascii') as hgrc:
        hgrc.write('[web]\nallow_read = alice\n')
    assert web.get(OID)[0].startswith('401 ')
    assert web.get(OID, REMOTE_USER='alice')[2] == CONTENT


# URLs


@pytest.mark.parametrize('many', [False, True])
@pytest.mark.parametrize(
    ('base', 'expected'),
    [
        (b'https://hg.example.com/', 'https://hg.example.com'),
        (b'https://hg.example.com:8443/hg', 'https://hg.example.com:8443/hg'),
        (b'http://hg.example.com', 'http://hg.example.com'),
    ],
)
def test_object_urls_follow_the_base_url(folder, base, expected, many):
    item = (b'web', b'baseurl', base)
    web = servemany(folder, item) if many else serve(folder, item)
    expected += '/repo' if many else ''
    for environ in ({}, {'HTTP_HOST': 'evil.example.com'}):
        href = action(web, 'upload', **environ)['href']
        assert href == expected + '/.hg/lfs/objects/' + OID


# signed actions


def test_actions_are_signed_only_if_configured(folder):
    assert set(action(serve(folder), 'upload')['header']) == {'Accept'}


def signed(folder, *items):
    """Serve a repository that only alice may read and push to."""
    names = [(b'web', right, b'alice') for right in (b'allow-push', b'allow_read')]
    return serve(folder, SIGNED, *names, *items)


def token(web, operation, user='alice'):
    return action(web, operation, REMOTE_USER=user)['header']['Hglfs-Token']


def test_a_token_acts_for_its_user(folder):
    web = signed(folder)
    assert web.put(OID, CONTENT)[0].startswith('401 ')
    up = {'HTTP_HGLFS_TOKEN': token(web, 'upload')}
    assert web.put(OID, CONTENT, **up)[0].startswith('201 ')
    down = {'HTTP_HGLFS_TOKEN': token(web, 'download')}
    assert web.get(OID)[0].startswith('401 ')
    assert web.get(OID, **down)[2] == CONTENT
    assert (
        web.get(OID, QUERY_STRING='hglfs-token=' + down['HTTP_HGLFS_TOKEN'])[2]
        == CONTENT
    )


def test_a_token_is_valid_for_one_object_and_operation(folder):
    web = signed(folder)
    up = {'HTTP_HGLFS_TOKEN': token(web, 'upload')}
    other = b'other content'
    assert web.put(oidof(other).decode(), other, **up)[0].startswith('403 ')
    assert web.put(OID, CONTENT[:-1], **up)[0].startswith('400 ')
    web.put(OID, CONTENT, **up)
    assert web.get(OID, **up)[0].startswith('403 ')
    assert web.get(OID, REMOTE_USER='bob', **up)[0].startswith('403 ')
    assert web.get(OID, HTTP_HGLFS_TOKEN='nonsense')[0].startswith('403 ')


def test_a_token_ends_with_the_permission_of_its_user(folder):
    web = signed(folder)
    up = {'HTTP_HGLFS_TOKEN': token(web, 'upload')}
    revoked = serve(folder, SIGNED, (b'web', b'allow-push', b'bob'), new=False)
    assert revoked.put(OID, CONTENT, **up)[0].startswith('401 ')


def test_signed_objects_need_a_token_even_in_a_public_repository(folder):
    # of a client without the password, which the batch needed
    web = serve(folder, SIGNED)
    assert web.put(OID, CONTENT)[0].startswith('401 ')
    up = {'HTTP_HGLFS_TOKEN': token(web, 'upload', user='')}
    assert web.put(OID, CONTENT, **up)[0].startswith('201 ')
    assert web.get(OID)[0].startswith('401 ')
    assert web.get(OID, REMOTE_USER='bob')[0] == '200 OK'
    down = {'HTTP_HGLFS_TOKEN': token(web, 'download', user='')}
    assert web.get(OID, **down)[2] == CONTENT


def test_packs_and_resumed_uploads_are_signed(folder):
    web = signed(folder)
    reply = batch(
        web,
        'upload',
        (OID, len(CONTENT)),
        transfers=('hglfs-packs',),
        REMOTE_USER='alice',
    )[1]
    of = reply['packs']['header']['Hglfs-Token']
    assert web.packs('upload', b'nonsense')[0].startswith('401 ')
    assert web.packs('upload', b'nonsense', HTTP_HGLFS_TOKEN=of)[0].startswith('400 ')
    one = reply['objects'][0]['actions']['upload']['header']['Hglfs-Token']
    assert web.patch(OID, CONTENT, 0, HTTP_HGLFS_TOKEN=one) == '204 No Content'


def test_a_signing_key_is_private_and_refused_otherwise(folder):
    web = signed(folder)
    action(web, 'upload', REMOTE_USER='alice')
    path = folder + b'/repo/.hg/lfs/signing-key'
    assert os.stat(path).st_mode & 0o777 == 0o600
    os.chmod(path, 0o640)
    assert web.put(OID, CONTENT, HTTP_HGLFS_TOKEN='x')[0].startswith('500 ')


def test_a_refused_body_is_not_read_to_its_end(folder):
    class Endless(io.RawIOBase):
        left = 1 << 30

        def read(self, size=-1):
            self.left -= size
            return bytes(size)

    web = serve(folder, (b'web', b'deny_push', b'*'))
    body = Endless()
    status, headers, _body = web.ask(
        'PUT', ROUTE, CONTENT_LENGTH=str(1 << 30), **{'wsgi.input': body}
    )
    assert status.startswith('40')
    assert headers['Connection'] == 'Close'
    assert body.left > 1 << 29


# many objects


def many(count: int) -> list[tuple[str, int]]:
    return [('%064x' % number, number) for number in range(count)]


@pytest.mark.parametrize('count', [1001, 2500, 20000])
def test_a_request_may_name_thousands_of_objects(folder, count):
    web = serve(folder)
    for operation in ('upload', 'download'):
        status, reply = batch(web, operation, *many(count))
        assert status == '200 OK'
        assert [item['oid'] for item in reply['objects']] == [
            oid for oid, _size in many(count)
        ]


def test_a_short_reply_has_a_length_and_a_long_one_is_chunked(folder):
    web = serve(folder)
    for count, short in ((2500, True), (20000, False)):
        listed = [{'oid': oid, 'size': size} for oid, size in many(count)]
        asked = {'operation': 'download', 'objects': listed}
        _status, headers, body = web.batch(asked)
        assert headers.get('Content-Length') == (str(len(body)) if short else None)
        assert body == json.dumps(json.loads(body)).encode('ascii')


def test_a_big_request_is_asked_to_retry_when_others_fill_the_limit(
    folder, monkeypatch
):
    turns = gate.RequestLimit(1 << 20, waiting=0, patience=0.0)
    monkeypatch.setattr(webbatch, '_gate', turns)
    web = serve(folder)
    other = turns.enter(1 << 20)
    listed = [{'oid': oid, 'size': size} for oid, size in many(4000)]
    big = {'operation': 'download', 'objects': listed}
    status, headers, _body = web.batch(big)
    assert (status, headers['Retry-After']) == ('503 Service Unavailable', '2')
    assert batch(web, 'download', *many(2500))[0] == '200 OK'
    other.release()
    for _number in range(3):
        assert web.batch(big)[0] == '200 OK'
    assert web.batch({**big, 'objects': [7] * 100000})[0].startswith('400 ')
    assert web.batch(big)[0] == '200 OK'


def test_the_number_of_blobs_in_a_pack_is_limited(folder, monkeypatch):
    monkeypatch.setattr(blobstream, 'MOST', 100)
    web = serve(folder)
    lines = b''.join(b'%064x - 404\n' % number for number in range(100))
    assert web.packs('upload', lines + b'end\n')[0].startswith('200 ')
    status, _headers, body = web.packs('upload', lines + lines + b'end\n')
    assert status.startswith('400 ')
    assert json.loads(body) == {'message': 'more than 100 blobs'}
