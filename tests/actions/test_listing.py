"""Large files of changesets and of the working directory, and what a look costs."""

from __future__ import annotations

import os

import pytest
from mercurial import commands, hg, match, util
from support import web

from hgext3rd.hglfs.actions import listing, lock, scan
from hgext3rd.hglfs.hg import lfsrepo, tracking

RULES = b'[track]\n**.bin = all()\npath:sized = size(">9B")\n'
LARGE = [b'a.bin', b'b.bin', b'sized/long']


@pytest.fixture
def ui(folder):
    return web.configured(folder, (b'lfs', b'track', b'none()'))


@pytest.fixture
def repo(ui, folder):
    """A repository with three large files and two others, opened anew."""
    made = hg.repository(ui, folder + b'/repo', create=True)
    made.wvfs.makedirs(b'sized')
    made.wvfs.write(b'.hglfs', RULES)
    for name in LARGE:
        made.wvfs.write(name, b'the content of %s\n' % name)
    made.wvfs.write(b'sized/short', b'short\n')
    commands.commit(ui, made, addremove=True, message=b'files')
    return hg.repository(ui, folder + b'/repo')


def found(ctx, **kwargs) -> dict[bytes, listing.LargeFile]:
    return {each.path: each for each in listing.find(ctx, match.always())}


def changed(repo) -> None:
    """Make changes of every kind in the working directory."""
    repo.wvfs.write(b'a.bin', b'longer than it was before\n')
    repo.wvfs.write(b'sized/short', b'no longer short\n')
    repo.wvfs.write(b'sized/long', b'short\n')
    repo.wvfs.write(b'new.bin', b'new\n')
    repo.wvfs.write(b'unknown.bin', b'unknown\n')
    repo.wvfs.unlink(b'b.bin')
    commands.add(repo.ui, repo, repo.wjoin(b'new.bin'))


def test_a_changeset_has_the_files_whose_revisions_are_large(repo):
    files = found(repo[b'tip'])
    assert list(files) == LARGE
    assert {each.state for each in files.values()} == {listing.COMMITTED}
    rules = [each.rule.source for each in files.values()]
    assert rules == [b'.hglfs:2', b'.hglfs:2', b'.hglfs:3']


def test_the_working_directory_has_those_that_a_commit_will_make_large(repo):
    changed(repo)
    files = found(repo[None])
    assert {path: each.state for path, each in files.items()} == {
        b'a.bin': listing.MODIFIED,
        b'b.bin': listing.DELETED,
        b'new.bin': listing.ADDED,
        b'sized/short': listing.MODIFIED,
    }
    assert files[b'a.bin'].size == len(b'longer than it was before\n')
    assert files[b'a.bin'].oid is None
    assert files[b'a.bin'].present is None
    assert files[b'b.bin'].oid == scan.offile(repo[b'.'], b'b.bin').pointer.oid


def test_the_same_files_are_large_in_a_fileset_and_after_the_commit(repo):
    changed(repo)
    repo.wvfs.write(b'b.bin', b'it is back\n')
    before = list(found(repo[None]))
    tested = listing.LargeFiles(repo[None])
    assert [path for path in repo[None] if path in tested] == before
    assert b'unknown.bin' not in tested
    commands.commit(repo.ui, repo, message=b'changes')
    assert list(found(repo[b'tip'])) == before


def test_a_symbolic_link_is_what_a_commit_makes_of_it(repo):
    os.symlink(b'a.bin', repo.wjoin(b'link.bin'))
    commands.add(repo.ui, repo, repo.wjoin(b'link.bin'))
    before = list(found(repo[None]))
    commands.commit(repo.ui, repo, message=b'link')
    assert list(found(repo[b'tip'])) == before


def test_where_the_content_is_without_reading_it(repo, monkeypatch):
    lfs = lfsrepo.get(repo)
    a, b, long = (scan.offile(repo[b'.'], path).pointer.oid for path in LARGE)
    for place, content in ((lfs.store.own.path(b), None), (lfs.store.cache.path(a), 1)):
        os.unlink(place)
        if content:
            with open(place, 'wb') as handle:
                handle.write(b'of another size')
    os.unlink(lfs.store.own.path(a))
    with open(lfs.store.cache.path(b), 'r+b') as handle:
        handle.write(b'damaged, of the same')  # it is not read, so that is not noticed

    def read(*args):
        raise AssertionError('content was read')

    monkeypatch.setattr(type(lfs.store.own), 'open', read)
    monkeypatch.setattr(type(lfs.store.own), 'damaged', read)
    files = found(repo[None])
    assert [files[path].present for path in LARGE] == [
        listing.MISSING,
        listing.CACHE,
        listing.STORE,
    ]
    missing = listing.LargeFiles(repo[None])
    assert [path for path in LARGE if missing.ismissing(path)] == [b'a.bin']


