"""Checks of a history: every fault in every place, and what is repaired from where."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from mercurial import error, hg, match
from support import web
from support.pages import ROOT

from hgext3rd.hglfs.actions import fsck
from hgext3rd.hglfs.actions.maintenance import repair
from hgext3rd.hglfs.hg import lfsrepo
from hgext3rd.hglfs.lfs import pointer as pointers
from hgext3rd.hglfs.lfs.errors import Stopped
from hgext3rd.hglfs.lfs.store import checking

_HG = os.path.join(os.path.dirname(sys.executable), 'hg')
_SCHEMA = json.loads((ROOT / 'contrib/schemas/lfs-fsck.json').read_text('utf-8'))
_LARGE = 1 << 13

CONTENT = b'the content of a large file\n'
OID = hashlib.sha256(CONTENT).hexdigest()
SOUND, MISSING, TRUNCATED, FLIPPED = 'sound', 'missing', 'truncated', 'flipped'
#: The content of a file with a fault.
FAULTS = {
    SOUND: CONTENT,
    TRUNCATED: CONTENT[:7],
    FLIPPED: b'T' + CONTENT[1:],
    'longer': CONTENT + b'more\n',
}
#: The places of sound copies, in the order in which they are tried.
PLACES = ('cache', 'worktree', 'share', 'remote')
KINDS = {
    'cache': repair.CACHE,
    'worktree': repair.WORKTREE,
    'share': repair.SHARE,
    'remote': repair.REMOTE,
}


class Clone:
    """A clone with a share, the repository it came from, and a cache."""

    def __init__(self, base: Path, contents: dict[str, bytes]) -> None:
        self.base = base
        self._hg('init', 'remote', cwd=base)
        self.write(base / 'remote/.hglfs', b'[track]\n**.bin = all()\n')
        for name, content in contents.items():
            self.write(base / 'remote' / name, content)
        self._hg('commit', '-qAm', 'large files', cwd=base / 'remote')
        self._hg('clone', '-q', 'remote', 'work', cwd=base)
        share = ['--config=extensions.share=', 'share', '-q']
        self._hg(*share, 'work', 'shared', cwd=base)
        self.ui = web.configured(os.fsencode(base))

    def _hg(self, *args: str, cwd: Path) -> None:
        done = self.ask(*args, cwd=cwd)
        assert done.returncode == 0, done.stderr

    def ask(self, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
        config = {
            'extensions.hglfs': '',
            'lfs.usercache': str(self.base / 'cache'),
            'ui.username': 'test',
        }
        options = ['--config=%s=%s' % item for item in config.items()]
        return subprocess.run(
            [_HG, *options, *args],
            cwd=cwd or self.base / 'work', capture_output=True, encoding='utf-8',
        )  # fmt: skip

    def path(self, place: str, oid: str = OID, name: str = 'big.bin') -> Path:
        below = Path(oid[:2], oid[2:])
        return {
            'store': self.base / 'work/.hg/store/lfs/objects' / below,
            'cache': self.base / 'cache' / below,
            'worktree': self.base / 'work' / name,
            'share': self.base / 'shared' / name,
            'remote': self.base / 'remote/.hg/store/lfs/objects' / below,
            'quarantine': self.base / 'work/.hg/lfs/quarantine' / oid,
        }[place]

    def write(self, path: Path, content: bytes) -> None:
        """Write a file anew, so that hard links of the old one do not change."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)

    def lay(self, place: str, fault: str) -> None:
        if fault == MISSING:
            self.path(place).unlink(missing_ok=True)
        else:
            self.write(self.path(place), FAULTS[fault])

    def reset(self, **faults: str) -> None:
        """Give each place a sound copy, or a fault, and clear the quarantine."""
        shutil.rmtree(self.base / 'work/.hg/lfs/quarantine', ignore_errors=True)
        for place in ('store', *PLACES):
            self.lay(place, faults.get(place, SOUND))

    def lfs(self, *items: tuple[bytes, bytes, bytes]) -> lfsrepo.LfsRepo:
        ui = self.ui.copy()
        repo = hg.repository(ui, os.fsencode(self.base / 'work'))
        for item in items:
            repo.ui.setconfig(*item)
        self._repo = repo  # the services refer to it weakly
        return lfsrepo.get_if_required(repo)

    def check(self, repairing: bool | None = None, **scope) -> fsck.Findings:
        """Check, and repair for True, or search for sound copies for False."""
        scope = {'revs': None, 'match': match.always(), **scope}
        check = fsck.Check(self.lfs(), fsck.Scope(**scope))
        check.run()
        if repairing is not None:
            check.repair(dryrun=not repairing)
        return check.findings


