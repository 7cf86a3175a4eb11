"""The files that say what else is to be kept: lists of blobs, and of shares."""

from __future__ import annotations

import os

import pytest
from support import processes
from support.blobs import oidof

from hgext3rd.hglfs.model.errors import StoreFailed
from hgext3rd.hglfs.store import keeps, shares
from hgext3rd.hglfs.store.files import Modes

ONE, TWO = oidof(b'one'), oidof(b'two')


def write(folder: bytes, name: bytes, text: bytes) -> None:
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'wb') as handle:
        handle.write(text)


def test_no_list_keeps_nothing(folder):
    assert keeps.kept(os.path.join(folder, b'keep')) == set()


def test_every_list_counts(folder):
    write(folder, b'one', b'# bundles\n\n%s # the base\n' % ONE)
    write(folder, b'two', b'%s\r\n%s' % (TWO, ONE))
    assert keeps.kept(folder) == {ONE, TWO}


@pytest.mark.parametrize('text', [b'%s\nnonsense\n' % ONE, ONE[:20], ONE.upper()])
def test_a_list_that_makes_no_sense_is_an_error(folder, text):
    write(folder, b'list', text)
    with pytest.raises(StoreFailed, match='list:[12]: not an object id'):
        keeps.kept(folder)


def test_a_list_that_cannot_be_read_is_an_error(folder):
    os.makedirs(os.path.join(folder, b'keep', b'folder'))
    with pytest.raises(StoreFailed, match='cannot read'):
        keeps.kept(os.path.join(folder, b'keep'))


@pytest.fixture
def place(folder):
    return os.path.join(folder, b'lfs', b'shares')


def test_a_share_is_named_once(place, folder):
    assert shares.read(place) == []
    for path in (folder, b'/other/.hg', folder):
        shares.register(place, path, Modes())
    assert shares.read(place) == [folder, b'/other/.hg']


def test_a_path_that_has_a_newline_is_not_told(place):
    shares.register(place, b'/one\n/two', Modes())
    assert shares.read(place) == []


def test_those_that_are_gone_are_dropped(place, folder):
    for path in (b'/gone/.hg', folder):
        shares.register(place, path, Modes())
    assert shares.prune(place, Modes()) == [folder]
    assert shares.read(place) == [folder]
    assert os.listdir(os.path.dirname(place)) == [b'shares']


def test_a_line_that_was_cut_short_spoils_no_other(place, folder):
    shares.register(place, folder, Modes())
    with open(place, 'ab') as handle:
        handle.write(b'/half/a/pa')
    shares.register(place, b'/other/.hg', Modes())
    assert set(shares.read(place)) == {folder, b'/half/a/pa', b'/other/.hg'}


def test_many_register_at_once(place):
    children = [
        processes.fork(
            lambda number=number: shares.register(place, b'/%d' % number, Modes())
        )
        for number in range(20)
    ]
    assert [processes.succeeded(child) for child in children] == [True] * 20
    assert sorted(shares.read(place)) == sorted(b'/%d' % number for number in range(20))
