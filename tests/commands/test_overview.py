"""The JSON of lfs-du and lfs-env is as contrib/schemas describes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema
import pytest
from support.pages import ROOT

SCHEMAS = ROOT / 'contrib' / 'schemas'
_HG = os.path.join(os.path.dirname(sys.executable), 'hg')


def output(folder, *args: str):
    """Return what a command prints as JSON, and its schema."""
    config = ['extensions.hglfs=', 'lfs.usercache=%s' % (folder / 'cache')]
    options = [word for item in config for word in ('--config', item)]
    ran = subprocess.run(
        [_HG, *options, *args, '-T', 'json'],
        cwd=folder,
        env={**os.environ, 'HGUSER': 'test', 'HGRCPATH': ''},
        stdout=subprocess.PIPE,
        check=False,
    )
    schema = json.loads((SCHEMAS / (args[0] + '.json')).read_text('utf-8'))
    return json.loads(ran.stdout), schema


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A repository with large files, and paths that can and cannot be reached."""
    base = tmp_path_factory.mktemp('schemas')
    repo = base / 'repo'
    for name in ('repo', 'other'):
        subprocess.run([_HG, 'init', name], cwd=base, check=True)
    with open(repo / '.hg' / 'hgrc', 'w') as handle:
        handle.write('[paths]\ndefault = ../other\nnowhere = http://localhost:1/\n')
        handle.write('[lfs]\nretry = 3\nunknown = x\n')
    (repo / '.hglfs').write_text('[track]\n** = all()\n')
    (repo / 'art').mkdir()
    for name in ('a.bin', 'art/b.psd', 'none'):
        (repo / name).write_text(name)
    subprocess.run(
        [_HG, '--config', 'extensions.hglfs=', 'commit', '-Aqm', 'all', '-u', 'test'],
        cwd=repo,
        check=True,
    )
    return repo


@pytest.mark.parametrize(
    'args',
    [
        ('lfs-du',),
        ('lfs-du', '--by', 'extension'),
        ('lfs-du', '--depth', '2'),
        ('lfs-du', '-r', 'all()'),
        ('lfs-env', '--no-check'),
        ('lfs-env',),
        ('lfs-env', 'nowhere'),
    ],
)
def test_the_output_is_as_the_schema_says(folder, args):
    found, schema = output(folder, *args)
    assert found
    jsonschema.Draft202012Validator(schema).validate(found)


def test_the_output_outside_of_a_repository_is_too(tmp_path):
    found, schema = output(tmp_path, 'lfs-env')
    jsonschema.Draft202012Validator(schema).validate(found)


def test_an_endpoint_that_cannot_be_reached_is_in_it(folder):
    ((found,), _schema) = output(folder, 'lfs-env')
    states = {
        check['url'].rpartition('/')[0]: check['state'] for check in found['checks']
    }
    assert 'unreachable' in states.values()
    assert 'ok' in states.values()
    assert {one['known'] for one in found['settings']} == {True, False}


def test_a_member_that_the_schema_lacks_is_found(folder):
    found, schema = output(folder, 'lfs-du')
    found[0]['more'] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(found)
