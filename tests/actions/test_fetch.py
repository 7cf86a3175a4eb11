"""Fetching as much as possible: what no remote has is left over, all else an error."""

from __future__ import annotations

import hashlib

import pytest
from mercurial import error, hg
from support import web

from hgext3rd.hglfs.actions import fetch
from hgext3rd.hglfs.hg import lfsrepo, remotes
from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.errors import ConnectionFailed, HttpFailed
from hgext3rd.hglfs.lfs.remote.api import Plan
from hgext3rd.hglfs.lfs.remote.folder import FolderRemote
from hgext3rd.hglfs.lfs.store.disk import DiskStore

CONTENTS = [b'content %d' % number for number in range(4)]


def ref(content: bytes, path: bytes) -> BlobRef:
    return BlobRef(hashlib.sha256(content).hexdigest().encode(), len(content), path)


class Boasting(FolderRemote):
    """A remote that offers every blob, whether it has it or not."""

    def plan(self, operation, refs):
        yield Plan(len(refs), [self._transfer(operation, one) for one in refs])


class Failing(FolderRemote):
    """A remote that cannot be reached, or does not exist."""

    reason: Exception = ConnectionFailed(b'there is no connection')

    def plan(self, operation, refs):
        raise self.reason


@pytest.fixture
def lfs(tmp_path):
    folder = bytes(tmp_path)
    ui = web.configured(folder, (b'lfs', b'retry', b'0'))
    repo = hg.repository(ui, folder + b'/repo', create=True)
    found = lfsrepo.get(repo)
    found.kept = repo  # the services refer to it weakly
    return found


@pytest.fixture
def there(tmp_path):
    """A store with all contents but the last."""
    store = DiskStore(bytes(tmp_path) + b'/there')
    for content in CONTENTS[:-1]:
        store.ingest([content])
    return store


def fetched(lfs, monkeypatch, refs, *those):
    monkeypatch.setattr(remotes, 'candidates', lambda *args: iter(those))
    return fetch.available(lfs, refs)


@pytest.mark.parametrize('kind', [FolderRemote, Boasting])
@pytest.mark.parametrize('onepath', [False, True])
def test_all_but_the_missing_blob_is_fetched(lfs, there, monkeypatch, kind, onepath):
    paths = [b'file' if onepath else b'file-%d' % n for n in range(len(CONTENTS))]
    refs = [ref(*pair) for pair in zip(CONTENTS, paths)]
    # the missing one is not the last to be transferred
    refs.reverse()
    assert fetched(lfs, monkeypatch, refs, kind(b'there', there)) == refs[:1]
    assert [lfs.store.has(one.oid) for one in refs] == [False, True, True, True]


def test_a_second_remote_is_asked_for_what_the_first_lacks(
    lfs, there, tmp_path, monkeypatch
):
    other = DiskStore(bytes(tmp_path) + b'/other')
    other.ingest([CONTENTS[-1]])
    refs = [ref(content, b'file') for content in CONTENTS]
    both = FolderRemote(b'there', there), FolderRemote(b'other', other)
    assert fetched(lfs, monkeypatch, refs, *both) == []
    assert all(lfs.store.has(one.oid) for one in refs)


@pytest.mark.parametrize('first', [True, False])
def test_a_remote_out_of_reach_may_have_it(lfs, there, monkeypatch, first):
    refs = [ref(content, b'file') for content in CONTENTS]
    both = [FolderRemote(b'there', there), Failing(b'far', there)]
    with pytest.raises(error.StorageError, match='there is no connection'):
        fetched(lfs, monkeypatch, refs, *(both if first else both[::-1]))
    assert [lfs.store.has(one.oid) for one in refs] == [True, True, True, False]


def test_a_wrong_url_is_no_absence(lfs, there, monkeypatch):
    far = Failing(b'far', there)
    object.__setattr__(far, 'reason', HttpFailed(404, b'Not Found'))
    with pytest.raises(error.StorageError, match='404'):
        fetched(lfs, monkeypatch, [ref(CONTENTS[-1], b'file')], far)


def test_what_is_here_is_not_asked_for(lfs, monkeypatch):
    lfs.store.ingest([CONTENTS[0]])
    assert fetched(lfs, monkeypatch, [ref(CONTENTS[0], b'file')]) == []
