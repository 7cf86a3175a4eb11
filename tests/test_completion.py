"""Completions of shells: true to the command table, and usable by bash and zsh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.pages import completion

import hgext3rd.hglfs as package

_BIN = Path(sys.executable).parent
_needsbash = pytest.mark.skipif(not shutil.which('bash'), reason='needs bash')
_needszsh = pytest.mark.skipif(not shutil.which('zsh'), reason='needs zsh')


def test_the_files_are_made_from_the_command_table():
    for path, text in completion.generate(package.cmdtable):
        assert path.read_text('utf-8') == text, 'run "make docs"'


def test_internal_commands_are_left_out():
    names = {command.name for command in completion.commands(package.cmdtable)}
    assert 'lfs-track' in names
    assert 'admin::lfs-gc' in names
    assert 'debug::clone-bundles-worker' not in names


def test_arguments_and_values_are_what_their_placeholders_say():
    found = {each.name: each for each in completion.commands(package.cmdtable)}
    assert found['lfs-lock'].kind == 'tracked'
    assert found['lfs-unlock'].kind == 'locked'
    assert found['lfs-locks'].label is None
    assert found['admin::lfs-gc'].label is None
    assert found['admin::lfs-locks'].label == 'FILE'
    options = {option.long: option for option in found['lfs-unlock'].options}
    assert options['id'].kind == 'lockid'
    assert options['force'].label is None


def test_the_wheel_installs_the_files():
    share = Path(sys.prefix) / 'share'
    for path, place in (
        (completion.BASH, share / 'bash-completion' / 'completions' / 'hg-lfs.bash'),
        (completion.ZSH, share / 'zsh' / 'site-functions' / '_hg-lfs'),
    ):
        assert place.read_text('utf-8') == path.read_text('utf-8'), 'run "make install"'


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """A clone with files and a locked one, and the environment for hg in it."""
    tmp_path = tmp_path_factory.mktemp('completion')
    rc = tmp_path / 'hgrc'
    rc.write_text('[extensions]\nhglfs =\n[ui]\nusername = alice\n', 'utf-8')
    environ = {**os.environ, 'HGRCPATH': str(rc)}
    environ['PATH'] = '%s%s%s' % (_BIN, os.pathsep, environ['PATH'])
    environ.pop('HGCOMPLETE_NOREMOTE', None)
    environ['LOGNAME'] = environ['HOME'] = str(tmp_path)
    work = tmp_path / 'work'

    def hg(*args):
        subprocess.run(
            ['hg', *args], check=True, env=environ, cwd=work, stdout=subprocess.DEVNULL
        )

    work.mkdir()
    (work / 'art').mkdir()
    for name in ('art/logo.psd', 'art/icon one.psd', 'text'):
        (work / name).write_text(name, 'utf-8')
    hg('init')
    hg('init', str(tmp_path / 'server'))
    with open(work / '.hg' / 'hgrc', 'w') as file:
        file.write('[paths]\ndefault = %s\n' % (tmp_path / 'server'))
    (work / '.hglfs').write_text('[track]\n**.psd = all()\n', 'utf-8')
    hg('commit', '-qAm', 'files')
    hg('lfs-lock', '-q', 'art/logo.psd')
    return work, environ


@pytest.fixture
def repository(place):
    """The clone, with an environment that a test may change."""
    work, environ = place
    return work, dict(environ)


def _complete(repository, line: str, core: str = '') -> list[str]:
    """Return what bash offers for the last word of a line.

    ``core`` is a file that is sourced before: Mercurial's own completion.
    """
    work, environ = repository
    words = line.replace('::', ' :: ').split(' ')
    words = [word for word in words[:-1] if word] + words[-1:]
    script = """
        [ -z "$1" ] || . "$1"
        . "$2"
        shift 2
        function=$(complete -p hg | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        "$function" hg "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ['bash', '-c', script, 'bash', core, str(completion.BASH), *words],
        check=True, env=environ, cwd=work, stdout=subprocess.PIPE,
    )  # fmt: skip
    return done.stdout.decode('utf-8').splitlines()


#: As Mercurial's own: it calls our functions, with these variables set.
_CORE = """
_hg() {
    local hg="$1" cur="$2" prev="$3" cmd="${COMP_WORDS[1]}" cmd_index=1
    COMPREPLY=()
    if [[ "$cur" == -* ]]; then
        if [ "$(type -t "_hg_opt_$cmd")" = function ] && "_hg_opt_$cmd"; then return; fi
        COMPREPLY=(from-core)
        return
    fi
    "_hg_cmd_$cmd"
}
complete -F _hg hg
"""


@_needsbash
@pytest.mark.parametrize(
    ('line', 'offered'),
    [
        ('hg lfs-lock te', ['text']),
        ('hg lfs-lock a', ['art']),
        ('hg lfs-lock art/lo', ['art/logo.psd']),
        ('hg lfs-unlock --force a', ['art/logo.psd']),
        ('hg lfs-locks --path ', ['art/logo.psd']),
        ('hg lfs-untrack ', ['**.psd']),
        ('hg lfs-locks -T j', ['json']),
        ('hg debuglfsupload -r ti', ['tip']),
        ('hg admin::lfs-locks --break te', ['text']),
        ('hg admin::lfs-gc --forget ar', ['art']),
        ('hg admin::lfs-gc --del', ['--delete']),
        ('hg admin::lfs-sc', ['lfs-scrub']),
    ],
)
def test_bash_completes_a_line(repository, line, offered):
    found = _complete(repository, line)
    assert [word.replace('\\', '').rstrip(' /') for word in found] == offered


@_needsbash
@pytest.mark.parametrize(
    ('line', 'offered'),
    [
        ('hg lfs-lock te', ['text']),
        ('hg lfs-lock --', ['from-core']),
        ('hg admin::lfs-locks --br', ['--break']),
        ('hg admin::lfs-locks --break te', ['text']),
    ],
)
def test_bash_completes_a_line_beside_mercurials_completion(
    repository, tmp_path, line, offered
):
    core = tmp_path / 'core.bash'
    core.write_text(_CORE, 'utf-8')
    assert _complete(repository, line, str(core)) == offered


@_needsbash
def test_bash_completes_commands_and_options_by_itself(repository):
    assert 'lfs-track' in _complete(repository, 'hg lfs')
    assert _complete(repository, 'hg --config a.b=c lfs-tr') == ['lfs-track ']
    assert _complete(repository, 'hg lfs-unlock --fo') == ['--force ']


@_needsbash
def test_bash_offers_the_ids_of_locks(repository):
    (found,) = _complete(repository, 'hg lfs-unlock --id ')
    assert len(found.strip()) == 32


@_needsbash
def test_bash_leaves_the_server_alone_when_told(repository):
    repository[1]['HGCOMPLETE_NOREMOTE'] = '1'
    assert _complete(repository, 'hg lfs-unlock ') == ['']


@_needsbash
def test_bash_completes_locked_files_of_the_folder(repository):
    work, environ = repository
    assert _complete((work / 'art', environ), 'hg lfs-unlock ') == ['logo.psd ']


@_needszsh
def test_zsh_reads_its_file(repository):
    work, environ = repository
    script = """
        autoload -Uz compinit && compinit -u -D
        fpath=("$1" $fpath)
        compdef _hg-lfs hg
        autoload +X -Uz _hg-lfs && print -r -- $_comps[hg]
    """
    folder = str(completion.ZSH.parent)
    done = subprocess.run(
        ['zsh', '-f', '-c', script, 'zsh', folder],
        check=True, env=environ, cwd=work, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert done.stdout == b'_hg-lfs\n'
