"""The server's answers to a batch: every object gets an action or an error."""

from __future__ import annotations

import json
import os

import pytest
from support.blobs import oidof, refto
from support.memory import MemoryStore

from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.errors import BlobMissing, StoreFailed
from hgext3rd.hglfs.lfs.server import batch
from hgext3rd.hglfs.lfs.server.batch import Limits
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.wire.batch import Action, BatchRequest, decodereply

NOLIMITS = Limits()
HERE, BAD, GONE = b'here', b'damaged', b'not here'


@pytest.fixture
def store():
    made = MemoryStore(HERE)
    made.blobs[oidof(BAD)] = b'DAMAGED'
    return made


class Places:
    """Action URLs ``x:``, with the parameters that they were asked for."""

    def object(self, ref, operation):
        return Action('x:%s/%s' % (operation, ref.oid.decode()))

    def smallblobs(self, operation):
        return Action('x:packs/' + operation)

    def verify(self, ref):
        return Action('x:verify/' + ref.oid.decode())


def test_a_blob_reported_as_present_is_protected_from_removal(folder):
    store = DiskStore(folder)
    store.ingest([HERE])
    os.utime(store.path(oidof(HERE)), (0, 0))
    (found,) = answers(store, 'download', HERE)
    assert 'download' in found.actions
    assert store.expire(oidof(HERE), 1) is True
    store.ingest([HERE])
    os.utime(store.path(oidof(HERE)), (0, 0))
    (found,) = answers(store, 'upload', HERE)
    assert not found.actions
    assert store.expire(oidof(HERE), 1) is False


def ask(store, operation, *refs, transfers=('basic',), limits=NOLIMITS):
    request = BatchRequest(operation, refs, transfers)
    return batch.answer(request, store, Places(), limits)


def answer(store, operation, *contents, **how):
    return ask(store, operation, *map(refto, contents), **how)


def answers(store, operation, *contents, **how):
    return decodereply(answer(store, operation, *contents, **how)).answers


def test_every_object_is_answered_in_order(store):
    for operation in ('upload', 'download'):
        reply = json.loads(answer(store, operation, GONE, HERE, BAD))
        assert reply['transfer'] == 'basic'
        assert [item['oid'].encode() for item in reply['objects']] == [
            oidof(content) for content in (GONE, HERE, BAD)
        ]


def test_a_download_has_an_action_or_an_error(store):
    here, gone, bad = answers(store, 'download', HERE, GONE, BAD)
    assert here.actions['download'].href == 'x:download/' + oidof(HERE).decode()
    assert (gone.errorcode, gone.actions) == (404, {})
    assert (bad.errorcode, bad.actions) == (422, {})


def test_an_upload_is_requested_if_the_blob_is_missing_or_damaged(store):
    here, gone, bad = answers(store, 'upload', HERE, GONE, BAD)
    assert (here.errorcode, here.actions) == (None, {})
    assert list(gone.actions) == ['upload']
    assert list(bad.actions) == ['upload']


def test_a_present_blob_has_no_actions_member(store):
    (item,) = json.loads(answer(store, 'upload', HERE))['objects']
    assert set(item) == {'oid', 'size'}


@pytest.mark.parametrize('operation', ['upload', 'download'])
def test_a_size_mismatch_is_an_error(store, operation):
    wrong = BlobRef(oidof(HERE), len(HERE) + 1)
    (item,) = decodereply(ask(store, operation, wrong)).answers
    assert (item.errorcode, item.actions) == (422, {})
    assert str(len(HERE)) in item.errormessage


def test_a_verified_blob_is_not_read():
    class Unread(MemoryStore):
        def stat(self, oid):
            return self.size(oid), False

        def damaged(self, oid):
            raise AssertionError('it was read')

    for operation in ('upload', 'download'):
        (item,) = answers(Unread(HERE), operation, HERE)
        assert item.errorcode is None


def test_a_blob_over_the_size_limit_can_be_downloaded_but_not_uploaded(store):
    limits = Limits(size=len(GONE) - 1)
    gone, here = answers(store, 'upload', GONE, HERE, limits=limits)
    assert (gone.errorcode, here.errorcode) == (422, None)
    assert answers(store, 'download', HERE, limits=limits)[0].actions


def test_an_upload_without_disk_space_is_refused():
    class Full(MemoryStore):
        def room(self):
            return len(GONE) - 1

    (gone,) = answers(Full(), 'upload', GONE)
    assert (gone.errorcode, gone.actions) == (507, {})


def test_resumable_uploads_are_verified(store):
    (gone,) = answers(store, 'upload', GONE, transfers=('tus',))
    assert set(gone.actions) == {'upload', 'verify'}
    (gone,) = answers(store, 'upload', GONE)
    assert set(gone.actions) == {'upload'}


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
def test_the_best_common_adapter_is_chosen(store, operation, offered, chosen):
    reply = decodereply(answer(store, operation, GONE, transfers=offered))
    assert reply.transfer == chosen
    if chosen == 'hglfs-packs':
        assert reply.smallblobs.href == 'x:packs/' + operation
    else:
        assert reply.smallblobs is None


def test_a_request_without_a_common_adapter_is_refused():
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
def test_an_unreadable_object_does_not_affect_other_answers(operation, error):
    class Failing(MemoryStore):
        def damaged(self, oid):
            if oid == oidof(BAD):
                raise error
            return super().damaged(oid)

    replies = answers(Failing(HERE, BAD), operation, BAD, HERE)
    assert [item.ref.oid for item in replies] == [oidof(BAD), oidof(HERE)]
    assert replies[1].errorcode is None
    assert replies[0].errorcode is not None or replies[0].actions
