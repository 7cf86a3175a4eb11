"""The state before an operation, made untimed, and the check of what it did.

Each stage yields a Scene, and cleans up when it is left. A tool has one base
repository, with A and B, for as long as its data set is measured.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import Failed, tools
from .daemons import Server, reaching
from .datasets import (
    Digests,
    Sources,
    copy,
    copyall,
    digest,
    digests,
    digeststream,
    discard,
    walk,
    warm,
)
from .machines import PROGRAMS, Machine
from .operations import OPERATIONS, spell
from .tools import Tool

TOUCHED = 1_500_000_000  # seconds since the epoch: long before any commit


@dataclass
class Area:
    """The folder of a tool and a data set."""

    tool: Tool
    sources: Sources
    folder: Path
    programs: dict[str, Path]
    kept: dict = field(default_factory=dict)

    @property
    def out(self) -> Path:
        return self.folder / 'out'

    def machine(self, name: str, tool: Tool | None = None) -> Machine:
        return Machine(tool or self.tool, self.folder / name, self.programs)

    def base(self) -> Machine:
        """Return the machine whose repository has both revisions."""
        if 'base' not in self.kept:
            self.kept['base'] = self._build()
        return self.kept['base']

    def _build(self) -> Machine:
        machine = self.machine('base')
        if self.tool.kind == 'limit':
            machine.project.mkdir()
            return machine
        machine.step('init')
        for name in ('a', 'b'):
            copyall(self.sources.path(name), machine.project)
            machine.step('commit', name.upper())
        self._checklarge(machine)
        return machine

    def _checklarge(self, machine: Machine) -> None:
        data = self.sources.data
        expected = len(data.files) + len(data.changed)
        if self.tool.blobs and machine.blobs() != expected:
            raise Failed('of %d blobs there are %d' % (expected, machine.blobs()))


@dataclass
class Scene:
    """The state that an operation is run on, and that its check looks at."""

    area: Area
    machine: Machine
    server: Server | None = None
    host: Machine | None = None

    @property
    def copy(self) -> Path:
        """The folder that a clone makes."""
        return self.machine.folder / 'copy'

    def places(self) -> dict:
        """Return what the braces in commands stand for."""
        url = self.server.url if self.server else ''
        sources = self.area.sources
        return {
            'a': sources.path('a'),
            'b': sources.path('b'),
            'all': sources.folder,
            'out': self.area.out,
            'file': next(iter(sources.data.files)),
            'copy': self.copy,
            'cache': self.area.folder / 'base' / 'cache',
            'url': url,
            'lfs': url + '.git/info/lfs',
            'bare': self.host.folder / 'bare' if self.host else '',
            'oid': next(iter(sources.a.values())),
            'hgbench': PROGRAMS / 'hgbench.py',
            'onepass': PROGRAMS / 'onepass.py',
            'python': sys.executable,
        }


def level(folder: Path) -> None:
    """Free a GiB of the page cache, so that each tool starts with the same free memory.

    On a virtual machine, memory that was free for a while has gone back to the host.
    Writing to it takes some five times as long as to memory that was just freed.
    """
    freed = folder / 'freed'
    with open(freed, 'wb', 0) as handle:
        for _ in range(64):
            handle.write(bytes(16 << 20))
    freed.unlink()


@contextlib.contextmanager
def staged(name: str, area: Area) -> Iterator[Scene]:
    """Make the scene that an operation's stage names, with files in the page cache."""
    discard(area.out)
    area.out.mkdir(parents=True)
    try:
        with contextlib.contextmanager(STAGES[name])(area) as scene:
            # what was written before is not to be written during the measurement
            os.sync()
            warm(scene.machine.folder)
            warm(area.sources.folder)
            level(area.folder)
            yield scene
    finally:
        discard(area.out)


def new(area: Area) -> Iterator[Scene]:
    """Files of A, not yet added."""
    machine = area.machine('new')
    try:
        machine.step('init')
        if area.tool.kind != 'limit':
            copyall(area.sources.path('a'), machine.project)
        yield Scene(area, machine)
    finally:
        machine.remove()


def amendable(area: Area) -> Iterator[Scene]:
    """The tenth of the files committed as in A, and then changed to B."""
    machine = area.machine('new')
    try:
        machine.step('init')
        if area.tool.kind != 'limit':
            for name in area.sources.data.changed:
                copy(area.sources.path('a') / name, machine.project / name)
            machine.step('commit', 'A')
            copyall(area.sources.path('b'), machine.project)
        yield Scene(area, machine)
    finally:
        machine.remove()


def at(area: Area, rev: str) -> Scene:
    area.base().step('goto', rev)
    return Scene(area, area.base())


def atnull(area: Area) -> Iterator[Scene]:
    yield at(area, 'null')


def ata(area: Area) -> Iterator[Scene]:
    yield at(area, 'A')


def touched(area: Area) -> Iterator[Scene]:
    """Files as in A, with other times than at the last status."""
    scene = at(area, 'A')
    area.kept['touches'] = area.kept.get('touches', 0) + 1
    when = TOUCHED + area.kept['touches'] * 10
    for name in area.sources.data.files:
        path = scene.machine.project / name
        if path.exists():
            os.utime(path, (when, when))
    yield scene


