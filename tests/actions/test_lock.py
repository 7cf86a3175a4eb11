"""The columns of a list of locks."""

from __future__ import annotations

from mercurial import encoding

from hgext3rd.hglfs.actions import lock
from hgext3rd.hglfs.lfs.wire.locking import Lock


def test_columns_are_as_wide_as_a_terminal_shows_them(ui, monkeypatch):
    monkeypatch.setattr(encoding, 'encoding', b'utf-8')
    names = ['plain.bin', 'größe.bin', '画像.bin']
    held = ((Lock('1', name, 'Zoë', 0), None) for name in names)
    ui.pushbuffer()
    with ui.formatter(b'lfs-locks', {}) as fm:
        lock.show(fm, held, None)
    lines = ui.popbuffer().splitlines()
    assert [encoding.colwidth(line[: line.index(b'Zo')]) for line in lines] == [26] * 3
    assert len({encoding.colwidth(line) for line in lines}) == 1