def test_the_rules_are_read_once(repo, monkeypatch):
    read, parsed = tracking.parse, []

    def counted(*args):
        parsed.append(args)
        return read(*args)

    monkeypatch.setattr(tracking, 'parse', counted)
    changed(repo)
    for ctx in (repo[None], repo[b'tip']):
        del parsed[:]
        assert found(ctx)
        assert len(parsed) == 1


def test_rules_of_a_changeset_that_are_not_here_are_a_warning(ui, folder):
    ui.setconfig(b'lfs', b'track', b'all()')
    made = hg.repository(ui, folder + b'/repo', create=True)
    made.wvfs.write(b'.hglfs', b'[track]\n** = all()\n')
    made.wvfs.write(b'file', b'file\n')
    commands.commit(ui, made, addremove=True, message=b'files')
    files = found(made[b'tip'])
    assert {each.rule.left for each in files.values()} == {b'**'}
    oid = files[b'.hglfs'].oid
    lfsrepo.get(made).store.remove(oid)
    again = hg.repository(ui, folder + b'/repo')
    again.ui.pushbuffer(error=True)
    files = found(again[b'tip'])
    assert b'its content is not on this machine' in again.ui.popbuffer()
    assert [each.rule for each in files.values()] == [None, None]


def test_a_repository_without_large_files_is_not_looked_through(
    ui, folder, monkeypatch
):
    made = hg.repository(ui, folder + b'/repo', create=True)
    made.wvfs.write(b'file', b'file\n')
    commands.commit(ui, made, addremove=True, message=b'files')

    def status(*args, **kwargs):
        raise AssertionError('status was asked for')

    monkeypatch.setattr(made, 'status', status)
    assert b'file' not in listing.LargeFiles(made[None])
    assert not listing.touching(made, None)(0)


# what changesets touch


def touched(repo, pattern: bytes | None = None) -> list[int]:
    test = listing.touching(repo, pattern)
    return [rev for rev in repo if test(rev)]


@pytest.fixture
def history(repo):
    """Changes of plain and of large files, of each kind."""
    for number, (name, content) in enumerate(
        [
            (b'.hglfs', RULES + b'# more\n'),  # 1: plain
            (b'a.bin', b'another content\n'),  # 2: modified
            (b'sized/long', b'short\n'),  # 3: a large one becomes plain
            (b'sized/long', b'long enough\n'),  # 4: it becomes large again
            (b'b.bin', None),  # 5: removed
            (b'sized/short', None),  # 6: a plain one is removed
        ]
    ):
        if content is None:
            repo.wvfs.unlink(name)
        else:
            repo.wvfs.write(name, content)
        options = {'addremove': True, 'message': b'%d' % (number + 1)}
        commands.commit(repo.ui, repo, **options)
    return repo


def test_changesets_that_touch_large_files(history):
    assert touched(history) == [0, 2, 4, 5]
    assert touched(history, b'path:sized') == [0, 4]
    assert touched(history, b'set:size(">14")') == [0, 2]
    files = [rev for rev in history if scan.ofchangeset(history[rev])]
    removed = [rev for rev in history if scan.removed(history[rev])]
    assert touched(history) == sorted(files + removed)


def test_no_manifest_is_read_for_files_that_never_were_large(history, monkeypatch):
    def whole(self):
        raise AssertionError('a manifest was read')

    context = type(history[0])
    monkeypatch.setattr(context, '_manifest', util.propertycache(whole), raising=False)
    test = listing.touching(history, None)
    assert [rev for rev in (1, 2, 4, 6) if test(rev)] == [2, 4]


def test_the_working_directory_touches_what_is_pending(history):
    test = listing.touching(history, None)
    assert not test(None)
    history.wvfs.write(b'a.bin', b'a third content\n')
    assert listing.touching(hg.repository(history.ui, history.root), None)(None)


# locks


def test_a_server_is_asked_once_for_each_command(repo, monkeypatch):
    asked = []

    def listed(*args):
        asked.append(args)
        return iter(())

    monkeypatch.setattr(lock, 'listed', listed)
    for _again in range(2):
        large = listing.LargeFiles(repo[None])
        assert not large.islocked(b'a.bin')
        assert not large.islocked(b'sized/short')
    assert len(asked) == 1
    # as a command server does for its next command
    repo.unfiltered().ui = repo.ui.copy()
    assert not listing.LargeFiles(repo[None]).islocked(b'a.bin')
    assert len(asked) == 2
