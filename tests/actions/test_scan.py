"""A scan of many filelogs, in one process and in several."""

from __future__ import annotations

import os

import pytest
from mercurial import commands, error, hg, match
from support import web

from hgext3rd.hglfs.actions import scan
from hgext3rd.hglfs.hg import lfsrepo
from hgext3rd.hglfs.lfs.errors import PointerError

NAMES = [b'large-%d' % number for number in range(6)]


@pytest.fixture
def repo(tmp_path):
    """A repository with six large files and a small one, opened anew."""
    folder = bytes(tmp_path)
    ui = web.configured(
        folder, (b'lfs', b'track', b'size(">9B")'), (b'worker', b'numcpus', b'3')
    )
    made = hg.repository(ui, folder + b'/repo', create=True)
    for name in NAMES:
        made.wwrite(name, b'the content of %s\n' % name, b'')
    made.wwrite(b'small', b'small\n', b'')
    commands.commit(ui, made, addremove=True, message=b'files')
    return hg.repository(ui, folder + b'/repo')


def found(repo) -> list[bytes]:
    lfs = lfsrepo.get_if_required(repo)
    pairs = [(repo[b'tip'], match.always())]
    return sorted(ref.path for ref in scan.ofmatches(lfs, pairs))


def test_a_costly_scan_is_run_in_other_processes(repo, monkeypatch):
    monkeypatch.setattr(scan, '_COST', 1.0)
    here, file = os.getpid(), repo.file

    def elsewhere(*args, **kwargs):
        assert os.getpid() != here
        return file(*args, **kwargs)

    monkeypatch.setattr(repo.unfiltered(), 'file', elsewhere)
    assert found(repo) == NAMES


def test_workers_find_the_same_as_the_main_process(repo, monkeypatch):
    assert found(repo) == NAMES
    lfs = lfsrepo.get_if_required(repo)
    seen = dict(lfs.ops.fetching.found)
    lfs.ops.fetching.found.clear()
    monkeypatch.setattr(scan, '_COST', 1.0)
    assert found(repo) == NAMES
    assert lfs.ops.fetching.found == seen
    assert len(seen) == len(NAMES)


def test_the_number_of_remembered_pointers_is_bounded(repo, monkeypatch):
    monkeypatch.setattr(scan, '_NOTED', 2)
    monkeypatch.setattr(scan, '_COST', 1.0)
    assert found(repo) == NAMES
    assert len(lfsrepo.get_if_required(repo).ops.fetching.found) == 2


def test_the_error_for_a_broken_pointer_names_its_file(repo, monkeypatch):
    monkeypatch.setattr(scan, '_COST', 1.0)
    look = scan.ofrevision

    def broken(rlog, node):
        if scan.pathof(rlog) == NAMES[3]:
            raise PointerError(b'it is none')
        return look(rlog, node)

    monkeypatch.setattr(scan, 'ofrevision', broken)
    with pytest.raises(error.Abort, match=r'large-3@.*it is none'):
        found(repo)


def test_a_repository_with_unknown_filelogs_is_scanned_in_one_process(
    repo, monkeypatch
):
    monkeypatch.setattr(scan, '_COST', 1.0)
    here, opened, plain = os.getpid(), [], repo.unfiltered()

    class Other(type(plain)):
        def file(self, *args, **kwargs):
            assert os.getpid() == here
            opened.append(args)
            return super().file(*args, **kwargs)

    monkeypatch.setattr(plain, '__class__', Other)
    assert found(plain) == NAMES
    assert len(opened) == len(NAMES) + 1
