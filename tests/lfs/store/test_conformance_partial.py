"""What every BlobStore does with blobs received in several attempts, or in parts."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import stores
from support.blobs import Notes, oidof, pieces, readall

from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    BlobMissing,
    ConnectionFailed,
    RemoteError,
)
from hgext3rd.hglfs.lfs.store import segments

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)


pytestmark = pytest.mark.usefixtures('resumed')


@pytest.fixture(params=stores.KINDS, ids=lambda kind: kind.__name__)
def kit(request, folder):
    return request.param(folder)


@pytest.fixture
def store(kit):
    return kit.store


# blobs received in several attempts


class Source:
    """A source that sends a content from the requested offset to a limit."""

    def __init__(self, content=CONTENT, ends=None, deaf=False, error=None) -> None:
        self.content = content
        self.ends = ends
        self.deaf = deaf
        self.error = error
        self.asked: list[int] = []

    def __call__(self, offset: int):
        self.asked.append(offset)
        start = 0 if self.deaf else offset
        return start, self._chunks(start)

    def _chunks(self, start: int):
        yield from pieces(self.content[start : self.ends])
        if self.error is not None:
            raise self.error


SIZE = len(CONTENT)


def receive(kit, source, oid=OID, size=SIZE) -> None:
    kit.store.receive(oid, size, source)


def begin(kit, upto: int, content=CONTENT) -> None:
    """Let a blob's start arrive."""
    with pytest.raises(RemoteError) as caught:
        kit.store.receive(OID, len(CONTENT), Source(content, upto))
    assert caught.value.transient


@pytest.mark.parametrize('durable', [False, True])
def test_a_received_blob_is_stored_and_leaves_no_partial_file(kit, durable):
    source = Source()
    kit.store.receive(OID, len(CONTENT), source, durable)
    assert source.asked == [0]
    assert readall(kit.store, OID) == CONTENT
    assert list(kit.store) == [OID]
    assert kit.store.partial(OID) == 0
    assert not any(b'partial-' in os.fsencode(name) for name in kit.trace())


def test_an_empty_blob_can_be_received(kit):
    receive(kit, Source(b''), oidof(b''), 0)
    assert readall(kit.store, oidof(b'')) == b''


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(0, len(CONTENT) - 1), max_size=4))
def test_a_blob_can_be_received_in_any_number_of_attempts(kit, ends):
    kit.store.remove(OID)
    most = 0
    for upto in ends:
        source = Source(ends=max(upto, most))
        with pytest.raises(RemoteError):
            receive(kit, source)
        assert source.asked == [most]
        most = max(upto, most)
        assert kit.store.partial(OID) == most
        assert not kit.store.has(OID)
    source = Source()
    receive(kit, source)
    assert source.asked == [most]
    assert readall(kit.store, OID) == CONTENT
    assert kit.store.partial(OID) == 0


@pytest.mark.parametrize(
    'error', [ConnectionFailed(b'broke', transient=True), KeyboardInterrupt()]
)
def test_bytes_before_an_error_are_kept_and_the_error_is_raised(kit, error):
    with pytest.raises(type(error)) as caught:
        receive(kit, Source(ends=30, error=error))
    assert caught.value is error
    assert kit.store.partial(OID) == 30
    receive(kit, Source())
    assert readall(kit.store, OID) == CONTENT


def test_a_partial_blob_is_not_listed(kit):
    begin(kit, 30)
    assert not kit.store.has(OID)
    assert kit.store.size(OID) is None
    assert list(kit.store) == []
    with pytest.raises(BlobMissing):
        kit.store.open(OID)


def test_a_source_may_start_over(kit):
    begin(kit, 30, b'x' * 50)
    source = Source(deaf=True)
    receive(kit, source)
    assert source.asked == [30]
    assert readall(kit.store, OID) == CONTENT


def test_a_source_that_starts_over_replaces_the_partial_blob(kit):
    begin(kit, 30)
    with pytest.raises(RemoteError):
        receive(kit, Source(ends=10, deaf=True))
    assert kit.store.partial(OID) == 10


def test_a_source_that_starts_at_another_offset_is_refused(kit):
    begin(kit, 30)
    with pytest.raises(BlobMangled):
        receive(kit, lambda offset: (20, [CONTENT[20:]]))
    assert not kit.store.has(OID)
    assert kit.store.partial(OID) == 0


