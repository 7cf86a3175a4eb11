"""What the next commit, push and update do: each content once, and no network."""

from __future__ import annotations

import pytest
from mercurial import commands, hg, match
from support import web

from hgext3rd.hglfs.actions import status
from hgext3rd.hglfs.hg import lfsrepo, remotes


@pytest.fixture
def repo(folder, monkeypatch):
    """A repository whose files are large, and whose remotes must not be asked."""

    def ask(*args):
        raise AssertionError('a remote was asked')

    monkeypatch.setattr(remotes, 'candidates', ask)
    ui = web.configured(folder, (b'lfs', b'track', b'**.bin'))
    return hg.repository(ui, folder + b'/repo', create=True)


def commit(repo, *files: tuple[bytes, bytes]) -> None:
    for name, content in files:
        repo.wvfs.write(name, content)
    commands.commit(repo.ui, repo, addremove=True, message=b'files')


def sections(repo, target=None) -> dict[bytes, list[bytes]]:
    found = status.foresee(repo, match.always(), target)
    return {section.name: [each.path for each in section.files] for section in found}


def public(repo) -> None:
    options = dict.fromkeys(('draft', 'secret', 'force'), False)
    commands.phase(repo.ui, repo, b'.', public=True, rev=[], **options)


def test_a_content_is_counted_once(repo):
    commit(repo, (b'a.bin', b'same'), (b'b.bin', b'same'), (b'c.bin', b'other one'))
    (upload,) = status.foresee(repo, match.always(), None)
    assert upload.name == status.UPLOAD
    assert [each.path for each in upload.files] == [b'a.bin', b'c.bin']
    assert upload.size == len(b'same' + b'other one')


def test_what_a_file_or_its_source_had_in_public_is_not_uploaded(repo):
    commit(repo, (b'a.bin', b'first'))
    public(repo)
    commit(repo, (b'a.bin', b'second'))
    commit(repo, (b'a.bin', b'first'))
    assert sections(repo) == {status.UPLOAD: [b'a.bin']}
    commands.copy(repo.ui, repo, repo.wjoin(b'a.bin'), repo.wjoin(b'b.bin'))
    commit(repo)
    found = list(status.foresee(repo, match.always(), None))
    assert [each.size for each in found[0].files] == [len(b'second')]


def test_only_what_an_update_changes_is_downloaded(repo):
    commit(repo, (b'a.bin', b'first'), (b'b.bin', b'stays'))
    commit(repo, (b'a.bin', b'second'), (b'c.bin', b'second'), (b'd.txt', b'plain'))
    public(repo)
    store = lfsrepo.get(repo).store
    commands.update(repo.ui, repo, b'0')
    for oid in list(store):
        store.remove(oid)
    assert sections(repo) == {
        status.DOWNLOAD: [b'a.bin'],
        status.MISSING: [b'a.bin', b'b.bin'],
    }
    assert sections(repo, repo[b'.']) == {status.MISSING: [b'a.bin', b'b.bin']}
    assert sections(repo, repo[b'null']) == {status.MISSING: [b'a.bin', b'b.bin']}


def test_nothing_is_said_of_a_repository_without_large_files(repo):
    commit(repo, (b'text', b'text'))
    assert sections(repo) == {}
