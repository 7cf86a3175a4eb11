#!/usr/bin/env python3
"""Shows hg-lfs at work: large files committed, pushed, cloned, changed and pulled.

Usage: demo.py HG

HG is the hg of an environment that has both Mercurial and hg-lfs. A server and two
clients, each with a configuration and a cache of its own, live in a scratch folder
(below TMPDIR) for as long as the demo runs; nothing else is read or written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MB = 1 << 20  # megabytes as in Mercurial's output
SPACE = 2000 * MB
LARGE = {'video.bin': 200 * MB, 'sound/left.bin': 40 * MB, 'sound/right.bin': 40 * MB}
CHANGED = 'sound/left.bin'
TOTAL = sum(LARGE.values())
PROJECT = 'project'

Digests = dict[str, str]

HGLFS = """\
[track]
**.bin = size(">1MB")
"""

HGRC = """\
[extensions]
hglfs =
[lfs]
usercache = {folder}/cache
[ui]
username = {folder.name}
paginate = never
[progress]
# seconds until a bar is shown: less than usual, as all is near here
delay = 0.5
[web]
# the server lets everybody push, and without TLS
allow-push = *
push_ssl = no
"""


class DemoError(Exception):
    """A result that differs from the expected one."""


@dataclass(frozen=True)
class Step:
    """A command that was timed, and how many bytes of large files it handled."""

    title: str
    size: int
    seconds: float

    @property
    def speed(self) -> float:
        """Megabytes a second."""
        return self.size / MB / self.seconds


class Machine:
    """A separate computer from hg's view: a folder, with configuration and cache."""

    def __init__(self, hg: str, folder: Path, steps: list[Step]) -> None:
        self._hg = hg
        self._folder = folder
        self._steps = steps
        self.project = folder / PROJECT
        folder.mkdir()
        (folder / 'hgrc').write_text(HGRC.format(folder=folder), 'utf-8')

    @property
    def name(self) -> str:
        return self._folder.name

    def hg(self, *args: str) -> None:
        """Run a command in the user's folder, and show it."""
        say('\n%s' % self._typed(args))
        status = subprocess.call([self._hg, *args], **self._place())
        check(status == 0, 'hg %s exited with status %d' % (args[0], status))

    def timed(self, title: str, size: int, *args: str) -> None:
        """Run a command, and print its duration and speed."""
        start = time.perf_counter()
        self.hg(*args)
        step = Step(title, size, time.perf_counter() - start)
        say('-> %d MB in %.1f s: %.0f MB/s' % (size // MB, step.seconds, step.speed))
        self._steps.append(step)

    def ask(self, *args: str) -> str:
        """Return the output of a command."""
        done = subprocess.run(
            [self._hg, *args], stdout=subprocess.PIPE, text=True, **self._place()
        )
        check(done.returncode == 0, 'hg %s failed' % shlex.join(args))
        return done.stdout

    def start(self, *args: str) -> subprocess.Popen:
        """Start a command in the background, and show it."""
        say('\n%s &' % self._typed(args))
        with open(self._folder / 'stderr', 'wb') as stderr:
            return subprocess.Popen(
                [self._hg, *args],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                **self._place(),
            )

    def complaints(self) -> str:
        """Return the error output of the started command."""
        return (self._folder / 'stderr').read_text('utf-8', 'replace').strip()

    def _typed(self, args: tuple[str, ...]) -> str:
        where = self._cwd().relative_to(self._folder.parent)
        return '%s$ hg %s' % (where, shlex.join(args))

    def _cwd(self) -> Path:
        return self.project if self.project.exists() else self._folder

    def _place(self) -> dict:
        environment = {**os.environ, 'HGRCPATH': str(self._folder / 'hgrc')}
        for variable in ('HGPLAIN', 'HGPLAINEXCEPT', 'HGUSER'):
            environment.pop(variable, None)
        return {'cwd': self._cwd(), 'env': environment, 'stdin': subprocess.DEVNULL}


def play(hg: str, scratch: Path) -> None:
    """Run the whole demo."""
    steps: list[Step] = []
    server, office, laptop = (
        Machine(hg, scratch / name, steps) for name in ('server', 'office', 'laptop')
    )
    introduce(office, scratch)
    with serving(server) as url:
        first = publish(office, url)
        clone(laptop, url, first)
        second = change(office)
        follow(laptop, first, second)
        verify(office, laptop)
    summarize(steps)


def introduce(machine: Machine, scratch: Path) -> None:
    """Print the versions; check that hg-lfs is enabled."""
    version = machine.ask(
        'version', '-T', "Mercurial {ver}{extensions % ', {name} {ver}'}"
    )
    say('%s, in %s' % (version, scratch))
    check(', hglfs ' in version, 'this hg cannot load the hglfs extension')


@contextlib.contextmanager
def serving(server: Machine) -> Iterator[str]:
    """Serve an empty repository; yield its URL."""
    server.hg('init', PROJECT)
    logs = ('--accesslog', '../access.log', '--errorlog', '../error.log')
    process = server.start(
        *('serve', '--address', '127.0.0.1', '--port', '0', '--print-url'), *logs
    )
    try:
        # the kernel chose the port; the name need not be that of the address
        port = process.stdout.readline().strip().rstrip('/').rpartition(':')[2]
        check(port.isdigit(), 'hg serve did not start: %s' % server.complaints())
        say('-> port %s' % port)
        yield 'http://127.0.0.1:%s/' % port
    finally:
        stop(process)


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def publish(office: Machine, url: str) -> Digests:
    """Commit large files, push them, and return the digests that all should get."""
    office.hg('clone', url, PROJECT)
    write(office.project)
    office.timed('commit', TOTAL, 'commit', '--addremove', '-m', 'the first cut')
    checklarge(office)
    office.timed('push', TOTAL, 'push')
    return digests(office.project)


def clone(laptop: Machine, url: str, expected: Digests) -> None:
    """Clone to a machine that has none of the files in its cache."""
    laptop.timed('clone', TOTAL, 'clone', url, PROJECT)
    checksame(laptop, expected)


def change(office: Machine) -> Digests:
    """Change a file, push it, and return the digests that all should get."""
    size = LARGE[CHANGED]
    overwrite(office.project / CHANGED, size // 2)
    office.timed('commit a change', size, 'commit', '-m', 'less noise on the left')
    office.timed('push a change', size, 'push')
    return digests(office.project)


def follow(laptop: Machine, first: Digests, second: Digests) -> None:
    """Pull the change, update to the parent, and back again."""
    size = LARGE[CHANGED]
    laptop.timed('pull a change', size, 'pull', '-u')
    checksame(laptop, second)
    laptop.timed('update back', size, 'update', '0')
    checksame(laptop, first)
    laptop.timed('update forth', size, 'update', 'tip')
    checksame(laptop, second)


def verify(*machines: Machine) -> None:
    """Run hg verify on both revisions of the large files, at each end."""
    for machine in machines:
        size = TOTAL + LARGE[CHANGED]
        machine.timed('verify, %s' % machine.name, size, 'verify')


def write(project: Path) -> None:
    """Write large files, a text, and the rule for large files."""
    say('\n... writing %d files, %d MB, and a small one' % (len(LARGE), TOTAL // MB))
    for name, size in LARGE.items():
        path = project / name
        path.parent.mkdir(exist_ok=True)
        with path.open('wb') as file:
            for _ in range(size // MB):
                file.write(os.urandom(MB))
    (project / 'notes.txt').write_text('A small file is a file as ever.\n')
    (project / '.hglfs').write_text(HGLFS)
    say('\n.hglfs says:\n%s' % HGLFS.rstrip())


def overwrite(path: Path, offset: int) -> None:
    """Overwrite a part in the middle of a file."""
    say('\n... changing 1 MB of %s' % CHANGED)
    with path.open('r+b') as file:
        file.seek(offset)
        file.write(os.urandom(MB))


def checklarge(machine: Machine) -> None:
    """Check that only the large files were committed as such."""
    found = machine.ask('files', '-r', '.', 'set:lfs()').splitlines()
    check(sorted(found) == sorted(LARGE), 'committed as large: %s' % found)


def checksame(machine: Machine, expected: Digests) -> None:
    """Check that a machine has the office's files, and no others."""
    found = digests(machine.project)
    paths = sorted({*expected, *found})
    differing = [path for path in paths if expected.get(path) != found.get(path)]
    check(not differing, 'not as at the office: %s' % ', '.join(differing))
    say('-> %d files with the SHA-256 that they have at the office' % len(found))


def digests(project: Path) -> Digests:
    """Return the SHA-256 of each file of a working directory, by path."""
    paths = {path.relative_to(project): path for path in project.rglob('*')}
    return {
        name.as_posix(): digest(path)
        for name, path in paths.items()
        if path.is_file() and name.parts[0] != '.hg'
    }


def digest(path: Path) -> str:
    hasher = hashlib.sha256()
    with path.open('rb') as file:
        while chunk := file.read(MB):
            hasher.update(chunk)
    return hasher.hexdigest()


def summarize(steps: list[Step]) -> None:
    say('\n%-22s %6s %8s %6s' % ('', 'MB', 'seconds', 'MB/s'))
    for step in steps:
        row = (step.title, step.size // MB, step.seconds, step.speed)
        say('%-22s %6d %8.1f %6.0f' % row)
    say('\nEvery file arrived as it was, and both repositories verify.')


def say(text: str) -> None:
    # before hg writes to the same stream
    print(text, flush=True)


def check(fine: bool, otherwise: str) -> None:
    if not fine:
        raise DemoError(otherwise)


@contextlib.contextmanager
def scratchfolder() -> Iterator[Path]:
    """Make a folder; remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix='hg-lfs-demo-') as name:
        free = shutil.disk_usage(name).free
        check(
            free >= SPACE,
            'of the %d MB needed below %s, %d are free; set TMPDIR to another folder'
            % (SPACE // MB, os.path.dirname(name), free // MB),
        )
        yield Path(name).resolve()


def main(hg: str) -> int:
    found = shutil.which(hg)
    # so that a demo that is terminated stops the server, too
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    try:
        check(found is not None, 'no such command: %s' % hg)
        with scratchfolder() as scratch:
            play(os.path.abspath(found), scratch)
    except DemoError as exc:
        print('demo: failed: %s' % exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('demo: interrupted', file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
