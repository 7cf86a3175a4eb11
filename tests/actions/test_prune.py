"""A prune that others disturb, and what it prints for scripts."""

from __future__ import annotations

import json
import os
import resource
import subprocess

import jsonschema
import pytest
from mercurial import commands, error, hg
from support import pruning, web
from support.blobs import oidof
from support.pages import ROOT

from hgext3rd.hglfs.actions import autoprune, prune
from hgext3rd.hglfs.actions.maintenance.needs import Needs
from hgext3rd.hglfs.hg import lfsrepo
from hgext3rd.hglfs.lfs.errors import Stopped

_SCHEMA = ROOT / 'contrib' / 'schemas' / 'lfs-prune.json'
OLD = [b'old %d\n' % number for number in range(3)]
DAY = 24 * 3600


@pytest.fixture
def ui(tmp_path):
    return web.configured(bytes(tmp_path), (b'lfs', b'track', b'all()'))


@pytest.fixture
def repo(ui, tmp_path):
    """A repository whose three changesets are public, and on a server."""
    server = hg.repository(ui, bytes(tmp_path / 'server'), create=True)
    made = hg.repository(ui, bytes(tmp_path / 'repo'), create=True)
    for content in OLD:
        commit(made, content)
    commands.push(ui, made, bytes(server.root))
    made = hg.repository(ui, made.root)
    made.ui.setconfig(b'paths', b'default', server.root)
    return made


def commit(repo, content: bytes, name: bytes = b'file') -> None:
    repo.wwrite(name, content, b'')
    date = b'2020-01-01'
    commands.commit(repo.ui, repo, addremove=True, message=content, date=date)


def onoldest(repo) -> None:
    """Commit a change of another file on the oldest changeset; store nothing else."""
    other = hg.repository(repo.ui, repo.root)
    commands.update(repo.ui, other, rev=b'0')
    commit(other, b'new', b'another')
    commands.update(repo.ui, other, rev=b'2')


def own(repo) -> set[bytes]:
    return set(lfsrepo.get(repo).ownstore)


def run(repo, **terms) -> list[bytes]:
    terms.setdefault('retention', 30 * DAY)
    pruning = prune.Pruning(lfsrepo.get(repo), prune.Terms(**terms))
    return sorted(blob.oid for blob in pruning.run())


def test_what_the_server_has_goes_and_what_is_checked_out_stays(repo):
    gone = sorted(map(oidof, OLD[:2]))
    assert run(repo, delete=False) == gone
    assert own(repo) == set(map(oidof, OLD))
    assert run(repo) == gone
    assert own(repo) == {oidof(OLD[2])}
    assert run(repo) == []


def test_what_is_committed_while_the_server_is_asked_stays(repo, monkeypatch):
    verified = prune.Pruning._verified

    def disturbed(self, holder, some):
        onoldest(repo)
        return verified(self, holder, some)

    monkeypatch.setattr(prune.Pruning, '_verified', disturbed)
    assert run(repo) == [oidof(OLD[1])]
    assert oidof(OLD[0]) in own(repo)


def test_what_is_checked_out_while_the_server_is_asked_stays(repo, monkeypatch):
    verified = prune.Pruning._verified

    def disturbed(self, holder, some):
        other = hg.repository(repo.ui, repo.root)
        commands.update(repo.ui, other, rev=b'0')
        return verified(self, holder, some)

    monkeypatch.setattr(prune.Pruning, '_verified', disturbed)
    assert run(repo) == [oidof(OLD[1])]


def test_what_a_share_checks_out_while_the_server_is_asked_stays(
    repo, tmp_path, monkeypatch
):
    hg.share(repo.ui, repo.root, bytes(tmp_path / 'share'), update=False)
    hg.repository(repo.ui, bytes(tmp_path / 'share'))  # registers it
    verified = prune.Pruning._verified

    def disturbed(self, holder, some):
        # a public changeset that the share was opened without before
        onoldest(repo)
        share = hg.repository(repo.ui, bytes(tmp_path / 'share'))
        phases = {'public': True, 'draft': None, 'secret': None, 'force': None}
        commands.phase(repo.ui, share, b'tip', rev=[], **phases)
        commands.update(repo.ui, share, rev=b'tip')
        assert hg.repository(repo.ui, repo.root)[b'tip'].phasestr() == b'public'
        return verified(self, holder, some)

    monkeypatch.setattr(prune.Pruning, '_verified', disturbed)
    assert run(repo) == [oidof(OLD[1])]


def test_a_share_that_works_is_waited_for_or_left(repo, tmp_path):
    hg.share(repo.ui, repo.root, bytes(tmp_path / 'share'))
    share = hg.repository(repo.ui, bytes(tmp_path / 'share'))
    with share.wlock(), pytest.raises(error.LockHeld):
        run(repo, wait=False)
    assert own(repo) == set(map(oidof, OLD))


