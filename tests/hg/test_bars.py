"""Progress bars: units, threads, and how little small files cost."""

from __future__ import annotations

import io
import os
import threading
from concurrent import futures

import pytest
from mercurial import ui as uimod
from mercurial import util

from hgext3rd.hglfs.hg import bars, messages
from hgext3rd.hglfs.lfs.errors import Stopped

MB = 1 << 20


@pytest.fixture
def ui(monkeypatch):
    """Mercurial's, with a bar on what is no terminal, of which nothing is skipped."""
    monkeypatch.setattr(uimod, '_progresssingleton', None)
    monkeypatch.setattr(messages._Running, 'process', os.getpid())
    made = uimod.ui.load()
    for name, value in {
        b'assume-tty': b'yes',
        b'delay': b'0',
        b'refresh': b'0',
        b'changedelay': b'0',
        b'format': b'topic item+3 number unit',
        b'width': b'60',
    }.items():
        made.setconfig(b'progress', name, value)
    made.ferr = io.BytesIO()
    return made


def drawn(ui) -> list[bytes]:
    lines = [line.rstrip() for line in ui.ferr.getvalue().split(b'\r')]
    return [line for line in lines if line]


@pytest.mark.parametrize(
    ('total', 'half'),
    [
        (100, b' 50/100 bytes'),
        (10239, b' 5119/10239 bytes'),
        (10 << 10, b' 5/10 KB'),
        ((10 << 20) - 2, b' 5119/10239 KB'),
        (10 << 20, b' 5/10 MB'),
        (5 << 40, b'2621440/5242880 MB'),
    ],
)
def test_bytes_have_a_unit_that_fits_their_total(ui, total, half):
    with bars.ByteBar(ui, b'lfs x', total) as bar:
        bar.advance(total // 2, b'a')
    (line,) = drawn(ui)
    assert line.split() == [b'lfs', b'x', b'a', *half.split()]


@pytest.mark.parametrize('total', [100, 10 << 10, 10 << 20, 1 << 29])
def test_units_are_named_as_sizes_are(total):
    assert bars._unitof(total)[1] == util.bytecount(total).split()[1]


def test_a_total_that_grows_gets_another_unit(ui):
    with bars.ByteBar(ui, b'x') as bar:
        bar.grow(4000)
        bar.advance(2000)
        bar.grow(20 * MB)
        bar.advance(10 * MB)
    assert [line.split()[1:] for line in drawn(ui)] == [
        [b'0/4000', b'bytes'],
        [b'2000/4000', b'bytes'],
        [b'0/20', b'MB'],
        [b'10/20', b'MB'],
    ]


def test_what_would_look_the_same_is_not_drawn_again(ui):
    with bars.ByteBar(ui, b'x', 20 * MB) as bar:
        for _step in range(20 << 10):
            bar.advance(1 << 10, b'a')
    assert len(drawn(ui)) == 21


def test_small_files_are_left_alone(ui):
    chunks = iter([b'a'])
    assert bars.reading(ui, b'x', b'a', 100, chunks) is chunks


def test_a_big_file_has_a_bar_with_its_name(ui):
    chunks = [b'%d' % number * MB for number in range(9)]
    size = sum(map(len, chunks))
    assert list(bars.reading(ui, b'x', b'a\x1b', size, iter(chunks))) == chunks
    assert drawn(ui)[-1].split() == [b'x', b'a\\x', b'9216/9216', b'KB']


def test_items_are_counted_and_named(ui):
    items = bars.counted(ui, b'x', b'files', [b'a', b'b'], 2, bytes)
    assert list(items) == [b'a', b'b']
    assert [line.split() for line in drawn(ui)] == [
        [b'x', b'a', b'1/2', b'files'],
        [b'x', b'b', b'2/2', b'files'],
    ]


def bar(ui) -> None:
    with bars.ByteBar(ui, b'x', 100) as made:
        made.grow(10)
        made.advance(10)
    list(bars.counted(ui, b'x', b'files', [b'a', b'b']))


def test_threads_draw_nothing(ui):
    thread = threading.Thread(target=bar, args=(ui,))
    thread.start()
    thread.join()
    assert drawn(ui) == []
    bar(ui)
    assert drawn(ui)


def test_neither_do_processes_that_were_forked_for_a_part_of_a_command(ui, monkeypatch):
    monkeypatch.setattr(messages._Running, 'process', os.getpid() + 1)
    bar(ui)
    assert drawn(ui) == []


def test_threads_count_and_the_main_thread_draws(ui):
    counter, go = bars.Counter(), threading.Event()

    def work() -> str:
        for _chunk in counter.watch(iter([b'a' * 30, b'b' * 30])):
            assert go.wait(20)
        return 'done'

    with bars.ByteBar(ui, b'x', 60) as made, futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        threading.Timer(0.3, go.set).start()
        assert bars.awaited(future, made, counter, b'a') == 'done'
        assert made.pos == 60
    assert [line.split()[2] for line in drawn(ui)] == [b'30/60', b'60/60']
    assert counter.take() == 0


def test_threads_that_count_end_when_they_are_stopped():
    counter = bars.Counter()
    chunks = counter.watch(iter([b'a', b'b', b'c']))
    assert next(chunks) == b'a'
    counter.stop()
    with pytest.raises(Stopped):
        next(chunks)
    assert counter.take() == 1
