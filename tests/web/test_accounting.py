"""Accounting of requests: the access log, and the counters for configured users."""

from __future__ import annotations

import os
import re
import urllib.parse

import pytest
from mercurial import ui as uimod
from mercurial.hgweb import hgweb_mod
from support.blobs import oidof
from support.web import CONTENT, OID, known, serve

from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.blobstream import Item

SIZE = str(len(CONTENT))


@pytest.fixture
def log(folder):
    return os.path.join(folder, b'moved.log')


def lines(log: bytes) -> list[str]:
    """Return the log without the times and the seconds."""
    with open(log, encoding='ascii') as handle:
        found = [line.split(' ') for line in handle.read().splitlines()]
    for line in found:
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', line.pop(0))
        assert re.fullmatch(r'\d+\.\d{3}', line.pop(4))
    return [' '.join(line) for line in found]


def metrics(web, **environ: str) -> dict[str, str]:
    status, headers, body = web.ask('GET', '/.hg/lfs/metrics', **environ)
    assert status == '200 OK'
    assert headers['Content-Type'] == 'text/plain; version=0.0.4; charset=utf-8'
    texts = [line for line in body.decode('ascii').splitlines() if line[0] != '#']
    return dict(line.rsplit(' ', 1) for line in texts)


def test_each_object_has_a_line(folder, log):
    web = serve(folder, (b'lfs', b'accesslog', log))
    web.put(OID, CONTENT, REMOTE_USER='alice')
    web.get(OID, REMOTE_USER='bob', REMOTE_ADDR='::1')
    web.get(OID, HTTP_RANGE='bytes=0-4')
    web.put(OID, CONTENT[:-1])
    web.get('0' * 64)
    web.ask('HEAD', '/.hg/lfs/objects/' + OID)
    web.get('nonsense')
    assert lines(log) == [
        'alice upload %s %s 201 127.0.0.1' % (OID, SIZE),
        'bob download %s %s 200 ::1' % (OID, SIZE),
        '- download %s 5 206 127.0.0.1' % OID,
        '- upload %s %d 400 127.0.0.1' % (OID, len(CONTENT) - 1),
        '- download %s 0 404 127.0.0.1' % ('0' * 64),
    ]


def test_each_object_of_a_pack_has_a_line(folder, log):
    web = serve(folder, (b'lfs', b'accesslog', log))
    item = Item(OID.encode('ascii'), len(CONTENT))
    web.packs('upload', b''.join(blobstream.encode([(item, [CONTENT])])))
    web.packs('download', blobstream.encodelist([item, Item(oidof(b'no'), 2)]))
    assert lines(log) == [
        '- upload %s %s 201 127.0.0.1' % (OID, SIZE),
        '- download %s %s 200 127.0.0.1' % (OID, SIZE),
        '- download %s 0 404 127.0.0.1' % oidof(b'no').decode('ascii'),
    ]


def test_a_refused_user_is_logged(folder, log):
    denied = (b'web', b'deny_push', b'bob')
    web = serve(folder, (b'lfs', b'accesslog', log), denied)
    assert web.put(OID, CONTENT, REMOTE_USER='bob')[0].startswith('401')
    assert lines(log) == ['bob upload %s %s 401 127.0.0.1' % (OID, SIZE)]


@pytest.mark.parametrize(
    ('user', 'shown'),
    [
        ('bob\nalice', 'bob%0Aalice'),
        ('bob upload 200', 'bob%20upload%20200'),
        ('100%', '100%25'),
        ('b\xc3\xb6b', urllib.parse.quote(known('b\xc3\xb6b'))),  # as PEP 3333 has it
    ],
)
def test_a_user_name_cannot_forge_lines(folder, log, user, shown):
    web = serve(folder, (b'lfs', b'accesslog', log))
    web.put(OID, CONTENT, REMOTE_USER=user)
    assert lines(log) == ['%s upload %s %s 201 127.0.0.1' % (shown, OID, SIZE)]


