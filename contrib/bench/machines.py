"""A computer, as far as a tool can tell: a home, configuration, a cache, a project."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import leftovers
from datasets import walk
from environments import environment
from measure import Failed, Usage, complaint
from tools import ATTRIBUTES, GITCONFIG, HGRC, Tool

# what brings a repository about and from one state to another; none of it is timed
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
    # its patterns are asked once there is a large file, and not before
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


# where, beside the machines, is what connects them over ssh
LINE = 'line'


class Machine:
    """A tool's home in a folder, which it makes anew; its project may be missing."""

    def __init__(self, tool: Tool, folder: Path, programs: dict[str, Path]) -> None:
        leftovers.discard(folder)
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
        """Does one of the steps above in the project."""
        self.project.mkdir(exist_ok=True)
        steps = {**STEPS[self.tool.kind], **STEPS.get(self.tool.name, {})}
        for template in steps.get(name, ()):
            self.run(*shlex.split(template.format(rev=rev)))

    def run(self, *command: str) -> None:
        """Runs a command that is not measured."""
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
            told = complaint(self.log, str(status))
            raise Failed('%s: %s' % (shlex.join(command[:2]), told))

    def blobs(self) -> int:
        """Returns how many contents are kept beside the history."""
        folder = self.project / self.tool.blobs
        return sum(1 for path in walk(folder) if BLOB.match(path.name))

    def remove(self) -> None:
        leftovers.discard(self.folder)


@dataclass(frozen=True)
class Server:
    """A server that runs: its URL, and what it used so far."""

    url: str
    pid: int

    def usage(self) -> Usage:
        """Returns seconds of processor and bytes at its peak, where /proc tells."""
        try:
            status = Path('/proc/%d/status' % self.pid).read_text()
            stat = Path('/proc/%d/stat' % self.pid).read_text()
        except OSError:
            return Usage(0.0, 0.0, 0)
        peak = next(line for line in status.splitlines() if line.startswith('VmHWM'))
        ticks = sum(map(int, stat.rpartition(')')[2].split()[11:13]))
        cpu = ticks / os.sysconf('SC_CLK_TCK')
        return Usage(0.0, 0.0, 0, cpu, int(peak.split()[1]) << 10)


@contextlib.contextmanager
def serving(machine: Machine) -> Iterator[Server]:
    """Runs hg serve for a machine's project, on loopback."""
    errors = machine.folder / 'serve.log'
    with errors.open('wb') as stderr:
        process = subprocess.Popen(
            ['hg', 'serve', '--address', '127.0.0.1', '--port', '0', '--print-url']
            + ['--accesslog', os.devnull, '--errorlog', os.devnull],
            cwd=machine.project,
            env=machine.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        # the kernel chose the port; the name need not be that of the address
        port = process.stdout.readline().strip().rstrip('/').rpartition(':')[2]
        if not port.isdigit():
            raise Failed('hg serve: %s' % complaint(errors, 'no port'))
        yield Server('http://127.0.0.1:%s/' % port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
