"""What is compared: configuration of each tool, its environment, its version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import Failed

MERCURIAL = '7.2.4'
CHECKOUT = Path(__file__).resolve().parents[2]
#: The virtual environments.
FOLDER = CHECKOUT / '.cache' / 'bench-env'
# what makes a package of the checkout, without what others may be building there
PACKAGE = (
    'pyproject.toml',
    'setup.py',
    'README.rst',
    'hgext3rd',
    'contrib/completion',
)

HGRC = """\
[ui]
username = bench
paginate = never
# of plain Mercurial, which warns of large files
large-file-limit = 0
archivemeta = no
[phases]
# so that what was pushed can be pushed again
publish = no
[progress]
disable = yes
[web]
allow-push = *
push_ssl = no
"""

# read by lfs and hg-lfs alike
LFS = """\
[extensions]
{name} =
[lfs]
track = all()
usercache = {cache}
"""

LARGEFILES = """\
[extensions]
largefiles =
[largefiles]
usercache = {cache}
"""

GITCONFIG = """\
[user]
name = bench
email = bench@localhost
[init]
defaultBranch = main
[advice]
detachedHead = false
[gc]
auto = 0
[maintenance]
auto = false
[core]
attributesFile = {attributes}
[lfs]
locksverify = false
[filter "lfs"]
clean = git-lfs clean -- %f
smudge = git-lfs smudge -- %f
process = git-lfs filter-process
required = true
"""

ATTRIBUTES = '* filter=lfs diff=lfs merge=lfs -text\n'


@dataclass(frozen=True)
class Tool:
    """A tool that is measured.

    ``kind`` (hg, git or limit) selects the commands of an operation that has none for
    the name; ``env`` is the environment of its hg; ``blobs`` is the folder of contents
    below a repository, and of the URLs of a server; ``over`` is the way to the server:
    http, ssh, or path.
    """

    name: str
    title: str
    kind: str
    env: str = 'stock'
    hgrc: str = ''
    blobs: str = ''
    over: str = 'http'


STORE = '.hg/store/lfs/objects'
TOOLS = (
    Tool('ours', 'hg-lfs', 'hg', 'ours', LFS.replace('{name}', 'hglfs'), STORE),
    Tool('plain', 'plain hg', 'hg'),
    Tool('stock', 'stock lfs', 'hg', 'stock', LFS.replace('{name}', 'lfs'), STORE),
    Tool('largefiles', 'largefiles', 'hg', 'stock', LARGEFILES, '.hg/largefiles'),
    Tool('git-lfs', 'git-lfs', 'git', blobs='.git/lfs/objects'),
    Tool('limit', 'limit', 'limit'),
)
BYNAME = {tool.name: tool for tool in TOOLS}
NAMES = [tool.name for tool in TOOLS if tool.kind != 'limit']
BASELINE = 'stock'  # others are compared with it


def server(tool: Tool) -> Tool:
    """Return the tool that serves: git-lfs has no server of its own, so ours does."""
    return BYNAME['ours'] if tool.kind == 'git' else tool


def prepare(tools: list[Tool]) -> dict[str, Path]:
    """Make missing environments; return the folders of programs by environment."""
    if any(tool.kind == 'git' for tool in tools):
        _checkgit()
    wanted = {tool.env for tool in tools if tool.kind == 'hg'}
    if any(tool.kind == 'git' for tool in tools):
        wanted.add('ours')
    found = {name: _environment(FOLDER / name) for name in sorted(wanted)}
    if 'ours' in found:
        _installcheckout(found['ours'])
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


def install(programs: Path, requirement: str) -> None:
    """Install another package into an environment."""
    _pip(programs, requirement)


def _installcheckout(programs: Path) -> None:
    """Install the checkout as it is now."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in PACKAGE:
            source, target = CHECKOUT / name, Path(scratch, name)
            target.parent.mkdir(exist_ok=True)
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
    """Return the variables of a tool: of the caller's, PATH alone."""
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
    """Return the versions by the commands that print them."""
    asked = {
        'mercurial': [*_hg(programs), 'version', '-T', '{ver}'],
        'git': ['git', 'version'],
        'git-lfs': ['git', 'lfs', 'version'],
        'hg-lfs': ['git', '-C', str(CHECKOUT), 'describe', '--always', '--dirty'],
    }
    return {name: _output(command) for name, command in asked.items()}


def _hg(programs: dict[str, Path]) -> list[str]:
    return [str(folder / 'hg') for folder in programs.values()][:1] or ['hg']


def _output(command: list[str]) -> str:
    env = {**os.environ, 'HGRCPATH': ''}
    try:
        done = subprocess.run(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return ''
    return done.stdout.decode('utf-8', 'replace').strip()