@pytest.fixture(scope='module')
def clone(tmp_path_factory) -> Clone:
    return Clone(tmp_path_factory.mktemp('clone'), {'big.bin': CONTENT})


def expected(store: str, cache: str) -> tuple[bytes, bytes | None] | None:
    """Return the state and the place of the problem with these faults, or None."""
    if store not in (SOUND, MISSING):
        return fsck.DAMAGED, fsck.STORE
    if cache not in (SOUND, MISSING):
        return fsck.DAMAGED, fsck.CACHE
    if store == MISSING and cache == MISSING:
        return fsck.MISSING, None
    return None


@pytest.mark.parametrize('cache', [SOUND, MISSING, TRUNCATED, FLIPPED])
@pytest.mark.parametrize('store', [SOUND, MISSING, TRUNCATED, FLIPPED, 'longer'])
def test_each_fault_is_found_and_repaired_from_the_first_sound_copy(
    clone, store, cache
):
    others = itertools.product(
        (SOUND, MISSING, FLIPPED),
        (SOUND, FLIPPED),
        (SOUND, MISSING, TRUNCATED, FLIPPED),
    )
    for worktree, share, remote in others:
        faults = dict(zip(('store', *PLACES), (store, cache, worktree, share, remote)))
        clone.reset(**faults)
        problem = expected(store, cache)
        found = [(one.state, one.place) for one in clone.check().problems]
        assert found == ([problem] if problem else []), faults
        assert not clone.path('quarantine').exists()
        _repairs(clone, faults, problem)


def _repairs(clone, faults: dict[str, str], problem) -> None:
    sound = [place for place in PLACES if faults[place] == SOUND]
    findings = clone.check(repairing=True)
    if problem is None:
        assert (findings.problems, findings.sound.objects) == ([], 1)
        return
    (one,) = findings.problems
    if faults['store'] == SOUND:
        assert (one.repaired, one.replacement.kind) == (True, fsck.STORE), faults
    elif sound:
        assert (one.repaired, one.replacement.kind) == (True, KINDS[sound[0]]), faults
    else:
        _keeps(clone, faults, one)
        return
    assert clone.path('store').read_bytes() == CONTENT
    assert clone.path('cache').read_bytes() == CONTENT
    assert (one.kept, clone.path('quarantine').exists()) == (None, False)
    assert clone.check().problems == []


def _keeps(clone, faults: dict[str, str], one: fsck.Problem) -> None:
    """Assert that what has no sound copy is aside, and found again."""
    broken = [f for f in (faults['store'], faults['cache']) if f != MISSING]
    assert (one.repaired, one.replacement) == (False, None)
    assert not clone.path('store').exists()
    assert not clone.path('cache').exists()
    assert clone.path('quarantine').exists() == bool(broken), faults
    if broken:
        assert one.kept == os.fsencode(clone.path('quarantine'))
        assert clone.path('quarantine').read_bytes() == FAULTS[broken[0]]
    again = [(each.state, each.place) for each in clone.check().problems]
    place = fsck.QUARANTINE if broken else None
    assert again == [(fsck.DAMAGED if broken else fsck.MISSING, place)]


@pytest.mark.parametrize('place', PLACES)
def test_a_dry_run_names_the_place_and_changes_nothing(clone, place):
    faults = {each: FLIPPED for each in PLACES if each != place}
    clone.reset(store=TRUNCATED, **faults)
    (one,) = clone.check(repairing=False).problems
    assert (one.repaired, one.replacement.kind) == (False, KINDS[place])
    assert clone.path('store').read_bytes() == FAULTS[TRUNCATED]
    assert not clone.path('quarantine').exists()
    for each in faults:
        assert clone.path(each).read_bytes() == FAULTS[FLIPPED]


