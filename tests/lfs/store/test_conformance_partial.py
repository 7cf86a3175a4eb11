"""What every BlobStore does with blobs that arrive in several goes, or in parts."""

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


# what arrives in several goes


class Source:
    """Sends a content from the offset it is asked for, as far as it gets."""

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
    """Has a blob's start arrive."""
    with pytest.raises(RemoteError) as caught:
        kit.store.receive(OID, len(CONTENT), Source(content, upto))
    assert caught.value.transient


@pytest.mark.parametrize('durable', [False, True])
def test_what_is_received_whole_is_there_and_no_trace_is_left(kit, durable):
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
def test_a_blob_is_received_in_any_number_of_goes(kit, ends):
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
def test_what_came_before_an_error_is_kept_and_the_error_passes(kit, error):
    with pytest.raises(type(error)) as caught:
        receive(kit, Source(ends=30, error=error))
    assert caught.value is error
    assert kit.store.partial(OID) == 30
    receive(kit, Source())
    assert readall(kit.store, OID) == CONTENT


def test_what_is_kept_is_no_blob(kit):
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


def test_a_source_that_starts_over_and_ends_early_leaves_what_it_sent(kit):
    begin(kit, 30)
    with pytest.raises(RemoteError):
        receive(kit, Source(ends=10, deaf=True))
    assert kit.store.partial(OID) == 10


def test_a_source_that_starts_elsewhere_is_refused(kit):
    begin(kit, 30)
    with pytest.raises(BlobMangled):
        receive(kit, lambda offset: (20, [CONTENT[20:]]))
    assert not kit.store.has(OID)
    assert kit.store.partial(OID) == 0


def test_a_mangled_beginning_is_thrown_away_and_all_is_well_on_another_try(kit):
    begin(kit, 30, b'x' * 50)
    with pytest.raises(BlobMangled) as caught:
        receive(kit, Source())
    assert caught.value.transient
    assert kit.store.partial(OID) == 0
    assert not kit.store.has(OID)
    receive(kit, Source())
    assert readall(kit.store, OID) == CONTENT


@pytest.mark.parametrize('bad', [b'A' + CONTENT[1:], CONTENT + b'!'])
def test_what_is_mangled_from_the_start_is_so_for_good_and_leaves_no_trace(kit, bad):
    with pytest.raises(BlobMangled) as caught:
        receive(kit, Source(bad))
    assert not caught.value.transient
    assert not kit.trace()
    assert not kit.store.has(OID)


def test_what_came_whole_in_an_earlier_attempt_is_not_asked_for(kit):
    with pytest.raises(ZeroDivisionError):
        receive(kit, Source(error=ZeroDivisionError()))
    assert kit.store.partial(OID) == len(CONTENT)
    source = Source()
    receive(kit, source)
    assert source.asked == []
    assert readall(kit.store, OID) == CONTENT


def test_more_than_the_blob_may_have_is_not_gone_on_after(kit):
    with pytest.raises(ZeroDivisionError):
        receive(kit, Source(CONTENT * 2, error=ZeroDivisionError()))
    source = Source()
    receive(kit, source)
    assert source.asked == [0]
    assert readall(kit.store, OID) == CONTENT


def test_a_second_who_receives_the_same_blob_goes_alone(kit):
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


# what arrives in parts

PART = 40


@pytest.fixture
def smallparts(monkeypatch):
    """Parts of a few bytes, so that a small blob has several."""
    monkeypatch.setattr(segments, 'PART', PART)


inparts = pytest.mark.usefixtures('smallparts')


def parted(kit):
    return kit.store.segments(OID, len(CONTENT))


def claimed(parts) -> list:
    """Returns all the parts that nobody has."""
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
def test_a_blob_of_any_size_has_the_parts_that_it_needs(kit, size):
    content = CONTENT[:size]
    with kit.store.segments(oidof(content), size) as parts:
        found = claimed(parts)
        assert sum(part.end - part.start for part in found) == size
        for part in found:
            fill(parts, part)
        assert parts.settle()
    assert readall(kit.store, oidof(content)) == content


@inparts
def test_what_has_come_of_parts_is_gone_on_after(kit):
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
def test_parts_that_all_came_in_an_earlier_attempt_are_complete(kit):
    with contextlib.suppress(ZeroDivisionError), parted(kit) as parts:
        for part in claimed(parts):
            fill(parts, part)
        raise ZeroDivisionError
    with parted(kit) as parts:
        assert parts.claim() is None
        assert parts.settle()
    assert readall(kit.store, OID) == CONTENT


@inparts
def test_nothing_is_left_where_nothing_has_come(kit):
    with contextlib.suppress(ZeroDivisionError), parted(kit):
        raise ZeroDivisionError
    assert not kit.trace()


@inparts
def test_parts_that_are_not_the_blob_are_refused_for_good_and_leave_no_trace(kit):
    with pytest.raises(BlobMangled) as caught:
        fillall(kit, b'A' + CONTENT[1:])
    assert not caught.value.transient
    assert not kit.trace()
    assert not kit.store.has(OID)


@inparts
def test_a_damaged_part_of_an_earlier_attempt_is_thrown_away_with_the_others(kit):
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
def test_a_part_that_is_given_back_is_for_another(kit):
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
def test_two_cannot_have_the_parts_of_a_blob(kit):
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
                    fill(parts, part, PART // 2)  # half of it, and it is free again
                if parts.settle():
                    return
        except BaseException as exc:
            failures.append(exc)

    with parted(kit) as parts:
        _inthreads(lambda: work(parts), 4)
    assert not failures
    assert readall(kit.store, OID) == CONTENT


# what another store has


def test_what_another_store_has_can_be_shared(kit, folder):
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
def test_what_is_damaged_in_another_store_is_not_shared(kit, folder, bad):
    other = stores.disk(os.path.join(folder + b'-other', b'other')).store
    other.ingest([CONTENT])
    stores.overwrite(other.path(OID), bad)
    with pytest.raises(BlobMangled), other.open(OID) as handle:
        kit.store.share(handle, OID, len(CONTENT))
    assert not kit.trace()


def test_sharing_mends_what_is_damaged(kit, folder):
    other = stores.disk(os.path.join(folder + b'-other', b'other')).store
    other.ingest([CONTENT])
    kit.store.ingest([CONTENT])
    kit.spoil(OID, b'A' + CONTENT[1:])
    with other.open(OID) as handle:
        kit.store.share(handle, OID, len(CONTENT))
    assert not kit.store.damaged(OID)


def test_a_thread_has_the_same_store_with_a_log_of_its_own(store):
    other = store.with_log(Notes())
    other.ingest([CONTENT])
    assert readall(store, OID) == CONTENT
