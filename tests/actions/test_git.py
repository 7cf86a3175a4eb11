"""What hg-git must not do with large files and with pointers of Git LFS."""

from __future__ import annotations

import os

import pytest
from mercurial import commands, error, hg
from support.blobs import oidof

from hgext3rd.hglfs.actions import git

POINTER = b'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 5\n'
FILES = {
    b'pointer': POINTER % oidof(b'hello'),
    b'text': b'version https://git-lfs.github.com/spec/v1 is a URL\n',
    b'long': POINTER % oidof(b'hello') + b'\0' * 1024,
    b'empty': b'',
}


def imported(path: bytes, deleted=False, mode=0o100644, sha=b'abc'):
    files = {b'gone': (True, None, None), path: (deleted, mode, sha)}
    git.checkimport(b'0123456789abcdef', files, lambda sha: FILES[path])


def test_a_git_lfs_pointer_is_not_imported_as_a_file():
    with pytest.raises(error.StateError) as caught:
        imported(b'pointer')
    assert caught.value.message.startswith(b'pointer in commit 0123456789ab of Git')
    assert b'git lfs migrate export' in caught.value.hint


@pytest.mark.parametrize('path', [b'text', b'long', b'empty'])
def test_other_files_are_imported(path):
    imported(path)


def test_symlinks_removed_files_and_made_up_files_are_imported():
    imported(b'pointer', mode=0o120000)
    imported(b'pointer', deleted=True, mode=None, sha=None)
    imported(b'pointer', sha=None)  # as .hgsub, which hg-git makes up


def test_a_large_file_is_not_exported_to_git(ui, tmp_path):
    ui.setconfig(b'extensions', b'hglfs', b'')
    ui.setconfig(b'lfs', b'track', b'size(">8")')
    ui.setconfig(b'ui', b'username', b'test')
    repo = hg.repository(ui, os.fsencode(tmp_path / 'repo'), create=True)
    for name, text in [('small', 'small'), ('big.bin', 'more than eight bytes')]:
        (tmp_path / 'repo' / name).write_text(text)
        commands.commit(ui, repo, addremove=True, message=b'some file')
    git.checkexport(repo[0])
    with pytest.raises(error.StateError) as caught:
        git.checkexport(repo[1])
    assert caught.value.message.startswith(b'big.bin@%s is a large file' % repo[1])
