"""Packs sent from a store, and received into one."""

from __future__ import annotations

import pytest
from support.blobs import oidof, pieces
from support.memory import MemoryStore

from hgext3rd.hglfs.lfs.errors import ConnectionFailed, StoreFailed
from hgext3rd.hglfs.lfs.server import blobs
from hgext3rd.hglfs.lfs.store.intake import Intake
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.blobstream import Item
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

HERE, MORE, GONE = b'here' * 20, b'more', b'not here'
LARGE = b'a large file, as it were\n' * 60000


@pytest.fixture
def store():
    return MemoryStore(HERE, MORE)


def sent(items, store) -> list[tuple[Item, bytes]]:
    stream = blobs.send(items, store)
    return [(item, b''.join(body)) for item, body in blobstream.Reader(stream).frames()]


def take(store, *frames, upto=None) -> list[int]:
    """Receive a pack into a store; return the codes of its blobs."""
    stream = b''.join(blobstream.encode(frames))[:upto]
    reply = blobs.take(blobstream.Reader(pieces(stream, 50000)), store)
    found = list(blobstream.Reader([reply]).items())
    assert [item.oid for item in found] == [item.oid for item, _body in frames]
    return [item.code for item in found]


def whole(content: bytes, offset: int = 0):
    return Item(oidof(content), len(content), offset), [content[offset:]]


def keep(store, content: bytes, upto: int) -> None:
    """Let a part of a blob arrive."""

    def source(offset):
        yield content[:upto]
        raise ConnectionFailed(b'broke')

    with pytest.raises(ConnectionFailed):
        store.receive(oidof(content), len(content), lambda offset: (0, source(offset)))
    assert store.partial(oidof(content)) == upto


def test_an_oversized_blob_does_not_affect_others(store):
    intake = Intake(store, len(LARGE) - 1)
    assert take(intake, whole(GONE), whole(LARGE), whole(b'last')) == [201, 413, 201]
    assert not store.has(oidof(LARGE))
    assert store.partial(oidof(LARGE)) == 0
    assert store.has(oidof(b'last'))


def test_have_reports_oversized_blobs(store):
    keep(store, LARGE, 5000)
    reply = blobs.have([asked(HERE), asked(GONE), asked(LARGE)], store, len(GONE))
    assert list(blobstream.Reader([reply]).items()) == [
        Item(oidof(HERE), len(HERE), len(HERE)),
        Item(oidof(GONE), code=404),
        Item(oidof(LARGE), code=413),
    ]


def asked(content: bytes, offset: int = 0) -> Item:
    return Item(oidof(content), len(content), offset)


def test_have_reports_present_and_partial_blobs(store):
    keep(store, LARGE, 5000)
    reply = blobs.have([asked(HERE), asked(GONE), asked(LARGE)], store)
    assert list(blobstream.Reader([reply]).items()) == [
        Item(oidof(HERE), len(HERE), len(HERE)),
        Item(oidof(GONE), code=404),
        Item(oidof(LARGE), len(LARGE), 5000),
    ]


@pytest.mark.parametrize('size', [1, len(LARGE)])
def test_have_reports_an_unverified_upload_as_missing(store, size):
    keep(store, LARGE, len(LARGE))
    reply = blobs.have([Item(oidof(LARGE), size)], store)
    assert list(blobstream.Reader([reply]).items()) == [Item(oidof(LARGE), code=404)]


def test_have_reports_the_real_size(store):
    reply = blobs.have([Item(oidof(HERE), 1)], store)
    (found,) = blobstream.Reader([reply]).items()
    assert (found.size, found.offset) == (len(HERE), len(HERE))


def test_blobs_are_sent_in_the_order_of_the_request(store):
    items = [asked(MORE), asked(GONE), asked(HERE)]
    assert sent(items, store) == [
        (asked(MORE), MORE),
        (Item(oidof(GONE), code=404), b''),
        (asked(HERE), HERE),
    ]


@pytest.mark.parametrize('offset', [0, 1, len(HERE) - 1, len(HERE)])
def test_a_blob_is_sent_from_an_offset(store, offset):
    item = asked(HERE, offset)
    assert sent([item], store) == [(item, HERE[offset:])]


def test_an_offset_beyond_the_end_is_answered_404(store):
    wanted = Item(oidof(MORE), 1000, 999)
    assert sent([wanted], store) == [(Item(oidof(MORE), code=404), b'')]


def test_an_empty_request_gives_an_empty_pack(store):
    assert sent([], store) == []
    assert take(store) == []


def test_received_blobs_are_stored(store):
    assert take(store, whole(GONE), whole(b''), whole(LARGE)) == [201] * 3
    assert store.blobs[oidof(LARGE)] == LARGE
    assert store.blobs[oidof(GONE)] == GONE


def test_a_wrong_blob_does_not_affect_others(store):
    bad = Item(oidof(GONE), 3), [b'bad']
    assert take(store, whole(b'one'), bad, whole(b'two')) == [201, 400, 201]
    assert not store.has(oidof(GONE))
    assert store.has(oidof(b'two'))


def test_a_code_in_place_of_a_blob_is_refused(store):
    assert take(store, (Item(oidof(GONE), code=404), []), whole(b'two')) == [400, 201]


def test_a_large_upload_is_resumed(store):
    keep(store, LARGE, 5000)
    assert take(store, whole(LARGE, 5000), whole(b'two')) == [201, 201]
    assert store.blobs[oidof(LARGE)] == LARGE


def test_bytes_received_twice_are_skipped(store):
    keep(store, LARGE, 9000)
    assert take(store, whole(LARGE, 5000)) == [201]
    assert store.blobs[oidof(LARGE)] == LARGE


def test_a_gap_is_a_conflict(store):
    keep(store, LARGE, 5000)
    assert take(store, whole(LARGE, 9000), whole(b'two')) == [409, 201]
    assert not store.has(oidof(LARGE))
    assert store.partial(oidof(LARGE)) == 5000


def test_a_small_blob_with_an_offset_is_a_conflict(store):
    assert take(store, whole(GONE, 2)) == [409]


def test_an_interrupted_large_upload_is_kept(store):
    with pytest.raises(WireError):
        take(store, whole(b'one'), whole(LARGE), upto=600000)
    assert store.has(oidof(b'one'))
    assert not store.has(oidof(LARGE))
    assert 500000 < store.partial(oidof(LARGE)) < 600000
    rest = store.partial(oidof(LARGE))
    assert take(store, whole(LARGE, rest)) == [201]


def test_a_full_disk_is_reported_per_blob(store):
    class Full(MemoryStore):
        def ingest(self, chunks, oid=None, size=None, durable=False):
            if size == 3:
                raise StoreFailed(b'no space left on device')
            return super().ingest(chunks, oid, size, durable)

    full = Full()
    assert take(full, whole(GONE), whole(b'one')) == [201, 507]


def test_blobs_are_flushed_before_the_answer():
    class Noting(MemoryStore):
        flushed = 0

        def flush(self):
            self.flushed = len(self.blobs)

    store = Noting()
    take(store, whole(b'one'), whole(b'two'))
    assert store.flushed == 2


def test_a_blob_removed_while_it_is_sent_breaks_the_pack(store):
    class Leaving(MemoryStore):
        def open(self, oid):
            self.blobs.clear()
            return super().open(oid)

    leaving = Leaving(HERE)
    with pytest.raises(Exception, match='is not here'):
        sent([asked(HERE)], leaving)