def test_a_dry_run_does_not_trust_the_size_of_a_copy(clone):
    clone.reset(store=MISSING, cache=FLIPPED, worktree=FLIPPED, share=FLIPPED)
    clone.lay('remote', MISSING)
    (one,) = clone.check(repairing=False).problems
    assert one.replacement is None


def test_damage_of_a_file_that_is_linked_into_the_cache_is_one_problem(clone):
    clone.reset(cache=MISSING)
    os.link(clone.path('store'), clone.path('cache'))
    with open(clone.path('store'), 'r+b') as handle:
        handle.write(b'T')
    findings = clone.check()
    assert [one.place for one in findings.problems] == [fsck.STORE]
    (one,) = clone.check(repairing=True).problems
    assert (one.repaired, one.replacement.kind) == (True, repair.WORKTREE)
    assert clone.path('cache').read_bytes() == CONTENT


def test_a_file_that_was_renamed_in_the_working_directory_is_found(clone):
    clone.reset(**dict.fromkeys(('store', *PLACES), MISSING))
    kept = clone.base / 'work/some/folder/copy'
    clone.write(kept, CONTENT)
    (one,) = clone.check(repairing=True).problems
    assert one.replacement.place == os.fsencode(kept)
    kept.unlink()


def test_links_and_the_folder_of_the_repository_are_not_searched(clone):
    clone.reset(**dict.fromkeys(('store', *PLACES), MISSING))
    elsewhere = clone.base / 'elsewhere'
    clone.write(elsewhere, CONTENT)
    clone.write(clone.base / 'work/.hg/copy', CONTENT)
    clone.path('worktree').symlink_to(elsewhere)
    (one,) = clone.check(repairing=True).problems
    assert one.replacement is None
    (clone.base / 'work/.hg/copy').unlink()


def test_a_sound_blob_in_the_quarantine_is_put_back(clone):
    clone.reset(**dict.fromkeys(('store', *PLACES), MISSING))
    clone.write(clone.path('quarantine'), CONTENT)
    assert [one.place for one in clone.check().problems] == [fsck.QUARANTINE]
    (one,) = clone.check(repairing=True).problems
    assert (one.repaired, one.replacement.kind) == (True, fsck.QUARANTINE)
    assert not clone.path('quarantine').exists()


def test_an_interrupted_repair_is_made_up_for(clone, monkeypatch):
    clone.reset(store=FLIPPED, cache=MISSING)

    def interrupted(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(repair, 'search', interrupted)
        with pytest.raises(KeyboardInterrupt):
            clone.check(repairing=True)
    assert not clone.path('store').exists()
    assert clone.path('quarantine').read_bytes() == FAULTS[FLIPPED]
    (one,) = clone.check(repairing=True).problems
    assert one.repaired
    assert not clone.path('quarantine').exists()


def test_threads_end_when_the_check_is_interrupted(clone, monkeypatch):
    clone.reset()
    stopped = []

    def inspect(store, oid, watch):
        try:
            for _chunk in watch(iter(lambda: b'x', None)):
                pass
        except Stopped:
            stopped.append(oid)
            raise

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, 'inspect', inspect)
    monkeypatch.setattr(fsck.parallel.bars, 'awaited', interrupted)
    with pytest.raises(KeyboardInterrupt):
        clone.check()
    assert stopped == [OID.encode('ascii')]


def test_a_file_that_cannot_be_moved_is_reported(clone, monkeypatch):
    clone.reset(store=FLIPPED)
    refuse = fsck.StoreFailed(b'not yours')

    def take(self, oid, status):
        raise refuse

    monkeypatch.setattr('hgext3rd.hglfs.lfs.store.quarantine.Quarantine.take', take)
    (one,) = clone.check(repairing=True).problems
    assert (one.repaired, one.reason) == (False, b'not yours')
    assert clone.path('store').read_bytes() == FAULTS[FLIPPED]


@pytest.mark.skipif(os.geteuid() == 0, reason='root can read any file')
def test_a_file_that_cannot_be_read_stays(clone):
    clone.reset()
    clone.path('store').chmod(0)
    (one,) = clone.check(repairing=True).problems
    assert (one.state, one.place, one.repaired) == (fsck.UNREADABLE, fsck.STORE, False)
    assert clone.path('store').exists()


