"""One measurement: commands are run, and what they used is added up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SPAWNER = Path(__file__).with_name('spawner.py')


class Failed(Exception):
    """A command failed, or did something else than it should have done."""


@dataclass(frozen=True)
class Usage:
    """What commands used, and what the server used meanwhile.

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
    """Runs commands, each a list of strings; raises Failed where one fails."""
    total = NOTHING
    for command in commands:
        total += _one(command, cwd, env, log)
    return total


def _one(command: list[str], cwd: Path, env: dict, log: Path) -> Usage:
    done = subprocess.run(
        [sys.executable, '-I', '-S', str(SPAWNER), str(log), *command],
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
    """Returns the line in which a command says why it failed."""
    lines = log.read_text('utf-8', 'replace').strip().splitlines()
    telling = [
        line for line in lines if line.startswith(('abort:', 'fatal:', 'error:'))
    ]
    return (telling or lines[-1:] or ['exit status %s' % status])[0]
