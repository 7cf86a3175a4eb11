"""The home folder of a tool, and commands, run or measured in it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from . import Failed
from .datasets import discard, walk
from .tools import ATTRIBUTES, GITCONFIG, HGRC, Tool, environment

PROGRAMS = Path(__file__).with_name('programs')
SPAWN = PROGRAMS / 'spawn.py'

# makes a repository, and brings it from one state to another; none of it is timed
STEPS = {
    'hg': {
        'init': ['hg init .'],
        'commit': ['hg commit -q -A -m {rev}', 'hg tag --local {rev}'],
        'goto': ['hg update -q -C {rev}', 'hg status'],
        'settle': ['hg status'],
    },
    'git': {
        'init': [
            'git init -q .',
            'git lfs install --local',
            'git commit -q --allow-empty -m null',
            'git tag null',
        ],
        'commit': ['git add .', 'git commit -q -m {rev}', 'git tag {rev}'],
        'goto': ['git checkout -q -f {rev}', 'git status --porcelain'],
        'settle': ['git status --porcelain'],
    },
    # its patterns count only once there is a large file
    'largefiles': {
        'commit': [
            'hg add -q --large .',
            'hg commit -q -m {rev}',
            'hg tag --local {rev}',
        ],
    },
    'limit': {},
}

# a SHA-1 or SHA-256, whose first two digits may be in a folder's name
BLOB = re.compile('(?:[0-9a-f]{40}|[0-9a-f]{62}|[0-9a-f]{64})$')

#: Of the folder beside the machines that has what connects them over ssh.
LINE = 'line'


class Machine:
    """The home of a tool, made anew in a folder; its project may be missing."""

    def __init__(self, tool: Tool, folder: Path, programs: dict[str, Path]) -> None:
        discard(folder)
        folder.mkdir(parents=True)
        self.tool = tool
        self.folder = folder
        self.project = folder / 'project'
        self.log = folder / 'log'
        self.env = environment(tool, programs, folder)
        self._configure()

    def _configure(self) -> None:
        hgrc = self.tool.hgrc.format(
            cache=self.folder / 'cache', line=self.folder.parent / LINE
        )
        (self.folder / 'hgrc').write_text(HGRC + hgrc)
        attributes = self.folder / 'attributes'
        attributes.write_text(ATTRIBUTES)
        config = GITCONFIG.format(attributes=attributes)
        (self.folder / 'gitconfig').write_text(config)

    def step(self, name: str, rev: str = '') -> None:
        """Do one of the steps above in the project."""
        self.project.mkdir(exist_ok=True)
        steps = {**STEPS[self.tool.kind], **STEPS.get(self.tool.name, {})}
        for template in steps.get(name, ()):
            self.run(*shlex.split(template.format(rev=rev)))

    def run(self, *command: str) -> None:
        """Run a command that is not measured."""
        with self.log.open('wb') as log:
            status = subprocess.call(
                command,
                cwd=self.project,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if status:
            reason = complaint(self.log, str(status))
            raise Failed('%s: %s' % (shlex.join(command[:2]), reason))

    def blobs(self) -> int:
        """Return how many contents are kept beside the history."""
        folder = self.project / self.tool.blobs
        return sum(1 for path in walk(folder) if BLOB.match(path.name))

    def remove(self) -> None:
        discard(self.folder)


@dataclass(frozen=True)
class Usage:
    """The time and memory of commands, and of the server during them.

    Seconds, processor seconds (user and system, with children), and bytes at the
    peak of the largest process; the server's are 0 where there was none.
    """

    wall: float
    cpu: float
    memory: int
    servercpu: float = 0.0
    servermemory: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.memory, other.memory),
            self.servercpu + other.servercpu,
            max(self.servermemory, other.servermemory),
        )

    def asdict(self) -> dict:
        return asdict(self)


NOTHING = Usage(0.0, 0.0, 0)


def measure(commands: Sequence, cwd: Path, env: dict, log: Path) -> Usage:
    """Run commands, each a list of strings; raise Failed where one fails."""
    total = NOTHING
    for command in commands:
        total += _one(command, cwd, env, log)
    return total


def _one(command: list[str], cwd: Path, env: dict, log: Path) -> Usage:
    done = subprocess.run(
        [sys.executable, '-I', '-S', str(SPAWN), str(log), *command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise Failed('cannot run %s' % command[0])
    wall, cpu, memory, status = done.stdout.split()
    if status != '0':
        raise Failed('%s %s: %s' % (command[0], command[1], complaint(log, status)))
    return Usage(float(wall), float(cpu), int(memory))


def complaint(log: Path, status: str) -> str:
    """Return the line of the output that has the reason of a failure."""
    lines = log.read_text('utf-8', 'replace').strip().splitlines()
    telling = [
        line for line in lines if line.startswith(('abort:', 'fatal:', 'error:'))
    ]
    return (telling or lines[-1:] or ['exit status %s' % status])[0]