def test_a_wrong_partial_blob_is_discarded_and_the_error_is_transient(kit):
    begin(kit, 30, b'x' * 50)
    with pytest.raises(BlobMangled) as caught:
        receive(kit, Source())
    assert caught.value.transient
    assert kit.store.partial(OID) == 0
    assert not kit.store.has(OID)
    receive(kit, Source())
    assert readall(kit.store, OID) == CONTENT


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT + b'!'])
def test_a_wrong_blob_is_a_permanent_error_and_leaves_no_trace(kit, bad):
    with pytest.raises(BlobMangled) as caught:
        receive(kit, Source(bad))
    assert not caught.value.transient
    assert not kit.trace()
    assert not kit.store.has(OID)


def test_a_complete_partial_blob_is_not_requested(kit):
    with pytest.raises(ZeroDivisionError):
        receive(kit, Source(error=ZeroDivisionError()))
    assert kit.store.partial(OID) == len(CONTENT)
    source = Source()
    receive(kit, source)
    assert source.asked == []
    assert readall(kit.store, OID) == CONTENT


def test_an_oversized_partial_blob_is_not_resumed(kit):
    with pytest.raises(ZeroDivisionError):
        receive(kit, Source(CONTENT * 2, error=ZeroDivisionError()))
    source = Source()
    receive(kit, source)
    assert source.asked == [0]
    assert readall(kit.store, OID) == CONTENT


def test_a_second_receiver_of_the_same_blob_succeeds(kit):
    other = Source()

    def source(offset):
        def chunks():
            yield CONTENT[:30]
            receive(kit, other)
            assert readall(kit.store, OID) == CONTENT
            yield CONTENT[30:]

        return offset, chunks()

    receive(kit, source)
    assert other.asked == [0]
    assert list(kit.store) == [OID]
    assert readall(kit.store, OID) == CONTENT


def test_threads_may_receive_the_same_blob_at_once(kit):
    start, failures = threading.Barrier(6), []

    def work():
        start.wait()
        for _turn in range(5):
            try:
                receive(kit, Source())
                assert readall(kit.store, OID) == CONTENT
            except BaseException as exc:
                failures.append(exc)

    _inthreads(work, 6)
    assert not failures
    assert list(kit.store) == [OID]


