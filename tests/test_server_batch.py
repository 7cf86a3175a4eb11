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


def answer(store, operation, *contents):
    request = BatchRequest(operation, list(map(refto, contents)))
    return batch.answer(request, store, lambda oid: 'x:%s' % oid.decode(), NOW)


def test_every_object_is_answered_in_order(store):
    for operation in ('upload', 'download'):
        reply = json.loads(answer(store, operation, GONE, HERE, BAD))
        assert reply['transfer'] == 'basic'
        assert [item['oid'].encode() for item in reply['objects']] == [
            oidof(content) for content in (GONE, HERE, BAD)
        ]


def test_a_download_has_an_action_or_an_error(store):
    here, gone, bad = decodereply(answer(store, 'download', HERE, GONE, BAD))
    assert here.actions['download'].href == 'x:' + oidof(HERE).decode()
    assert (gone.errorcode, gone.actions) == (404, {})
    assert (bad.errorcode, bad.actions) == (422, {})


def test_an_upload_is_asked_for_unless_it_is_here_and_whole(store):
    here, gone, bad = decodereply(answer(store, 'upload', HERE, GONE, BAD))
    assert (here.errorcode, here.actions) == (None, {})
    assert list(gone.actions) == ['upload']
    assert list(bad.actions) == ['upload']


def test_an_upload_that_is_here_has_no_actions_at_all(store):
    (item,) = json.loads(answer(store, 'upload', HERE))['objects']
    assert set(item) == {'oid', 'size'}


def test_actions_expire_ten_minutes_later_in_a_stated_zone(store):
    (item,) = decodereply(answer(store, 'download', HERE))
    assert item.actions['download'].expires_at == '2024-03-01T00:05:00Z'


def test_basic_is_chosen_by_membership():
    for transfers in (['basic'], ['ssh', 'basic', 'tus']):
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

    replies = decodereply(answer(Failing(HERE, BAD), operation, BAD, HERE))
    assert [item.ref.oid for item in replies] == [oidof(BAD), oidof(HERE)]
    assert replies[1].errorcode is None
    assert replies[0].errorcode is not None or replies[0].actions
