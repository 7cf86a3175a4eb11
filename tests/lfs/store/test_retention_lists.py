"""The files that keep more blobs: lists of blobs, and of shares."""

from __future__ import annotations

import os

import pytest
from support import processes
from support.blobs import oidof

from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store import files, retention
from hgext3rd.hglfs.lfs.store.files import Modes

ONE, TWO = oidof(b'one'), oidof(b'two')


def write(folder: bytes, name: bytes, text: bytes) -> None:
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'wb') as handle:
        handle.write(text)


def test_without_lists_no_blob_is_kept(folder):
    assert retention.read_lists(os.path.join(folder, b'keep')) == set()


def test_all_lists_are_read(folder):
    write(folder, b'one', b'# bundles\n\n%s # the base\n' % ONE)
    write(folder, b'two', b'%s\r\n%s' % (TWO, ONE))
    assert retention.read_lists(folder) == {ONE, TWO}


@pytest.mark.parametrize('text', [b'%s\nnonsense\n' % ONE, ONE[:20], ONE.upper()])
def test_an_invalid_list_is_an_error(folder, text):
    write(folder, b'list', text)
    with pytest.raises(StoreFailed, match='list:[12]: not an object id'):
        retention.read_lists(folder)


def test_an_unreadable_list_is_an_error(folder):
    os.makedirs(os.path.join(folder, b'keep', b'folder'))
    with pytest.raises(StoreFailed, match='cannot read'):
        retention.read_lists(os.path.join(folder, b'keep'))


@pytest.fixture
def place(folder):
    return os.path.join(folder, b'lfs', b'shares')


def test_a_share_is_registered_once(place, folder):
    assert retention.read_shares(place) == []
    for path in (folder, b'/other/.hg', folder):
        retention.register_share(place, path, Modes())
    assert retention.read_shares(place) == [folder, b'/other/.hg']


def test_a_path_with_a_newline_is_not_registered(place):
    retention.register_share(place, b'/one\n/two', Modes())
    assert retention.read_shares(place) == []


def test_only_forgotten_shares_are_dropped(place, folder):
    for path in (b'/gone/.hg', folder, b'/other/.hg'):
        retention.register_share(place, path, Modes())
    retention.forget_shares(place, [b'/gone/.hg'], Modes())
    assert retention.read_shares(place) == [folder, b'/other/.hg']
    assert os.listdir(os.path.dirname(place)) == [b'shares']


def test_a_share_registered_while_another_is_forgotten_stays(place, monkeypatch):
    retention.register_share(place, b'/gone/.hg', Modes())
    replace = retention.files.replacewith

    def late(path, text, modes):
        retention.register_share(place, b'/late/.hg', modes)
        replace(path, text, modes)

    monkeypatch.setattr(retention.files, 'replacewith', late)
    retention.forget_shares(place, [b'/gone/.hg'], Modes())
    assert retention.read_shares(place) == [b'/late/.hg']


@pytest.mark.parametrize('make', [os.mkdir, os.mkfifo])
def test_an_unreadable_list_of_shares_is_an_error(place, make):
    os.mkdir(os.path.dirname(place))
    make(place)
    with pytest.raises(StoreFailed, match='cannot read .*shares'):
        retention.read_shares(place)


@pytest.fixture
def share(folder):
    """Return the ``.hg`` folders of a repository and of its share."""
    paths = [os.path.join(folder, name, b'.hg') for name in (b'repo', b'share')]
    for path in paths:
        os.makedirs(path)
    write(paths[1], b'sharedpath', paths[0] + b'\n')
    return paths


def test_a_share_is_identified_by_its_sharedpath_file(share):
    source, path = share
    assert retention.check_share(path, source) is None
    write(path, b'sharedpath', b'../../repo/.hg')
    assert retention.check_share(path, source) is None
    os.rename(os.path.join(path, b'sharedpath'), os.path.join(path, b'sharedpath.old'))
    assert retention.check_share(path, source) is None
    os.unlink(os.path.join(path, b'sharedpath.old'))
    assert retention.check_share(path, source) == b'it is another repository now'


@pytest.mark.parametrize('word', [b'', b'/other/.hg', b'\0', b'x' * (1 << 17)])
def test_a_share_of_another_repository_is_rejected(share, word):
    source, path = share
    write(path, b'sharedpath', word)
    assert retention.check_share(path, source)


def test_a_path_below_a_dangling_link_is_not_absent(folder):
    assert files.isabsent(os.path.join(folder, b'no', b'where'))
    os.symlink(b'nowhere', os.path.join(folder, b'link'))
    assert not files.isabsent(os.path.join(folder, b'link'))
    assert not files.isabsent(os.path.join(folder, b'link', b'below', b'it'))
    write(folder, b'file', b'')
    assert not files.isabsent(os.path.join(folder, b'file'))
    assert not files.isabsent(os.path.join(folder, b'file', b'below'))


def test_a_small_file_is_read_up_to_its_limit(folder):
    write(folder, b'file', b'12345')
    path = os.path.join(folder, b'file')
    assert files.readbounded(path, 5) == b'12345'
    with pytest.raises(OSError, match='larger than 4 bytes'):
        files.readbounded(path, 4)


def test_devices_and_fifos_are_not_read(folder):
    path = os.path.join(folder, b'pipe')
    os.mkfifo(path)
    for endless in (b'/dev/zero', path):
        with pytest.raises(OSError, match='not a regular file'):
            files.readbounded(endless, 5)
    with pytest.raises(IsADirectoryError):
        files.readbounded(folder, 5)


def test_a_symbolic_link_is_followed_on_request_only(folder):
    write(folder, b'file', b'1')
    link = os.path.join(folder, b'link')
    os.symlink(b'file', link)
    assert files.readbounded(link, 5) == b'1'
    with pytest.raises(OSError, match='it is a symbolic link'):
        files.readbounded(link, 5, follow=False)


def test_a_truncated_line_does_not_affect_others(place, folder):
    retention.register_share(place, folder, Modes())
    with open(place, 'ab') as handle:
        handle.write(b'/half/a/pa')
    retention.register_share(place, b'/other/.hg', Modes())
    assert set(retention.read_shares(place)) == {folder, b'/half/a/pa', b'/other/.hg'}


def test_concurrent_registrations_are_all_kept(place):
    children = [
        processes.fork(
            lambda number=number: retention.register_share(
                place, b'/%d' % number, Modes()
            )
        )
        for number in range(20)
    ]
    assert [processes.succeeded(child) for child in children] == [True] * 20
    assert sorted(retention.read_shares(place)) == sorted(
        b'/%d' % number for number in range(20)
    )
