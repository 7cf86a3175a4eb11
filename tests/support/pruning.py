"""A world of repositories that are pruned, and a model of what must not be lost.

The model knows the files of each changeset from the working directory that it was
committed in, never from what is tested: what a prune may take follows from phases,
parents and shelves, as Mercurial itself lists them.

A server has all that is public. Two clones have each a share; all are of one user, with
one cache.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .cmdserver import CommandServer, Result

#: The repositories with a working directory, by the repository that has the store.
STORES = {'one': ('one', 'one-share'), 'two': ('two', 'two-share')}
PLACES = tuple(place for places in STORES.values() for place in places)
_FILES = ('a', 'b', 'c')
_DATE = ('--date', '2020-01-01 00:00')
_CONFIG = """\
[extensions]
hglfs =
share =
shelve =
[lfs]
track = all()
usercache = %s
[ui]
username = test
merge = :other
timeout = 120
[experimental]
evolution = all
"""
#: What a command may not say, however it was disturbed.
_NEVER = (b'Traceback', b'integrity check failed', b'corrupt', b'is not here')


class Lost(Exception):
    """Something that is needed is gone, or a command failed as it never may."""


@dataclass
class World:
    """The repositories, and the model: files of changesets, contents of shelves."""

    root: Path
    hg: str
    manifests: dict[str, dict[str, str]] = field(default_factory=dict)
    shelves: dict[tuple[str, str], str] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)

    def make(self) -> None:
        """Create the repositories, with two changesets."""
        config = self.root / 'hgrc'
        config.write_text(_CONFIG % (self.root / 'cache'))
        self._hg('init', 'server')
        self._hg('clone', 'server', 'one')
        with Worker(self, 'one', 0) as first:
            for _again in range(2):
                first.commit()
            first.do('push')
        self._hg('clone', 'server', 'two')
        for store, places in STORES.items():
            self._hg('share', store, places[1])

    def _hg(self, *args: str) -> None:
        subprocess.run(
            [self.hg, *args],
            cwd=self.root,
            env=self.environ(),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def environ(self) -> dict[str, str]:
        """Return the environment of all commands."""
        return {
            **os.environ,
            'HGRCPATH': str(self.root / 'hgrc'),
            'HGPLAIN': '1',
            'HGENCODING': 'utf-8',
        }

    def blobs(self, name: str) -> set[str]:
        """Return the blobs in a repository's own store; in the cache, by its name."""
        below = '' if name == 'cache' else '.hg/store/lfs/objects'
        return {
            path.parent.name + path.name
            for path in (self.root / name / below).glob('??/*')
            if len(path.name) == 62
        }

    def check(self, workers: Iterable[Worker]) -> None:
        """Raise Lost if something is gone that is needed; no command may be running."""
        public: set[str] = set()
        for worker in workers:
            own = self.blobs(worker.store)
            unpublished, published = worker.phases()
            public |= published
            needed = self.needed([*unpublished, *worker.parents()[:1]])
            needed |= worker.shelved()
            if needed - own:
                raise Lost('%s needs %s' % (worker.place, sorted(needed - own)))
        if lost := self.needed(public) - self.blobs('server'):
            raise Lost('the server has lost %s' % sorted(lost))
        for name in (*STORES, 'server', 'cache'):
            self._checkcontents(name)

    def _checkcontents(self, name: str) -> None:
        for oid in self.blobs(name):
            below = '' if name == 'cache' else '.hg/store/lfs/objects'
            path = self.root / name / below / oid[:2] / oid[2:]
            if hashlib.sha256(path.read_bytes()).hexdigest() != oid:
                raise Lost('%s is damaged in %s' % (oid, name))

    def needed(self, nodes: Iterable[str]) -> set[str]:
        """Return the blobs of all files of some changesets."""
        return {oid for node in nodes for oid in self.manifests[node].values()}


