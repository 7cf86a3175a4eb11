"""The schemas of what commands print as JSON: sound, and true to real output."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys

import jsonschema
import pytest
from support.pages import ROOT

_SCHEMAS = ROOT / 'contrib' / 'schemas'
_HG = os.path.join(os.path.dirname(sys.executable), 'hg')


def schema(name: str) -> dict:
    return json.loads((_SCHEMAS / name).with_suffix('.json').read_text('utf-8'))


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(name))


class Repository:
    """A repository with files in every state, and the commands to look at it."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self.root = folder / 'repo'
        self._config = {
            'extensions.hglfs': '',
            'lfs.usercache': str(folder / 'cache'),
            'lfs.warnsize': '50B',
            'ui.username': 'test',
            'paths.default': str(folder / 'server'),
        }
        for name in ('server', 'repo'):
            self.hg('init', str(folder / name), cwd=folder)
        self.write('.hglfs', b'[track]\n**.bin = all()\n')
        for name in ('clean', 'changed', 'gone', 'lost', 'cached'):
            self.write('%s.bin' % name, name.encode('ascii'))
        self.hg('commit', '-qAm', 'first')
        self.hg('phase', '--public', '.')
        self.write('draft.bin', b'draft')
        self.hg('commit', '-qAm', 'second')
        self.write('secret.bin', b'secret')
        self.hg('commit', '-qAm', 'third', '--secret')
        for name in ('lost', 'cached', 'draft'):
            os.unlink(self.blob('store', name))
        for name in ('lost', 'draft'):
            os.unlink(self.blob('cache', name))
        self.write('changed.bin', b'changed, and longer')
        self.write('added.bin', b'added')
        self.write('plain.iso', b'x' * 100)
        os.unlink(self.root / 'gone.bin')
        self.hg('add', '-q', 'added.bin', 'plain.iso')

    def blob(self, place: str, name: str) -> str:
        oid = self.hg('lfs-files', '-r', '.', '-T', '{oid}', name + '.bin')
        folder = self.root / '.hg/store/lfs/objects' if place == 'store' else None
        return str((folder or self._folder / 'cache') / oid[:2] / oid[2:])

    def write(self, name: str, content: bytes) -> None:
        (self.root / name).write_bytes(content)

    def hg(self, *args: str, cwd=None) -> str:
        settings = ['--config=%s=%s' % item for item in self._config.items()]
        done = subprocess.run(
            [_HG, *settings, *args],
            cwd=cwd or self.root, capture_output=True, encoding='utf-8',
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def data(self, *args: str) -> list[dict]:
        return json.loads(self.hg(*args, '-T', 'json'))


@pytest.fixture(scope='module')
def repo(tmp_path_factory) -> Repository:
    return Repository(tmp_path_factory.mktemp('schemas'))


@pytest.mark.parametrize('path', sorted(_SCHEMAS.glob('*.json')), ids=lambda p: p.name)
def test_a_schema_is_valid_and_describes_each_property(path):
    found = json.loads(path.read_text('utf-8'))
    jsonschema.Draft202012Validator.check_schema(found)
    assert found['title'] == 'hg %s -T json' % path.stem
    kinds = [found['items'], *found.get('$defs', {}).values()]
    properties = [kind.get('properties', {}) for kind in kinds]
    assert any(properties)
    for name, value in (item for kind in properties for item in kind.items()):
        assert value['description'].endswith('.'), name


def test_the_files_of_the_working_directory(repo):
    found = repo.data('lfs-files')
    validator('lfs-files').validate(found)
    assert {each['state'] for each in found} == {
        'clean', 'modified', 'added', 'deleted',
    }  # fmt: skip
    assert {each['present'] for each in found} == {'store', 'cache', 'missing', None}


def test_the_files_of_a_revision_with_their_locks(repo):
    repo.hg('lfs-lock', 'clean.bin')
    found = repo.data('lfs-files', '-r', '.', '--locks')
    validator('lfs-files').validate(found)
    assert [each['path'] for each in found if each['lock']] == ['clean.bin']


def test_the_status(repo):
    found = repo.data('lfs-status', '-r', 'null')
    validator('lfs-status').validate(found)
    shown = [(each['section'], each['path'], each['state']) for each in found]
    assert shown == [
        ('commit', 'added.bin', 'added'),
        ('commit', 'changed.bin', 'modified'),
        ('plain', 'plain.iso', 'added'),
        ('upload', 'draft.bin', 'draft'),
        ('upload', 'secret.bin', 'secret'),
        ('missing', 'draft.bin', 'committed'),
        ('missing', 'lost.bin', 'committed'),
    ]


def test_the_status_before_an_update(repo, tmp_path):
    shutil.copytree(repo.root / '.hg', tmp_path / '.hg')
    repo.hg('debugrebuilddirstate', '-r', 'null', cwd=tmp_path)
    repo.hg('debugsetparents', 'null', cwd=tmp_path)
    found = json.loads(repo.hg('lfs-status', '-T', 'json', cwd=tmp_path))
    validator('lfs-status').validate(found)
    arriving = [each['path'] for each in found if each['section'] == 'download']
    assert arriving == ['draft.bin', 'lost.bin']


def test_the_rules_and_the_files_that_a_rule_affects(repo):
    rules = repo.data('lfs-track')
    validator('lfs-track').validate(rules)
    assert [each['left'] for each in rules] == ['**.bin']
    affected = repo.data('lfs-track', '-n', '*.iso')
    validator('lfs-track').validate(affected)
    assert [each['path'] for each in affected] == ['plain.iso']


def test_the_locks(repo):
    repo.hg('lfs-lock', 'cached.bin')
    for found in (repo.data('lfs-locks'), repo.data('lfs-locks', '--mine')):
        validator('lfs-locks').validate(found)
        assert 'cached.bin' in [each['path'] for each in found]
    repo.hg('lfs-unlock', 'cached.bin')


def test_the_blobs_that_were_moved(repo, tmp_path):
    def data(*args: str) -> list[tuple[str, str]]:
        command = next(arg for arg in args if arg.startswith('lfs-'))
        cache = '--config=lfs.usercache=%s' % (tmp_path / 'none')
        remote = '--config=paths.default=%s' % (tmp_path / 'far')
        text = repo.hg(cache, remote, *args, '-T', 'json', cwd=tmp_path)
        found = json.loads(text)
        validator(command).validate(found)
        return [(each['path'], each['state']) for each in found]

    for name in ('far', 'near'):
        repo.hg('init', name, cwd=tmp_path)
    (tmp_path / 'near' / '.hglfs').write_bytes(b'[track]\n**.bin = all()\n')
    (tmp_path / 'near' / 'file.bin').write_bytes(b'content')
    repo.hg('commit', '-qAm', 'first', cwd=tmp_path / 'near')
    assert data('-R', 'near', 'lfs-push', '-n', 'far') == [('file.bin', 'wanted')]
    assert data('-R', 'near', 'lfs-push', 'far') == [('file.bin', 'uploaded')]
    repo.hg('-R', 'near', 'push', '-q', 'far', cwd=tmp_path)
    repo.hg('clone', '-qU', 'far', 'part', cwd=tmp_path)
    repo.hg('update', '-q', '--config=lfs.checkout=pointers', cwd=tmp_path / 'part')
    fetch = '-R', 'part', 'lfs-fetch', '--all'
    shutil.rmtree(tmp_path.joinpath('part', '.hg', 'store', 'lfs'), ignore_errors=True)
    assert data(*fetch, '-n') == [('file.bin', 'wanted')]
    assert data(*fetch) == [('file.bin', 'fetched')]
    assert data('-R', 'part', 'lfs-checkout') == [('file.bin', 'written')]
    assert data('-R', 'part', 'lfs-checkout') == []


@pytest.mark.parametrize(
    ('command', 'wrong'),
    [
        ('lfs-files', {'state': 'modified'}),
        ('lfs-files', {'present': 'gone'}),
        ('lfs-files', {'oid': 'abc'}),
        ('lfs-files', {'size': '12'}),
        ('lfs-files', {'other': 1}),
        ('lfs-status', {'section': 'download'}),
        ('lfs-status', {'state': 'secret'}),
        ('lfs-status', {'rule': None}),
        ('lfs-track', {'large': 'yes'}),
        ('lfs-track', {'pending': True}),
    ],
)
def test_a_schema_refuses_what_is_not_printed(repo, command, wrong):
    found = copy.deepcopy(repo.data(command)[:2])
    validator(command).validate(found)
    index = 1 if command == 'lfs-files' else 0
    found[index].update(wrong)
    with pytest.raises(jsonschema.ValidationError):
        validator(command).validate(found)
