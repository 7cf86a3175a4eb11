"""Killed processes: their temporary files are removed or resumed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time

import pytest
from support import processes
from support.blobs import oidof, pieces, readall
from support.stores import files, leftovers, overwrite

from hgext3rd.hglfs.lfs.store.disk import DiskStore

CONTENT = b'a large file, as it were\n' * 4
OID = oidof(CONTENT)


def test_a_process_killed_at_any_moment_leaves_the_store_consistent(store):
    dice = random.Random(7)
    for turn in range(12):
        child = processes.fork(lambda turn=turn: _keepbusy(store, turn))
        time.sleep(dice.uniform(0.001, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert not any(store.damaged(oid) for oid in store)


def _keepbusy(store, turn):
    number = 0
    while True:
        number += 1
        content = b'%d.%d ' % (turn, number) * 50000
        store.ingest(pieces(content, 4096), durable=number % 3 == 0)


def test_temporary_files_of_a_killed_process_are_swept_when_old(store):
    old = _killed(store)
    fresh = _killed(store)
    assert leftovers(store.root) == sorted([old, fresh])
    assert list(store) == []
    fourdaysago = time.time() - 4 * 24 * 3600
    os.utime(old, (fourdaysago, fourdaysago))
    DiskStore(store.root).ingest([CONTENT])
    assert leftovers(store.root) == [fresh]


def _killed(store) -> bytes:
    """Kill a process in the middle of an ingest; return the file it left."""
    before = set(leftovers(store.root))
    ready, writer = os.pipe()

    def chunks():
        yield b'x' * (1 << 20)
        os.write(writer, b'!')
        time.sleep(60)

    child = processes.fork(lambda: store.ingest(chunks()))
    assert os.read(ready, 1) == b'!'
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ready)
    os.close(writer)
    (left,) = set(leftovers(store.root)) - before
    return left


BIG = b'0123456789abcdef' * (1 << 16)


def test_a_download_of_a_killed_process_is_resumed(store):
    def keep(content):
        def chunks():
            yield content[:5000]
            yield b''
            os.write(writer, b'!')
            time.sleep(60)

        store.receive(oidof(content), len(content), lambda offset: (0, chunks()))

    ready, writer = os.pipe()
    child = processes.fork(lambda: keep(BIG))
    assert os.read(ready, 1) == b'!'
    assert store.partial(oidof(BIG)) == 5000
    alone = DiskStore(store.root)
    alone.receive(oidof(b'other'), 5, lambda offset: (0, [b'other']))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    asked = []

    def source(offset):
        asked.append(offset)
        return offset, pieces(BIG[offset:], 100000)

    DiskStore(store.root).receive(oidof(BIG), len(BIG), source)
    assert asked == [5000]
    assert readall(store, oidof(BIG)) == BIG


def test_a_blob_that_another_process_receives_can_be_received_as_well(store):
    def chunks():
        yield BIG[:5000]
        work = processes.fork(lambda: other.receive(oidof(BIG), len(BIG), whole))
        assert processes.succeeded(work)
        assert readall(store, oidof(BIG)) == BIG
        yield BIG[5000:]

    def whole(offset):
        assert offset == 0
        return 0, pieces(BIG, 100000)

    other = DiskStore(store.root)
    store.receive(oidof(BIG), len(BIG), lambda offset: (0, chunks()))
    assert readall(store, oidof(BIG)) == BIG
    assert files(store.root) == [store.path(oidof(BIG))]


def test_parts_of_a_killed_process_are_resumed(store):
    def keep(content):
        with store.segments(oidof(content), len(content)) as parts:
            parts.write(parts.claim(), content[:5000])
            os.write(writer, b'!')
            time.sleep(60)

    ready, writer = os.pipe()
    child = processes.fork(lambda: keep(BIG))
    assert os.read(ready, 1) == b'!'
    with store.segments(oidof(BIG), len(BIG)) as busy:
        assert busy is None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with store.segments(oidof(BIG), len(BIG)) as parts:
        assert parts.there == 5000
        part = parts.claim()
        parts.write(part, BIG[5000:])
        parts.release(part)
    assert readall(store, oidof(BIG)) == BIG
    assert files(store.root) == [store.path(oidof(BIG))]


def _begin(store, content: bytes) -> None:
    """Let the start of a blob in parts arrive."""
    ended = contextlib.suppress(ZeroDivisionError)
    with ended, store.segments(oidof(content), len(content)) as parts:
        part = parts.claim()
        parts.write(part, content[:5000])
        parts.release(part)
        raise ZeroDivisionError


@pytest.mark.parametrize(
    'state',
    [
        b'',
        b'x',
        b'\0' * 7,
        b'\0' * 16,
        b'\xff' * 8,
        (len(BIG)).to_bytes(8, 'big'),  # more than the file itself has
        (5001).to_bytes(8, 'big'),
        (len(BIG) + 1).to_bytes(8, 'big'),
    ],
)
def test_an_invalid_map_of_parts_is_discarded(store, state):
    _begin(store, BIG)
    (place,) = [path for path in files(store.root) if path.endswith(b'.map')]
    overwrite(place, state)
    with store.segments(oidof(BIG), len(BIG)) as parts:
        assert parts.there == 0
        part = parts.claim()
        parts.write(part, BIG)
        parts.release(part)
    assert readall(store, oidof(BIG)) == BIG


@pytest.mark.parametrize('kind', ['receive', 'segments'])
def test_abandoned_partial_blobs_are_swept_when_old(store, kind):
    if kind == 'segments':
        _begin(store, BIG)
    else:
        with pytest.raises(ZeroDivisionError):
            store.receive(OID, 1 << 20, lambda offset: (0, _ends()))
    left = files(store.root)
    assert left
    DiskStore(store.root).ingest([b'one'])
    assert set(left) < set(files(store.root))
    fourdaysago = time.time() - 4 * 24 * 3600
    for path in left:
        os.utime(path, (fourdaysago, fourdaysago))
    DiskStore(store.root).ingest([b'two'])
    assert not set(left) & set(files(store.root))


def _ends():
    yield b'x'
    raise ZeroDivisionError


def test_temporary_files_of_a_slow_process_are_not_swept(store):
    def slow():
        yield CONTENT[:10]
        DiskStore(store.root).ingest([b'another one'])
        yield CONTENT[10:]

    store.ingest(slow(), OID)
    assert readall(store, OID) == CONTENT
