"""Placeholders: what is one, what is none, and what is refused."""

from __future__ import annotations

import os

import pytest
from mercurial import commands, error, hg
from support import web

from hgext3rd.hglfs.actions import fill, placeholders
from hgext3rd.hglfs.hg import lfsrepo
from hgext3rd.hglfs.lfs.pointer import Pointer

CONTENT = b'the content of a large file\n' * 3
REQUIREMENT = lfsrepo.PLACEHOLDERS


@pytest.fixture
def repo(tmp_path):
    """A repository whose only large file is a placeholder."""
    folder = bytes(tmp_path)
    ui = web.configured(folder, (b'lfs', b'track', b'size(">50B")'))
    made = hg.repository(ui, folder + b'/repo', create=True)
    made.wwrite(b'large', CONTENT, b'')
    made.wwrite(b'small', b'small\n', b'')
    commands.commit(ui, made, addremove=True, message=b'files')
    commands.update(ui, made, node=b'null')
    ui.setconfig(b'lfs', b'checkout', b'pointers')
    made = hg.repository(ui, folder + b'/repo')
    commands.update(made.ui, made)
    return made


def text(repo) -> bytes:
    return repo.wvfs.read(b'large')


def paths(repo) -> list[bytes]:
    return [found.path for found in placeholders.find(repo)]


def status(repo):
    found = repo.status()
    return found.modified, found.added, found.removed


@pytest.mark.parametrize('size', [0, 9, 10, 1 << 20, (1 << 63) - 1])
def test_the_sizes_of_placeholders(size):
    written = placeholders.encode(Pointer(b'a' * 64, size, {b'x-is-binary': b'0'}))
    assert len(written) in placeholders._SIZES
    assert len(written) < 200
    assert b'x-is-binary' not in written


def test_a_placeholder_reads_as_its_revision(repo):
    assert text(repo).startswith(b'version https://git-lfs')
    fctx = repo[None][b'large']
    assert (fctx.size(), fctx.data(), fctx.isbinary()) == (len(CONTENT), CONTENT, False)
    assert not fctx.cmp(repo[b'.'][b'large'])
    assert paths(repo) == [b'large']


def test_without_the_requirement_it_is_a_text(repo):
    repo.requirements.discard(REQUIREMENT)
    assert repo[None][b'large'].data() == text(repo)


@pytest.mark.parametrize('when', [None, 1_000_000_000])
def test_it_is_clean(repo, when):
    if when is not None:
        os.utime(repo.wjoin(b'large'), (when, when))
    assert status(repo) == ([], [], [])


def test_the_pointer_of_another_content_is_a_change(repo):
    repo.wvfs.write(b'large', Pointer(b'b' * 64, len(CONTENT)).encode())
    assert status(repo) == ([b'large'], [], [])
    with pytest.raises(error.StateError, match='large is a placeholder'):
        commands.commit(repo.ui, repo, message=b'wrong')


@pytest.mark.parametrize('end', [b'\n', b'x', b'more\n' * 100])
def test_a_placeholder_with_more_text_is_refused(repo, end):
    repo.wvfs.write(b'large', text(repo) + end)
    with pytest.raises(error.StateError, match='large is a placeholder') as info:
        commands.commit(repo.ui, repo, message=b'wrong')
    assert info.value.hint == b"it was changed: use 'hg revert large' first"


def test_it_is_refused_whatever_the_rules_say_now(repo):
    repo.ui.setconfig(b'lfs', b'track', b'none()')
    repo.wvfs.write(b'large', text(repo) + b'\n')
    with pytest.raises(error.StateError, match='large is a placeholder'):
        commands.commit(repo.ui, repo, message=b'wrong')


def test_a_copy_of_a_placeholder_is_refused_where_no_rule_matches(repo):
    repo.ui.setconfig(b'lfs', b'track', b'none()')
    repo.wvfs.write(b'small', text(repo))
    with pytest.raises(error.StateError, match='small is a placeholder'):
        commands.commit(repo.ui, repo, addremove=True, message=b'a copy')


def test_a_pointer_in_another_form_is_a_text(repo):
    example = text(repo).replace(b'size ', b'size  ')
    repo.ui.setconfig(b'lfs', b'track', b'none()')
    repo.wvfs.write(b'small', example)
    commands.commit(repo.ui, repo, addremove=True, message=b'an example')
    assert repo[b'tip'][b'small'].data() == example
    assert paths(repo) == [b'large']


def test_a_small_file_that_was_committed_before_is_a_text(repo):
    pointer = text(repo)
    repo.ui.setconfig(b'lfs', b'track', b'none()')
    fill.fill(repo, [])
    repo.wvfs.write(b'small', pointer)
    commands.commit(repo.ui, repo, addremove=True, message=b'an example')
    placeholders.begin(repo)
    assert paths(repo) == []
    assert fill.fill(repo, []).ended
    assert repo.wvfs.read(b'small') == pointer


def test_a_copy_to_a_name_that_is_not_large_has_the_content(repo):
    repo.ui.setconfig(b'lfs', b'track', b'none()')
    commands.copy(repo.ui, repo, repo.wjoin(b'large'), repo.wjoin(b'plain'))
    commands.commit(repo.ui, repo, message=b'a copy')
    copied = repo[b'tip'][b'plain']
    assert not copied.islfs()
    assert copied.data() == CONTENT
    # a file that is not large has no placeholder
    assert repo.wvfs.read(b'plain') == CONTENT
    assert status(repo) == ([], [], [])


def test_files_that_mercurial_reads_are_none(repo):
    repo.ui.setconfig(b'lfs', b'track', b'all()')
    repo.wvfs.write(b'.hgignore', b'syntax: glob\n*.o\n')
    commands.commit(repo.ui, repo, addremove=True, message=b'ignored')
    commands.update(repo.ui, repo, node=b'null')
    commands.update(repo.ui, repo)
    assert repo.wvfs.read(b'.hgignore') == b'syntax: glob\n*.o\n'


@pytest.mark.parametrize('flags', [b'', b'x'])
def test_filled_files_are_clean(repo, flags):
    repo.wvfs.setflags(b'large', False, bool(flags))
    done = fill.fill(repo, [])
    assert [one.path for one in done.written] == [b'large']
    assert (done.absent, done.ended) == ([], True)
    assert text(repo) == CONTENT
    assert REQUIREMENT not in repo.requirements
    assert REQUIREMENT not in repo.vfs.read(b'requires')
    assert status(repo) == ([b'large'] if flags else [], [], [])
