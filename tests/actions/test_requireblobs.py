"""Blobs of pushed changesets are checked before the changesets are accepted."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest
from mercurial import error
from support.blobs import oidof

from hgext3rd.hglfs.actions import scan
from hgext3rd.hglfs.actions.requireblobs import Inspector
from hgext3rd.hglfs.lfs.errors import PointerError
from hgext3rd.hglfs.lfs.pointer import Pointer
from hgext3rd.hglfs.lfs.store.disk import DiskStore


class History:
    """A file's history, with only the methods that the inspector calls."""

    def __init__(self, path: bytes, *texts: bytes) -> None:
        self.target = (None, path)
        self._texts = texts
        self.node = lambda rev: b'%020d' % rev
        self.rawsize = lambda rev: len(texts[rev])
        self.rawdata = lambda node: texts[int(node)]
        self.reading = contextlib.nullcontext

    def __len__(self) -> int:
        return len(self._texts)


@pytest.fixture
def store(folder):
    return DiskStore(folder)


def pointer(content: bytes, size: int | None = None) -> bytes:
    return Pointer(oidof(content), len(content) if size is None else size).encode()


def look(ui, store, *histories: History) -> tuple[bytes, bytes]:
    """Return what is printed on the way, and the refusal."""
    inspector = Inspector(ui, store)
    ui.pushbuffer(error=True)
    for history in histories:
        inspector.check(history, range(len(history)))
    refusal = hint = b''
    try:
        inspector.conclude()
    except error.Abort as exc:
        refusal = exc.message
        hint = exc.hint
    assert len(hint) < 256
    return ui.popbuffer(), refusal


def test_a_changeset_whose_blobs_are_held_is_accepted(ui, store):
    store.ingest([b'one'])
    store.ingest([b''])
    held = History(b'a', pointer(b'one'), pointer(b''))
    assert look(ui, store, held, held) == (b'', b'')


def test_a_file_with_several_missing_blobs_is_named_once(ui, store):
    store.ingest([b'one'])
    lacking = History(b'a', pointer(b'one'), pointer(b'two'), pointer(b'three'))
    said, refusal = look(ui, store, lacking)
    assert said == b'a: lfs object %s is missing\n' % oidof(b'two')
    assert refusal == b'lfs objects are missing: a'


def test_a_pointer_with_a_wrong_size_is_refused(ui, store):
    store.ingest([b'one'])
    said, refusal = look(ui, store, History(b'a', pointer(b'one', 4)))
    assert b'has 3 bytes instead of the 4 that its pointer states' in said
    assert refusal == b'large files are corrupt: a'


def test_without_a_store_only_the_pointers_are_checked(ui):
    histories = History(b'a', pointer(b'nowhere')), History(b'b', b'nonsense')
    assert look(ui, None, *histories)[1] == b'large files are corrupt: b'


def test_a_text_too_long_for_a_pointer_is_not_read(ui, store):
    endless = History(b'a')
    endless.rawsize = lambda rev: 1 << 40
    inspector = Inspector(ui, store)
    ui.pushbuffer(error=True)
    inspector.check(endless, [0])
    assert ui.popbuffer() == b'a: too long for an lfs pointer\n'


def test_a_revision_that_cannot_be_reconstructed_is_corrupt(ui, store):
    def broken(node):
        raise error.RevlogError(b'partial read')

    history = History(b'a', b'text')
    history.rawdata = broken
    said, refusal = look(ui, store, history)
    assert said == b'a: partial read\n'
    assert refusal == b'large files are corrupt: a'


def test_a_refusal_is_short_enough_for_a_reply(ui, store):
    path = b'\xcc\x81' * 2000  # takes no room on a screen
    said, refusal = look(
        ui, store, *(History(path + b'%d' % n, pointer(b'%d' % n)) for n in range(99))
    )
    assert len(refusal) < 256
    assert refusal.endswith(b' and 98 more')
    assert said.count(b'is missing\n') == 10
    assert said.endswith(b'and 89 more\n')


def test_memory_does_not_grow_with_missing_blobs(ui, store):
    inspector = Inspector(ui, store)
    ui.pushbuffer(error=True)

    def peak(files: int) -> int:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for n in range(files):
            text = pointer(b'%d' % n)
            inspector.check(History(b'file %d' % n, text), [0])
        return tracemalloc.get_traced_memory()[1] - before

    tracemalloc.start()
    try:
        peak(2000)
        assert peak(4000) < 200_000
    finally:
        tracemalloc.stop()
        ui.popbuffer()


def test_a_stored_text_too_long_for_a_pointer_is_not_read():
    endless = History(b'a')
    endless.rawsize = lambda rev: 1 << 40
    endless.rev, endless.flags = (lambda node: 0), (lambda rev: scan.LARGE)
    with pytest.raises(PointerError, match='too long for an lfs pointer'):
        scan.ofrevision(endless, b'node')