def test_a_blob_without_a_changeset_goes_when_it_is_old_and_held(repo, tmp_path):
    store = lfsrepo.get(repo).ownstore
    there = hg.repository(repo.ui, bytes(tmp_path / 'server'))
    server = lfsrepo.get(there).ownstore
    for content in (b'both', b'here'):
        store.ingest([content])
        os.utime(store.path(oidof(content)), (1, 1))
    store.ingest([b'young'])
    for content in (b'both', b'young'):
        server.ingest([content])
    gone = {oidof(b'both'), *map(oidof, OLD[:2])}
    assert run(repo, retention=0) == sorted(gone)
    assert {oidof(b'here'), oidof(b'young')} <= own(repo)


def test_without_asking_only_what_is_public_goes(repo):
    store = lfsrepo.get(repo).ownstore
    store.ingest([b'here'])
    os.utime(store.path(oidof(b'here')), (1, 1))
    commit(repo, b'draft')
    commands.update(repo.ui, repo, rev=b'2')
    assert run(repo, verify=False) == sorted(map(oidof, OLD[:2]))
    assert {oidof(b'here'), oidof(b'draft')} <= own(repo)


def test_a_run_is_bounded_in_blobs_and_bytes(repo):
    assert len(run(repo, delete=False, count=1)) == 1
    assert len(run(repo, delete=False, size=len(OLD[0]))) == 1
    assert len(run(repo, delete=False, size=3 * len(OLD[0]))) == 2
    assert run(repo, delete=False, young=False) == []


def test_a_search_is_stopped_between_files(repo):
    def stop() -> None:
        raise Stopped(b'too long')

    lfs = lfsrepo.get(repo)
    with pytest.raises((Stopped, error.StorageError)):
        list(prune.Pruning(lfs, prune.Terms(0), stop).run())
    assert own(repo) == set(map(oidof, OLD))


def test_what_is_needed_is_read_once(repo, monkeypatch):
    from hgext3rd.hglfs.actions.maintenance import references

    needs = Needs(lfsrepo.get(repo), 0)  # everything is recent
    needs.update()
    assert needs.oids == set(map(oidof, OLD))
    monkeypatch.setattr(references, 'inmanifest', None)
    needs.update()


def test_an_automatic_run_never_raises(repo, monkeypatch):
    lfs = lfsrepo.get(repo)
    for problem in (KeyError('x'), KeyboardInterrupt(), error.Abort(b'x')):

        def fail(lfs, problem=problem) -> None:
            raise problem

        monkeypatch.setattr(autoprune, '_prune', fail)
        autoprune._run(repo)
    assert not lfs.ops.pruning


def test_an_automatic_run_leaves_the_settings_as_they_were(repo):
    lfs = lfsrepo.get(repo)
    before = lfs.settings, repo.ui.config(b'ui', b'interactive')
    with autoprune._hurried(lfs):
        assert lfs.settings.timeout == 2
        assert lfs.settings.retry == 0
        assert lfs.ui.config(b'ui', b'ssh').startswith(b'ssh -oBatchMode=yes')
    assert (lfs.settings, repo.ui.config(b'ui', b'interactive')) == before


# for scripts


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    made = pruning.World(tmp_path_factory.mktemp('json'), pruning.found())
    made.make()
    with pruning.Worker(made, 'one', 1) as worker:
        for _again in range(4):
            worker.commit()
        worker.push()
    return made


def printed(world, *args: str) -> list:
    ran = subprocess.run(
        [world.hg, 'lfs-prune', '--template', 'json', *args],
        cwd=world.root / 'one',
        env=world.environ(),
        check=True,
        capture_output=True,
    )
    return json.loads(ran.stdout)


def test_where_nothing_can_be_stored_nothing_is_lost(world):
    """A limit of file sizes stands for a full disk."""
    objects = world.root / 'one/.hg/store/lfs/objects'
    before = sorted(path for path in objects.rglob('*') if path.name != 'guard')
    ran = subprocess.run(
        [world.hg, 'lfs-prune', '--retention', '0'],
        cwd=world.root / 'one',
        env=world.environ(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
    )
    assert ran.returncode == 255
    assert b'abort: cannot store an lfs object: File too large' in ran.stderr
    assert b'on a full disk, remove any file first' in ran.stderr
    after = sorted(path for path in objects.rglob('*') if path.name != 'guard')
    assert after == before


def test_the_json_is_as_the_schema_says(world):
    schema = json.loads(_SCHEMA.read_text('utf-8'))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    outputs = [
        printed(world, '--dry-run', '--retention', '0'),
        printed(world, '--retention', '0'),
        printed(world, '--cache', '--all', '--dry-run'),
        printed(world, '--retention', '0'),
    ]
    for output in outputs:
        validator.validate(output)
    assert outputs[0]
    assert outputs[1]
    assert not outputs[3]
    for wrong in ({'oid': 'x'}, {'more': 1}, {'freed': -1}, {'deleted': None}):
        assert not validator.is_valid([{**outputs[0][0], **wrong}])