def test_a_folder_in_the_place_of_a_blob_cannot_be_read(clone):
    clone.reset(store=MISSING)
    clone.path('store').mkdir()
    (one,) = clone.check(repairing=True).problems
    assert (one.state, one.repaired) == (fsck.UNREADABLE, False)
    clone.path('store').rmdir()


def test_only_blobs_that_are_sound_again_are_cleared(clone):
    clone.reset()
    other = hashlib.sha256(b'other').hexdigest()
    clone.write(clone.path('quarantine'), b'damaged')
    clone.write(clone.path('quarantine', other), b'damaged, too')
    lfs = clone.lfs()
    dry = {one.oid: one.removed for one in fsck.clear(lfs, False, dryrun=True)}
    assert len(list(lfs.quarantine)) == 2
    found = {one.oid: one.removed for one in fsck.clear(lfs, False, dryrun=False)}
    assert dry == found == {OID.encode(): True, other.encode(): False}
    assert list(lfs.quarantine) == [other.encode()]
    (one,) = fsck.clear(lfs, True, dryrun=False)
    assert (one.removed, one.size) == (True, len(b'damaged, too'))
    assert list(lfs.quarantine) == []


# pointers


def forge(clone, path: bytes, text: bytes, link: int = 0) -> None:
    """Add a large revision to a file's history, with any text as its pointer."""
    repo = hg.repository(clone.ui, os.fsencode(clone.base / 'work'))
    node = hashlib.sha1(text + path).digest()
    with repo.wlock(), repo.lock(), repo.transaction(b'forge') as tr:
        try:
            log = repo.file(path, writable=True)._revlog
        except TypeError:  # hg <= 7.1: every history can be written
            log = repo.file(path)._revlog
        null = repo.nullid
        log.addrawrevision(text, tr, link, null, null, node, _LARGE)


@pytest.fixture
def forged(tmp_path) -> Clone:
    made = Clone(tmp_path, {'big.bin': CONTENT})
    wrong = pointers.forcontent(OID.encode(), len(CONTENT) + 3, False, {})
    forge(made, b'wrong.bin', wrong.encode())
    forge(made, b'invalid.bin', b'not a pointer\n')
    return made


def test_pointers_that_are_at_fault_are_reported_and_not_repaired(forged):
    for repairing in (None, True):
        invalid, wrong = forged.check(repairing=repairing).problems
        assert (invalid.state, invalid.oid) == (fsck.INVALID, None)
        assert invalid.uses[0].path == b'invalid.bin'
        assert b'missing lfs pointer keys' in invalid.reason
        assert (wrong.state, wrong.uses[0].path) == (fsck.WRONGSIZE, b'wrong.bin')
        assert (wrong.size, wrong.actual) == (len(CONTENT) + 3, len(CONTENT))
        assert [invalid.repaired, wrong.repaired] == [False, False]
    assert forged.path('store').read_bytes() == CONTENT


def test_the_blob_of_a_wrong_pointer_is_repaired_for_the_others(forged):
    forged.lay('store', FLIPPED)
    forged.lay('cache', MISSING)
    found = {one.state: one for one in forged.check(repairing=True).problems}
    assert found[fsck.DAMAGED].repaired
    states = {one.state for one in forged.check().problems}
    assert states == {fsck.INVALID, fsck.WRONGSIZE}


def test_a_history_that_cannot_be_read_is_reported(forged):
    index = forged.base / 'work/.hg/store/data/invalid.bin.i'
    index.write_bytes(b'\xff' * 70)
    ((path, reason),) = forged.check().unread
    assert path == b'invalid.bin'
    assert reason


# what has to be here


@pytest.fixture
def history(tmp_path) -> Clone:
    """A clone with an old and a new public revision, and a draft one."""
    made = Clone(tmp_path, {'big.bin': b'old\n', 'other.bin': b'other\n'})
    made.write(made.base / 'remote/big.bin', b'new\n')
    made._hg('commit', '-qm', 'new', cwd=made.base / 'remote')
    made._hg('pull', '-qu', cwd=made.base / 'work')
    made.write(made.base / 'work/draft.bin', b'draft\n')
    made._hg('commit', '-qAm', 'draft', cwd=made.base / 'work')
    made._hg('update', '-q', '1', cwd=made.base / 'work')
    shutil.rmtree(made.base / 'cache')
    made.path('share').unlink()
    return made


