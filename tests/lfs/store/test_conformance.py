"""What every BlobStore does, of whichever kind."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import processes, stores
from support.blobs import oidof, pieces, readall

from hgext3rd.hglfs.lfs.errors import BlobMangled, BlobMissing

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)
OTHER = b'0' * 64


@pytest.fixture(params=stores.KINDS, ids=lambda kind: kind.__name__)
def kit(request, folder):
    return request.param(folder)


@pytest.fixture
def store(kit):
    return kit.store


def test_an_ingested_blob_can_be_read(store):
    assert store.ingest(pieces(CONTENT), OID, len(CONTENT)) == (OID, len(CONTENT))
    assert store.has(OID)
    assert store.size(OID) == len(CONTENT)
    assert list(store) == [OID]
    assert readall(store, OID) == CONTENT
    assert not store.damaged(OID)
    store.link_local(OID)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary()))
def test_any_content_in_any_chunks(store, chunks):
    content = b''.join(chunks)
    oid, size = store.ingest(iter(chunks))
    assert (oid, size) == (oidof(content), len(content))
    assert readall(store, oid) == content


def test_ingest_needs_no_expected_oid(store):
    assert store.ingest(pieces(CONTENT)) == (OID, len(CONTENT))


def test_an_empty_blob_can_be_stored(store):
    oid, size = store.ingest([], oidof(b''), 0)
    assert (size, store.size(oid)) == (0, 0)
    assert store.has(oid)
    assert readall(store, oid) == b''
    assert not store.damaged(oid)


def test_a_missing_blob_raises(store):
    assert not store.has(OID)
    assert store.size(OID) is None
    assert list(store) == []
    for ask in (store.open, store.link_local, store.damaged):
        with pytest.raises(BlobMissing) as caught:
            ask(OID)
        assert OID in caught.value.message


def test_a_removed_blob_is_missing(store):
    store.ingest([CONTENT])
    store.remove(OID)
    store.remove(OID)
    assert not store.has(OID)
    assert store.size(OID) is None
    assert list(store) == []


@pytest.mark.parametrize(
    ('oid', 'size'),
    [(OTHER, None), (OTHER, len(CONTENT)), (OID, len(CONTENT) - 1), (None, 0)],
)
def test_a_blob_with_a_wrong_digest_or_size_leaves_no_trace(kit, oid, size):
    with pytest.raises(BlobMangled) as caught:
        kit.store.ingest(pieces(CONTENT), oid, size)
    assert not caught.value.transient
    assert not kit.trace()
    assert not kit.store.has(OID)
    assert not kit.store.has(OTHER)


@pytest.mark.parametrize('error', [OSError('line broke'), KeyboardInterrupt()])
def test_chunks_that_raise_leave_no_trace(kit, error):
    with pytest.raises(type(error)) as caught:
        kit.store.ingest(_breaking(error))
    assert caught.value is error
    assert not kit.trace()


def _breaking(error):
    yield CONTENT
    yield CONTENT
    raise error


def test_a_failure_keeps_the_earlier_blob(kit):
    kit.store.ingest([CONTENT])
    before = kit.trace()
    with pytest.raises(BlobMangled):
        kit.store.ingest([b'something else'], OID)
    with pytest.raises(OSError, match='broke'):
        kit.store.ingest(_breaking(OSError('broke')))
    assert kit.trace() == before
    assert readall(kit.store, OID) == CONTENT


def test_readers_never_see_a_partial_blob(store):
    def watched():
        for chunk in pieces(CONTENT):
            assert not store.has(OID)
            assert store.size(OID) is None
            assert list(store) == []
            with pytest.raises(BlobMissing):
                store.open(OID)
            yield chunk

    store.ingest(watched(), OID, len(CONTENT))
    assert store.has(OID)


def test_readers_see_the_old_blob_while_it_is_replaced(store):
    def watched():
        for chunk in pieces(CONTENT):
            assert readall(store, OID) == CONTENT
            yield chunk

    store.ingest([CONTENT])
    with store.open(OID) as early:
        store.ingest(watched())
        assert early.read() == CONTENT
    assert list(store) == [OID]


def test_a_damaged_blob_is_detected_and_repaired_by_ingest(kit):
    kit.store.ingest([CONTENT])
    kit.spoil(OID, b'A' + CONTENT[1:])
    assert kit.store.damaged(OID)
    kit.store.ingest([CONTENT], OID)
    assert not kit.store.damaged(OID)
    assert readall(kit.store, OID) == CONTENT


def test_a_truncated_blob_is_damaged(kit):
    kit.store.ingest([CONTENT])
    kit.spoil(OID, CONTENT[:-1])
    assert kit.store.damaged(OID)


@pytest.mark.parametrize('durable', [False, True])
def test_flush_may_be_called_at_any_time(store, durable):
    store.flush()
    store.ingest([CONTENT], durable=durable)
    store.ingest([b'other'], durable=durable)
    store.remove(oidof(b'other'))
    store.flush()
    store.flush()
    assert readall(store, OID) == CONTENT


@pytest.mark.parametrize('oid', [b'', b'..', OID.upper(), b'../' * 21 + b'a', OID[:-1]])
def test_an_invalid_oid_never_becomes_a_path(kit, oid):
    for ask in (kit.store.has, kit.store.size, kit.store.open, kit.store.remove):
        with contextlib.suppress(ValueError, BlobMissing):
            assert not ask(oid)
    assert not kit.trace()


def test_threads_may_ingest_the_same_blobs_at_once(kit):
    contents = [CONTENT + b'%d' % number for number in range(5)]
    start = threading.Barrier(8)
    failures = []

    def work():
        start.wait()
        for content in contents * 4:
            try:
                kit.store.ingest(pieces(content, 50), oidof(content), len(content))
                assert readall(kit.store, oidof(content)) == content
            except BaseException as exc:
                failures.append(exc)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    kit.store.flush()
    assert sorted(kit.store) == sorted(map(oidof, contents))
    assert not any(b'incoming' in os.fsencode(name) for name in kit.trace())


def test_processes_may_ingest_the_same_blobs_at_once(kit):
    if not kit.ondisk:
        pytest.skip('what is in memory is in one process')
    contents = [CONTENT + b'%d' % number for number in range(5)]

    def work():
        for content in contents * 10:
            kit.store.ingest(pieces(content, 50), oidof(content), len(content))
            assert readall(kit.store, oidof(content)) == content

    children = [processes.fork(work) for _ in range(4)]
    ended = [processes.succeeded(child) for child in children]
    assert all(ended)
    assert sorted(kit.store) == sorted(map(oidof, contents))
    assert not any(b'incoming' in name for name in kit.trace())
