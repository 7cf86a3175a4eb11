"""The server's answers: every object of a request, with an action or an error."""

from __future__ import annotations

import datetime
import json

import pytest
from support.blobs import oidof, refto
from support.memory import MemoryStore

from hgext3rd.hglfs.model.batch import BatchRequest, decodereply
from hgext3rd.hglfs.model.errors import BlobMissing, StoreFailed
from hgext3rd.hglfs.server import batch

HERE, BAD, GONE = b'here', b'damaged', b'not here'
NOW = datetime.datetime(2024, 2, 29, 23, 55, tzinfo=datetime.timezone.utc)


@pytest.fixture
def store():
    made = MemoryStore(HERE)
    made.blobs[oidof(BAD)] = b'DAMAGED'
    return made


def answer(store, operation, *contents, transfers=('basic',)):
    request = BatchRequest(operation, list(map(refto, contents)), transfers)
    return batch.answer(
        request, store, lambda oid: 'x:%s' % oid.decode(), 'x:packs', NOW
    )


def answers(*asked):
    return decodereply(answer(*asked)).answers


def test_every_object_is_answered_in_order(store):
    for operation in ('upload', 'download'):
        reply = json.loads(answer(store, operation, GONE, HERE, BAD))
        assert reply['transfer'] == 'basic'
        assert [item['oid'].encode() for item in reply['objects']] == [
            oidof(content) for content in (GONE, HERE, BAD)
        ]


def test_a_download_has_an_action_or_an_error(store):
    here, gone, bad = answers(store, 'download', HERE, GONE, BAD)
    assert here.actions['download'].href == 'x:' + oidof(HERE).decode()
    assert (gone.errorcode, gone.actions) == (404, {})
    assert (bad.errorcode, bad.actions) == (422, {})


def test_an_upload_is_asked_for_unless_it_is_here_and_whole(store):
    here, gone, bad = answers(store, 'upload', HERE, GONE, BAD)
    assert (here.errorcode, here.actions) == (None, {})
    assert list(gone.actions) == ['upload']
    assert list(bad.actions) == ['upload']


def test_an_upload_that_is_here_has_no_actions_at_all(store):
    (item,) = json.loads(answer(store, 'upload', HERE))['objects']
    assert set(item) == {'oid', 'size'}


def test_actions_expire_ten_minutes_later_in_a_stated_zone(store):
    (item,) = answers(store, 'download', HERE)
    assert item.actions['download'].expires_at == '2024-03-01T00:05:00Z'


@pytest.mark.parametrize(
    ('operation', 'offered', 'chosen'),
    [
        ('upload', ['basic'], 'basic'),
        ('download', ['basic'], 'basic'),
        ('upload', ['basic', 'tus'], 'tus'),
        ('download', ['basic', 'tus'], 'basic'),
        ('upload', ['basic', 'tus', 'hglfs-packs'], 'hglfs-packs'),
        ('download', ['hglfs-packs', 'ssh'], 'hglfs-packs'),
        ('upload', ['lfs-standalone-file', 'basic'], 'basic'),
    ],
)
def test_the_best_adapter_that_both_know_is_chosen(store, operation, offered, chosen):
    reply = decodereply(answer(store, operation, GONE, transfers=offered))
    assert reply.transfer == chosen
    if chosen == 'hglfs-packs':
        assert reply.packs.href == 'x:packs/' + operation
        assert reply.packs.expires_at == '2024-03-01T00:05:00Z'
    else:
        assert reply.packs is None


def test_a_request_is_answered_if_both_know_an_adapter():
    for transfers in (['basic'], ['ssh', 'basic', 'x'], ['tus'], ['hglfs-packs']):
        assert batch.supported(BatchRequest('upload', [], transfers))
    for transfers in ([], ['ssh'], ['basic2']):
        assert not batch.supported(BatchRequest('upload', [], transfers))


@pytest.mark.parametrize('operation', ['upload', 'download'])
@pytest.mark.parametrize(
    'error',
    [
        OSError(5, 'Input/output error'),
        OSError('without a number'),
        BlobMissing(b'removed a moment ago'),
        StoreFailed(b'the disk said no'),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_object_that_cannot_be_read_spoils_no_other_answer(operation, error):
    class Failing(MemoryStore):
        def damaged(self, oid):
            if oid == oidof(BAD):
                raise error
            return super().damaged(oid)

    replies = answers(Failing(HERE, BAD), operation, BAD, HERE)
    assert [item.ref.oid for item in replies] == [oidof(BAD), oidof(HERE)]
    assert replies[1].errorcode is None
    assert replies[0].errorcode is not None or replies[0].actions