def lose(clone: Clone, *contents: bytes) -> None:
    for content in contents:
        oid = hashlib.sha256(content).hexdigest()
        clone.path('store', oid).unlink()


def problems(findings: fsck.Findings) -> set[bytes]:
    return {use.path for one in findings.problems for use in one.uses}


def test_missing_blobs_of_old_revisions_are_counted(history):
    lose(history, b'old\n')
    findings = history.check()
    assert findings.problems == []
    assert (findings.elsewhere.objects, findings.elsewhere.bytes) == (1, 4)
    assert (findings.sound.objects, findings.blobs.objects) == (3, 4)


def test_missing_blobs_of_the_checkout_are_problems(history):
    lose(history, b'new\n')
    assert problems(history.check()) == {b'big.bin'}


def test_missing_blobs_of_drafts_are_problems(history):
    lose(history, b'draft\n')
    assert problems(history.check()) == {b'draft.bin'}


def test_all_missing_blobs_are_problems_without_a_remote(history):
    lose(history, b'old\n')
    (history.base / 'work/.hg/hgrc').unlink()
    (history.base / 'work/.hg/lfs/sources').unlink(missing_ok=True)
    assert problems(history.check()) == {b'big.bin'}


def test_all_missing_blobs_are_problems_and_repaired_if_asked_for(history):
    lose(history, b'old\n')
    assert problems(history.check(everything=True)) == {b'big.bin'}
    (one,) = history.check(repairing=True, everything=True).problems
    assert (one.repaired, one.replacement.kind) == (True, repair.REMOTE)
    assert history.check().elsewhere.objects == 0


def test_revisions_and_files_limit_the_check(history):
    lose(history, b'old\n', b'other\n')
    everything = {'everything': True}
    assert problems(history.check(**everything)) == {b'big.bin', b'other.bin'}
    assert problems(history.check(revs=[1], **everything)) == {b'other.bin'}
    found = history.check(revs=[0, 1, 2], **everything)
    assert (problems(found), found.blobs.objects) == ({b'big.bin', b'other.bin'}, 4)
    assert history.check(revs=[2]).blobs.objects == 3
    only = match.exact([b'big.bin'])
    assert problems(history.check(match=only, **everything)) == {b'big.bin'}


def test_a_bundle_has_no_store_to_check(history):
    bundle = str(history.base / 'all.hg')
    history._hg('bundle', '-q', '--all', bundle, cwd=history.base / 'work')
    done = history.ask('-R', bundle, 'lfs-fsck')
    assert (done.returncode, 'no blobs of its own' in done.stderr) == (255, True)


# many at once


COUNT = 40


def content(number: int) -> bytes:
    return b'file %d\n' % number * 100


@pytest.fixture
def many(tmp_path) -> Clone:
    made = Clone(tmp_path, {'%d.bin' % n: content(n) for n in range(COUNT)})
    shutil.rmtree(made.base / 'cache')
    for number in range(COUNT):
        for place in ('worktree', 'share'):
            made.path(place, name='%d.bin' % number).unlink()
        oid = hashlib.sha256(content(number)).hexdigest()
        made.write(made.path('store', oid), b'damaged')
    return made


def test_damaged_copies_at_the_remote_do_not_stop_the_others(many):
    broken = {3, 4, 5, 17, 38}
    for number in broken:
        oid = hashlib.sha256(content(number)).hexdigest()
        many.write(many.path('remote', oid), content(number).upper())
    findings = many.check(repairing=True)
    left = {one.uses[0].path for one in findings.left}
    assert left == {b'%d.bin' % number for number in broken}
    assert len(findings.problems) == COUNT
    assert all(b'corrupt' in one.reason for one in findings.left)
    assert findings.kept == len(broken)


def test_a_remote_that_cannot_be_reached_is_reported(many):
    hgrc = many.base / 'work/.hg/hgrc'
    hgrc.write_text('[paths]\ndefault = %s\n' % (many.base / 'nowhere'))
    done = many.ask('lfs-fsck', '--repair')
    assert (done.returncode, done.stdout.count('no sound copy')) == (1, COUNT)
    assert done.stderr.startswith('lfs: not fetched from %s' % (many.base / 'nowhere'))