def test_an_unwritable_log_does_not_stop_requests(folder):
    web = serve(folder, (b'lfs', b'accesslog', folder))
    assert web.put(OID, CONTENT)[0].startswith('201')
    assert web.get(OID)[2] == CONTENT


def test_without_the_setting_nothing_is_counted(folder):
    web = serve(folder)
    web.put(OID, CONTENT)
    assert web.ask('GET', '/.hg/lfs/metrics')[0].startswith('404')
    assert not os.path.exists(folder + b'/repo/.hg/lfs/metrics')


def test_requests_are_counted_by_route_and_status(folder):
    web = serve(folder, (b'lfs', b'metrics', b'*'))
    web.put(OID, CONTENT)
    web.get(OID)
    web.get(OID)
    web.get('0' * 64)
    web.batch(b'nonsense')
    found = metrics(web)
    assert found['hglfs_requests_total{route="objects",status="201"}'] == '1'
    assert found['hglfs_requests_total{route="objects",status="200"}'] == '2'
    assert found['hglfs_requests_total{route="objects",status="404"}'] == '1'
    assert found['hglfs_requests_total{route="batch",status="400"}'] == '1'
    assert found['hglfs_received_bytes_total{route="objects"}'] == SIZE
    assert int(found['hglfs_sent_bytes_total{route="objects"}']) >= 2 * len(CONTENT)
    assert found['hglfs_errors_total{route="objects"}'] == '0'
    assert found['hglfs_active_transfers'] == '0'
    assert int(found['hglfs_store_free_bytes']) > 0


def test_an_interrupted_download_is_counted_as_an_error(folder, log):
    items = ((b'lfs', b'metrics', b'*'), (b'lfs', b'accesslog', log))
    web = serve(folder, *items)
    content = CONTENT * 50000
    oid = oidof(content).decode('ascii')
    web.put(oid, content)
    application = web._app

    def leaving(environ, start):
        chunks = application(environ, start)
        yield next(chunks)
        chunks.close()

    web._app = leaving
    read = web.get(oid)[2]
    assert 0 < len(read) < len(content)
    web._app = application
    found = metrics(web)
    assert found['hglfs_errors_total{route="objects"}'] == '1'
    assert found['hglfs_active_transfers'] == '0'
    assert lines(log)[1] == '- download %s %d 200 127.0.0.1' % (oid, len(read))


def test_the_counters_are_shown_to_configured_users(folder):
    web = serve(folder, (b'lfs', b'metrics', b'alice, carol'))
    assert metrics(web, REMOTE_USER='alice')
    for user, status in (('bob', '403'), ('', '401'), ('*', '403')):
        answer = web.ask('GET', '/.hg/lfs/metrics', REMOTE_USER=user)
        assert answer[0].startswith(status)
        assert b'hglfs' not in answer[2]


def test_a_user_without_read_permission_sees_no_counters(folder):
    items = ((b'lfs', b'metrics', b'*'), (b'web', b'deny_read', b'bob'))
    web = serve(folder, *items)
    answer = web.ask('GET', '/.hg/lfs/metrics', REMOTE_USER='bob')
    assert answer[0].startswith('401')
    assert metrics(web, REMOTE_USER='alice')


def test_other_methods_on_the_counters_are_refused(folder):
    web = serve(folder, (b'lfs', b'metrics', b'*'))
    assert web.ask('POST', '/.hg/lfs/metrics')[0].startswith('405')
    assert web.ask('HEAD', '/.hg/lfs/metrics')[2] == b''


def test_a_restarted_server_continues_the_counts(folder):
    web = serve(folder, (b'lfs', b'metrics', b'*'))
    web.put(OID, CONTENT)
    ui = uimod.ui.load()
    for section, name, value in (
        (b'extensions', b'hglfs', b''),
        (b'lfs', b'metrics', b'*'),
    ):
        ui.setconfig(section, name, value)
    web._app = hgweb_mod.hgweb(folder + b'/repo', baseui=ui)
    assert metrics(web)['hglfs_requests_total{route="objects",status="201"}'] == '1'