def modified(area: Area) -> Iterator[Scene]:
    """Files as in A, but a tenth of them has what B has, uncommitted."""
    scene = at(area, 'A')
    if area.tool.kind != 'limit':
        copyall(area.sources.path('b'), scene.machine.project)
    yield scene


def empty(area: Area) -> Iterator[Scene]:
    """A server that has nothing."""
    base = area.base()
    host = area.kept['host'] = _host(area)
    area.kept.pop('published', None)
    with _served(area, host) as server:
        yield Scene(area, base, server, host)
    area.kept['published'] = True


def vacant(area: Area) -> Iterator[Scene]:
    """The same, for an upload of blobs without history."""
    with contextlib.contextmanager(empty)(area) as scene:
        yield scene
    del area.kept['published']


def _host(area: Area) -> Machine:
    host = area.machine('host', tools.server(area.tool))
    host.step('init')
    if area.tool.kind == 'git':
        host.run('git', 'init', '-q', '--bare', '../bare')
    return host


@contextlib.contextmanager
def _served(area: Area, host: Machine) -> Iterator[Server | None]:
    if area.tool.kind == 'limit':
        yield None
        return
    with reaching(host, area.tool.over) as server:
        yield server


def published(area: Area) -> Iterator[Scene]:
    """A server that has A, and a machine that has nothing."""
    if not area.kept.get('published'):
        _publish(area)
    machine = area.machine('cloner')
    machine.project.mkdir()
    host = area.kept['host']
    try:
        warm(host.folder)
        with _served(area, host) as server:
            yield Scene(area, machine, server, host)
    finally:
        machine.remove()


def pointers(area: Area) -> Iterator[Scene]:
    """The same, with a repository in place of a clone whose history has come."""
    with contextlib.contextmanager(published)(area) as scene:
        if area.tool.name != 'curl':
            scene.machine.run('hg', 'clone', '-q', '-U', scene.server.url, scene.copy)
        yield scene


def _publish(area: Area) -> None:
    push = next(operation for operation in OPERATIONS if operation.name == 'push')
    with contextlib.contextmanager(empty)(area) as scene:
        if area.tool.kind != 'limit':
            commands = push.commandsof(area.tool, 1)
            for command in spell(commands, scene.places()):
                scene.machine.run(*command)


STAGES = {
    stage.__name__: stage
    for stage in (
        *(new, amendable, atnull, ata, touched, modified),
        *(empty, vacant, published, pointers),
    )
}


# checks


def check(name: str, scene: Scene) -> None:
    """Raise Failed where the check of that name finds a wrong result."""
    if scene.area.tool.kind != 'limit':
        CHECKS[name](scene)


def _same(found: Digests, expected: Digests) -> None:
    wrong = sum(1 for path in expected if found.get(path) != expected[path])
    more = len(found.keys() - expected.keys())
    if wrong or more:
        raise Failed('%d files are wrong, %d too many' % (wrong, more))


def _folder(folder: Path, expected: Digests) -> None:
    _same(digests(folder), expected)


def nothing(scene: Scene) -> None:
    """Check nothing: the exit status was enough."""


def silent(scene: Scene) -> None:
    output = scene.machine.log.read_text('utf-8', 'replace').strip()
    if output:
        raise Failed('unexpected: %s' % output.splitlines()[0])


def clean(scene: Scene) -> None:
    scene.machine.step('settle')
    silent(scene)


def committed(scene: Scene) -> None:
    clean(scene)
    _count(scene.machine.blobs(), scene)


def _count(found: int, scene: Scene) -> None:
    expected = len(scene.area.sources.a)
    if scene.area.tool.blobs and found != expected:
        raise Failed('of %d blobs there are %d' % (expected, found))


def isa(scene: Scene) -> None:
    _folder(scene.machine.project, scene.area.sources.a)


def isb(scene: Scene) -> None:
    _folder(scene.machine.project, scene.area.sources.b)


def outisa(scene: Scene) -> None:
    _folder(scene.area.out, scene.area.sources.a)


def tarisa(scene: Scene) -> None:
    with tarfile.open(scene.area.out / 'archive.tar') as archive:
        found = {
            member.name: digeststream(archive.extractfile(member))
            for member in archive
            if member.isfile()
        }
    _same(found, scene.area.sources.a)


def arrived(scene: Scene) -> None:
    _count(scene.host.blobs(), scene)


def fetched(scene: Scene) -> None:
    if scene.area.tool.name == 'curl':
        path, oids = scene.area.out / 'object', scene.area.sources.a.values()
        if digest(path) not in oids:
            raise Failed('not what was asked for')
        return
    blobs = scene.copy / scene.area.tool.blobs
    _count(sum(1 for _ in walk(blobs)), scene)


def copyisa(scene: Scene) -> None:
    _folder(scene.copy, scene.area.sources.a)


CHECKS = {
    check.__name__: check
    for check in (
        *(nothing, silent, clean, committed, isa, isb, outisa, tarisa),
        *(arrived, fetched, copyisa),
    )
}
