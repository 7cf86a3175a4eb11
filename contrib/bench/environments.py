"""Where the tools come from: virtual environments, and git-lfs from the system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Failed
from tools import Tool

MERCURIAL = '7.2.4'
CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / '.cache' / 'bench-env'
# what makes a package of the checkout, without what others may be building there
PACKAGE = ('pyproject.toml', 'setup.py', 'README.rst', 'hgext3rd')


def prepare(tools: list[Tool]) -> dict[str, Path]:
    """Returns the folders of programs by environment, having made what is missing."""
    if any(tool.kind == 'git' for tool in tools):
        _checkgit()
    wanted = {tool.env for tool in tools if tool.kind == 'hg'}
    if any(tool.kind == 'git' for tool in tools):
        wanted.add('ours')
    found = {name: _environment(FOLDER / name) for name in sorted(wanted)}
    if 'ours' in found:
        _install(found['ours'])
    return found


def _checkgit() -> None:
    for program in ('git', 'git-lfs'):
        if not shutil.which(program):
            raise Failed(
                '%s is missing: contrib/checks/real-components installs it, and '
                '--who leaves it out' % program
            )


def _environment(folder: Path) -> Path:
    ready = folder / 'ready'
    if not ready.exists():
        print('making an environment: %s' % folder, flush=True)
        subprocess.run([sys.executable, '-m', 'venv', '--clear', folder], check=True)
        _pip(folder / 'bin', 'mercurial==' + MERCURIAL)
        ready.touch()
    return folder / 'bin'


def add(programs: Path, requirement: str) -> None:
    """Installs what one of the environments has to have besides."""
    _pip(programs, requirement)


def _install(programs: Path) -> None:
    """Installs the checkout as it is now."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in PACKAGE:
            source, target = CHECKOUT / name, Path(scratch, name)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
        _pip(programs, '--no-deps', '--force-reinstall', scratch)


def _pip(programs: Path, *args: str) -> None:
    command = [str(programs / 'python'), '-m', 'pip', 'install', '-q', *args]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise Failed('pip failed:\n%s' % done.stdout)


def environment(tool: Tool, programs: dict[str, Path], home: Path) -> dict[str, str]:
    """Returns the variables that a tool gets: nothing of the caller's but PATH."""
    found = [str(programs[tool.env])] if tool.kind == 'hg' else []
    return {
        'PATH': os.pathsep.join([*found, os.environ['PATH']]),
        'HOME': str(home),
        'TMPDIR': str(home),
        'LC_ALL': 'C.UTF-8',
        'TZ': 'UTC',
        'HGPLAIN': '1',
        'HGRCPATH': str(home / 'hgrc'),
        'GIT_CONFIG_GLOBAL': str(home / 'gitconfig'),
        'GIT_CONFIG_NOSYSTEM': '1',
        'GIT_TERMINAL_PROMPT': '0',
    }


def versions(programs: dict[str, Path]) -> dict[str, str]:
    """Returns who takes part, in the version that they state themselves."""
    asked = {
        'mercurial': [*_hg(programs), 'version', '-T', '{ver}'],
        'git': ['git', 'version'],
        'git-lfs': ['git', 'lfs', 'version'],
        'hg-lfs': ['git', '-C', str(CHECKOUT), 'describe', '--always', '--dirty'],
    }
    return {name: _ask(command) for name, command in asked.items()}


def _hg(programs: dict[str, Path]) -> list[str]:
    return [str(folder / 'hg') for folder in programs.values()][:1] or ['hg']


def _ask(command: list[str]) -> str:
    env = {**os.environ, 'HGRCPATH': ''}
    try:
        done = subprocess.run(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return ''
    return done.stdout.decode('utf-8', 'replace').strip()