class Worker:
    """A user in one working directory, who does one thing after the other at random."""

    def __init__(self, world: World, place: str, seed: int) -> None:
        self.place = place
        self.store = next(name for name, found in STORES.items() if place in found)
        self.count = self.failed = 0
        self._world = world
        self._random = random.Random('%s %d' % (place, seed))
        self._folder = world.root / place
        self._server = CommandServer(world.hg, str(self._folder), world.environ())
        world.workers[place] = self

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.close()

    def step(self, calm: bool = True) -> str:
        """Do something; return what. If ``calm``, no other worker is active.

        Raises Lost if that takes away what is needed.
        """
        names, weights = zip(*_OPERATIONS)
        name = self._random.choices(names, weights)[0]
        self.count += 1
        if calm and name in ('prune', 'evict'):
            self._watched(name)
        else:
            getattr(self, name)()
        return name

    def _watched(self, name: str) -> None:
        """Prune or evict, and compare what there was with what there is."""
        world = self._world
        needed = set()
        for place in STORES[self.store]:
            worker = world.workers[place]
            needed |= world.needed([*worker.phases()[0], *worker.parents()])
            needed |= worker.shelved()
        own, cache = world.blobs(self.store), world.blobs('cache')
        getattr(self, name)()
        gone = own - world.blobs(self.store)
        if gone & needed or gone - world.blobs('server'):
            raise Lost('%s removed %s' % (name, sorted(gone)))
        here = world.blobs(self.store) | world.blobs('cache')
        if lost := (needed & (own | cache)) - here:
            raise Lost('%s evicted %s' % (name, sorted(lost)))

    # what a user does

    def commit(self) -> None:
        """Commit new content, or one that has been there before."""
        for name in self._random.sample(_FILES, self._random.randint(1, 2)):
            self._write(name)
        self._committed('commit', '--addremove', '--message', 'some', *_DATE)

    def amend(self) -> None:
        """Replace the parent, which stays as a hidden changeset."""
        self._write(self._random.choice(_FILES))
        self._committed('commit', '--amend', '--addremove', '-m', 'some', *_DATE)
        self.do('update', '--clean', '.')

    def update(self) -> None:
        """Go to any changeset, if it is known here."""
        node = self._random.choice(sorted(self._world.manifests))
        self.do('update', '--clean', node)

    def merge(self) -> None:
        """Merge with any changeset; now and then leave it at that."""
        node = self._random.choice(sorted(self._world.manifests))
        done = self.do('merge', '--rev', node)
        if done.code == 0 and self._random.random() < 0.5:
            self._committed('commit', '--message', 'merge', *_DATE)

    def push(self) -> None:
        """Publish all that is here."""
        self.do('push', '--force')

    def pull(self) -> None:
        """Get what others have published."""
        self.do('pull')

    def shelve(self) -> None:
        """Put a change aside."""
        self.do('update', '--clean', '.')
        oid = self._write('a')
        name = 'shelf-%s-%d' % (self.place, self.count)
        if self.do('shelve', '--name', name, 'a').code == 0:
            self._world.shelves[self.place, name] = oid

    def forget(self) -> None:
        """Delete the shelves."""
        for place, name in list(self._world.shelves):
            if place == self.place:
                self.do('shelve', '--delete', name)
                del self._world.shelves[place, name]

    def prune(self) -> None:
        """Remove what the server has."""
        words = ['--retention', '0']
        if self._random.random() < 0.2:
            words.append('--no-verify-remote')
        self.do('lfs-prune', *words)

    def evict(self) -> None:
        """Empty the cache."""
        self.do('lfs-prune', '--cache', '--all')

    # what the user sees

    def phases(self) -> tuple[set[str], set[str]]:
        """Return the changesets that are not public, hidden ones too, and the others.

        Those of a shelf, which no user has committed, are left out.
        """
        shown = self.do('log', '--hidden', '--template', '{node} {phase}\n').output
        pairs = [line.split() for line in shown.decode().splitlines()]
        known = self._world.manifests
        return (
            {node for node, phase in pairs if phase != 'public' and node in known},
            {node for node, phase in pairs if phase == 'public'},
        )

    def parents(self) -> list[str]:
        """Return the parents of the working directory."""
        words = '--rev', 'parents()', '--template', '{node}\n'
        nodes = self.do('log', '--hidden', *words).output.decode().split()
        first = self.do('identify', '--id', '--debug').output.decode()
        return sorted(nodes, key=lambda node: not first.startswith(node))

    def shelved(self) -> set[str]:
        """Return the contents in the shelves of this working directory."""
        shelves = self._world.shelves.items()
        return {oid for (place, _name), oid in shelves if place == self.place}

    def do(self, *args: str) -> Result:
        """Run a command; raise Lost if it says what it never may."""
        found = self._server.run([os.fsencode(arg) for arg in args])
        if any(word in found.output for word in _NEVER):
            raise Lost('%s: hg %s: %r' % (self.place, args, found.output))
        self.failed += found.code not in (0, 1)
        return found

    def _committed(self, *args: str) -> None:
        """Commit, and note the files; one that is left as it was makes no changeset."""
        if self.do(*args).code:
            self.do('update', '--clean', '.')
            return
        node = self.do('log', '--rev', '.', '--template', '{node}').output.decode()
        self._world.manifests[node] = {
            name: hashlib.sha256((self._folder / name).read_bytes()).hexdigest()
            for name in _FILES
            if (self._folder / name).exists()
        }

    def _write(self, name: str) -> str:
        # the same contents come again: those that the server has are what may go
        isold = self._random.random() < 0.7
        number = self._random.randrange(6) if isold else self._random.random()
        content = b'content %r\n' % number
        (self._folder / name).write_bytes(content)
        return hashlib.sha256(content).hexdigest()


_OPERATIONS = (
    ('commit', 8),
    ('amend', 2),
    ('update', 6),
    ('merge', 2),
    ('push', 4),
    ('pull', 3),
    ('shelve', 3),
    ('forget', 1),
    ('prune', 6),
    ('evict', 3),
)


def walk(world: World, seed: int, steps: int) -> Iterator[str]:
    """Take turns at random; check the model now and then. Yields what was done."""
    turns = random.Random(seed)
    workers = [Worker(world, place, seed) for place in PLACES]
    try:
        for number in range(steps):
            yield turns.choice(workers).step()
            if number % 10 == 9:
                world.check(workers)
        world.check(workers)
    finally:
        for worker in workers:
            worker.__exit__()


def crowd(world: World, seed: int, steps: int) -> list[Worker]:
    """Let a process for each working directory take steps at once, then check.

    Returns the workers, with their counts. Raises the first Lost.
    """
    workers = [Worker(world, place, seed) for place in PLACES]
    errors: list[Exception] = []
    threads = [
        threading.Thread(target=_alone, args=(worker, steps, errors))
        for worker in workers
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        world.check(workers)
    finally:
        for worker in workers:
            worker.__exit__()
    return workers


def _alone(worker: Worker, steps: int, errors: list[Exception]) -> None:
    try:
        for _step in range(steps):
            if errors:
                return
            worker.step(calm=False)
    except Exception as exc:
        errors.append(exc)


def found() -> str:
    """Return the Mercurial that belongs to this Python, or is on the path."""
    import sys

    beside = os.path.join(os.path.dirname(sys.executable), 'hg')
    return beside if os.path.exists(beside) else str(shutil.which('hg'))