def test_the_next_remote_is_asked_for_what_the_first_lacks(many):
    spare = many.base / 'spare'
    shutil.copytree(many.base / 'remote/.hg/store/lfs/objects', spare)
    shutil.rmtree(many.base / 'remote/.hg/store/lfs')
    with open(many.base / 'work/.hg/hgrc', 'a') as handle:
        handle.write('[lfs]\nfallback = file://%s\n' % spare)
    findings = many.check(repairing=True)
    assert findings.left == []
    assert {one.replacement.place for one in findings.problems} == {
        b'file://' + os.fsencode(spare)
    }


# the command


def run(clone: Clone, *args: str) -> tuple[int, dict]:
    """Run the command, check its output against the schema, and return it."""
    done = clone.ask('lfs-fsck', '-T', 'json', *args)
    found = json.loads(done.stdout)
    jsonschema.Draft202012Validator(_SCHEMA).validate(found)
    return done.returncode, found[0]


def test_the_exit_code_and_the_json_agree(clone):
    clone.reset()
    assert run(clone)[0] == 0
    clone.reset(store=FLIPPED, cache=MISSING, worktree=MISSING, share=MISSING)
    code, found = run(clone)
    (problem,) = found['problems']
    assert (code, found['left'], found['kept']) == (1, 1, 0)
    assert (problem['state'], problem['place']) == ('damaged', 'store')
    assert problem['files'] == [{'path': 'big.bin', 'node': problem['revision']}]
    code, found = run(clone, '--repair', '--dry-run')
    assert (code, found['left']) == (1, 1)
    assert found['problems'][0]['source'] == 'remote'
    code, found = run(clone, '--repair')
    assert (code, found['left']) == (0, 0)
    assert found['problems'][0]['origin'] == str(clone.base / 'remote')


def test_the_json_of_what_cannot_be_repaired(clone):
    clone.reset(store=FLIPPED, **dict.fromkeys(PLACES, MISSING))
    code, found = run(clone, '--repair')
    assert (code, found['left'], found['kept']) == (1, 1, 1)
    assert found['problems'][0]['kept'] == str(clone.path('quarantine'))
    assert run(clone)[1]['problems'][0]['place'] == 'quarantine'
    code, found = run(clone, '--clear')
    assert (code, [one['removed'] for one in found['cleared']]) == (0, [False])
    code, found = run(clone, '--clear-all')
    assert (code, [one['removed'] for one in found['cleared']]) == (0, [True])
    assert run(clone)[1]['problems'][0]['state'] == 'missing'


def test_the_json_of_pointers_at_fault(forged):
    code, found = run(forged, '--repair')
    assert code == 1
    states = [problem['state'] for problem in found['problems']]
    assert states == ['invalid-pointer', 'wrong-size']
    index = forged.base / 'work/.hg/store/data/invalid.bin.i'
    index.write_bytes(b'\xff' * 70)
    code, found = run(forged)
    assert (code, [one['path'] for one in found['unread']]) == (1, ['invalid.bin'])


@pytest.mark.parametrize(
    'wrong',
    [
        {'state': 'odd'},
        {'oid': None},
        {'place': None},
        {'repaired': True},
        {'revision': 'tip'},
        {'files': []},
        {'more': 1},
    ],
)
def test_the_schema_refuses_what_is_not_printed(clone, wrong):
    clone.reset(store=FLIPPED)
    found = [run(clone)[1]]
    found[0]['problems'][0].update(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(_SCHEMA).validate(found)


def test_a_repository_without_large_files_has_no_problems(tmp_path):
    subprocess.run([_HG, 'init', str(tmp_path)], check=True)
    done = subprocess.run(
        [_HG, '--config', 'extensions.hglfs=', 'lfs-fsck', '-T', 'json'],
        cwd=tmp_path, capture_output=True, encoding='utf-8', check=True,
    )  # fmt: skip
    jsonschema.Draft202012Validator(_SCHEMA).validate(json.loads(done.stdout))


def test_an_unknown_mode_of_verification_is_refused(clone):
    lfs = clone.lfs((b'lfs', b'verify', b'sometimes'))
    from hgext3rd.hglfs.actions.maintenance import verify

    with pytest.raises(error.ConfigError, match=r'lfs\.verify must be one of'):
        verify.ahead(lfs.repo, 0, [])
