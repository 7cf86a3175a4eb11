"""Commands of Mercurial for benchmarks: fetch only, and write a history.

The history has thousands of text files in folders. Every changeset has other lines in a
few of them, and some add a file. The same numbers give the same history.
"""

from __future__ import annotations

import random

from mercurial import context, match, registrar, scmutil

cmdtable: dict = {}
command = registrar.command(cmdtable)

BATCH = 1000  # changesets in a transaction
BEGAN = 1_500_000_000  # seconds since the epoch
WORDS = [b'%s%s' % (a, b) for a in (b'al', b'be', b'du', b'ko') for b in (b'fa', b'mi')]


@command(b'bench-fetch', [(b'r', b'rev', b'tip', b'')])
def benchfetch(ui, repo, rev):
    """fetch the blobs of a revision, and do nothing else

    An update would write working files, too, from blocks of the blobs where the file
    system can share them, and ``hg cat`` would read every blob once more.
    """
    from hgext3rd.hglfs.actions import fetch

    ctx = scmutil.revsingle(repo, rev)
    fetch.formatches(repo, [(ctx.rev(), match.always())])


class Tree:
    """The files as they are, in lines."""

    def __init__(self, changesets: int, files: int) -> None:
        self._rng = random.Random(changesets)
        self._files: list[bytes] = []
        self._texts: dict[bytes, list[bytes]] = {}
        self._first = files // 3
        self._every = max(1, changesets // max(1, files - self._first))
        self._most = files

    def step(self, number: int) -> list[bytes]:
        """Make the changes of a changeset; return the names of its files."""
        if not number:
            return sorted({self._add() for _ in range(self._first)})
        changed = {self._edit() for _ in range(self._rng.randint(1, 4))}
        if number % self._every == 0 and len(self._files) < self._most:
            changed.add(self._add())
        return sorted(changed)

    def text(self, name: bytes) -> bytes:
        return b''.join(self._texts[name])

    def describe(self) -> bytes:
        return self._line().strip()

    def _add(self) -> bytes:
        number = len(self._files)
        name = b'src/%s%d/part%d/file%05d.txt'
        name %= (WORDS[number % len(WORDS)], number % 12, number // 100, number)
        self._files.append(name)
        self._texts[name] = [self._line() for _ in range(self._rng.randint(20, 200))]
        return name

    def _edit(self) -> bytes:
        name = self._rng.choice(self._files)
        lines = self._texts[name]
        for _ in range(self._rng.randint(1, 5)):
            at = self._rng.randrange(len(lines))
            lines[at : at + self._rng.randint(0, 2)] = [self._line()]
        return name

    def _line(self) -> bytes:
        words = self._rng.choices(WORDS, k=self._rng.randint(3, 8))
        return b'%s %d\n' % (b' '.join(words), self._rng.randrange(1 << 30))


@command(b'bench-history', [], b'CHANGESETS FILES')
def benchhistory(ui, repo, changesets, files):
    """add so many changesets to the tip"""
    count = int(changesets)
    tree = Tree(count, int(files))
    for first in range(0, count, BATCH):
        with repo.wlock(), repo.lock(), repo.transaction(b'history'):
            for number in range(first, min(first + BATCH, count)):
                _commit(repo, tree, number)


def _commit(repo, tree: Tree, number: int) -> None:
    def content(repo, ctx, path):
        return context.memfilectx(repo, ctx, path, tree.text(path))

    parents = repo.changelog.tip(), repo.nullid
    names, said = tree.step(number), tree.describe()
    date = b'%d 0' % (BEGAN + number * 600)
    ctx = context.memctx(repo, parents, said, names, content, b'bench', date)
    repo.commitctx(ctx)