def _inthreads(work, count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# blobs received in parts

PART = 40


@pytest.fixture
def smallparts(monkeypatch):
    """Lower the size of parts, so that a small blob has several."""
    monkeypatch.setattr(segments, 'PART', PART)


inparts = pytest.mark.usefixtures('smallparts')


def parted(kit):
    return kit.store.segments(OID, len(CONTENT))


def claimed(parts) -> list:
    """Claim and return all free parts."""
    return list(iter(parts.claim, None))


def fill(parts, part, upto=None, content=CONTENT) -> None:
    for chunk in pieces(content[part.start : part.end][:upto]):
        parts.write(part, chunk)
    parts.release(part)


def fillall(kit, content: bytes) -> None:
    with parted(kit) as parts:
        for part in claimed(parts):
            fill(parts, part, content=content)


@inparts
def test_parts_may_come_in_any_order(kit):
    with parted(kit) as parts:
        found = claimed(parts)
        assert [(part.start, part.end) for part in found] == [
            (0, 40),
            (40, 80),
            (80, 100),
        ]
        for part in reversed(found):
            assert not kit.store.has(OID)
            assert parts.there == len(CONTENT) - part.end
            fill(parts, part)
        assert parts.settle()
    assert readall(kit.store, OID) == CONTENT
    assert not any(b'parts-' in os.fsencode(name) for name in kit.trace())


@inparts
@pytest.mark.parametrize('size', [0, 1, 39, 40, 41, 80])
def test_a_blob_of_any_size_is_split_into_parts(kit, size):
    content = CONTENT[:size]
    with kit.store.segments(oidof(content), size) as parts:
        found = claimed(parts)
        assert sum(part.end - part.start for part in found) == size
        for part in found:
            fill(parts, part)
        assert parts.settle()
    assert readall(kit.store, oidof(content)) == content


@inparts
def test_received_parts_are_resumed(kit):
    with contextlib.suppress(ZeroDivisionError), parted(kit) as parts:
        one, two, three = claimed(parts)
        fill(parts, two)
        fill(parts, one, 10)
        parts.release(three)
        raise ZeroDivisionError
    assert not kit.store.has(OID)
    with parted(kit) as parts:
        assert parts.there == 50
        found = claimed(parts)
        assert [(part.start, part.end) for part in found] == [(10, 40), (80, 100)]
        for part in found:
            fill(parts, part)
    assert readall(kit.store, OID) == CONTENT


@inparts
def test_parts_completed_in_an_earlier_attempt_are_settled(kit):
    with contextlib.suppress(ZeroDivisionError), parted(kit) as parts:
        for part in claimed(parts):
            fill(parts, part)
        raise ZeroDivisionError
    with parted(kit) as parts:
        assert parts.claim() is None
        assert parts.settle()
    assert readall(kit.store, OID) == CONTENT


@inparts
def test_unused_parts_leave_no_trace(kit):
    with contextlib.suppress(ZeroDivisionError), parted(kit):
        raise ZeroDivisionError
    assert not kit.trace()


@inparts
def test_wrong_parts_are_a_permanent_error_and_leave_no_trace(kit):
    with pytest.raises(BlobMangled) as caught:
        fillall(kit, b'A' + CONTENT[1:])
    assert not caught.value.transient
    assert not kit.trace()
    assert not kit.store.has(OID)


@inparts
def test_wrong_parts_of_an_earlier_attempt_are_discarded(kit):
    with contextlib.suppress(ZeroDivisionError), parted(kit) as parts:
        fill(parts, parts.claim(), content=b'A' + CONTENT[1:])
        raise ZeroDivisionError
    with pytest.raises(BlobMangled) as caught:
        fillall(kit, CONTENT)
    assert caught.value.transient
    with parted(kit) as parts:
        assert parts.there == 0
        for part in claimed(parts):
            fill(parts, part)
    assert readall(kit.store, OID) == CONTENT


@inparts
def test_a_released_part_can_be_claimed_again(kit):
    with parted(kit) as parts:
        first, *others = claimed(parts)
        assert parts.claim() is None
        fill(parts, first, 10)
        again = parts.claim()
        assert (again.start, again.end) == (10, 40)
        for part in [again, *others]:
            fill(parts, part)
    assert readall(kit.store, OID) == CONTENT


@inparts
def test_a_second_receiver_gets_no_parts(kit):
    with parted(kit) as parts:
        with parted(kit) as others:
            assert others is None
        for part in claimed(parts):
            fill(parts, part)
    assert readall(kit.store, OID) == CONTENT


@inparts
def test_threads_share_the_parts(kit):
    failures = []

    def work(parts):
        try:
            while True:
                while (part := parts.claim()) is not None:
                    fill(parts, part, PART // 2)  # then the rest is free again
                if parts.settle():
                    return
        except BaseException as exc:
            failures.append(exc)

    with parted(kit) as parts:
        _inthreads(lambda: work(parts), 4)
    assert not failures
    assert readall(kit.store, OID) == CONTENT


# blobs of another store


def test_a_blob_of_another_store_can_be_shared(kit, folder):
    other = stores.disk(os.path.join(folder + b'-other', b'other')).store
    other.ingest([CONTENT])
    seen = []

    def watch(chunks):
        for chunk in chunks:
            seen.append(chunk)
            yield chunk

    for _turn in range(2):
        with other.open(OID) as handle:
            kit.store.share(handle, OID, len(CONTENT), watch)
    assert b''.join(seen) == CONTENT * 2
    assert readall(kit.store, OID) == CONTENT
    other.remove(OID)
    assert readall(kit.store, OID) == CONTENT
    kit.store.flush()


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT[:-1], b''])
def test_a_damaged_blob_of_another_store_is_not_shared(kit, folder, bad):
    other = stores.disk(os.path.join(folder + b'-other', b'other')).store
    other.ingest([CONTENT])
    stores.overwrite(other.path(OID), bad)
    with pytest.raises(BlobMangled), other.open(OID) as handle:
        kit.store.share(handle, OID, len(CONTENT))
    assert not kit.trace()


def test_sharing_repairs_a_damaged_blob(kit, folder):
    other = stores.disk(os.path.join(folder + b'-other', b'other')).store
    other.ingest([CONTENT])
    kit.store.ingest([CONTENT])
    kit.spoil(OID, b'A' + CONTENT[1:])
    with other.open(OID) as handle:
        kit.store.share(handle, OID, len(CONTENT))
    assert not kit.store.damaged(OID)


def test_with_log_returns_the_same_store_with_another_log(store):
    other = store.with_log(Notes())
    other.ingest([CONTENT])
    assert readall(store, OID) == CONTENT
