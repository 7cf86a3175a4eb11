"""Which changesets change which files, from the manifests alone."""

from __future__ import annotations

import random
import struct

import pytest
from mercurial import error, hg, metadata
from mercurial.match import always
from mercurial.node import hex, nullrev
from support import web

from hgext3rd.hglfs.actions import manifests

PATHS = [b'a', b'a.b', b'dir/one', b'dir/sub/two', b'dir0', b'z']
WATCHED = frozenset(PATHS[1:5])


class History:
    """A repository whose manifests and changesets are written as a test wants them."""

    def __init__(self, folder: bytes, *config) -> None:
        self.repo = hg.repository(
            web.configured(folder, *config), folder + b'/repo', create=True
        )
        #: what each changeset's manifest has: (filenode, flags) by path
        self.files: dict[int, dict[bytes, tuple[bytes, bytes]]] = {nullrev: {}}
        self.parents: dict[int, tuple[int, int]] = {}

    def filenode(self, tr, path: bytes, text: bytes) -> bytes:
        try:
            log = self.repo.file(path, writable=True)
        except TypeError:  # hg <= 6.9
            log = self.repo.file(path)
        return log.add(text, {}, tr, len(self.repo.changelog), *[self.repo.nullid] * 2)

    def commit(self, tr, p1: int, p2: int, files) -> int:
        """Add a changeset with these files, which claims to change none."""
        repo, nodes = self.repo, [self.repo.changelog.node(rev) for rev in (p1, p2)]
        memory = repo.manifestlog[repo[p1].manifestnode()].copy()
        content, before = memory.read(), self.files[p1]
        for path in set(before) - set(files):
            del content[path]
        for path, (node, flags) in files.items():
            if before.get(path) != (node, flags):
                content[path] = node
                content.setflag(path, flags)
        added = [path for path in files if before.get(path) != files[path]]
        removed = sorted(set(before) - set(files))
        link = len(repo.changelog)
        old = [repo[rev].manifestnode() for rev in (p1, p2)]
        manifest = memory.write(tr, link, *old, added, removed, always())
        return self.add(tr, manifest, nodes, dict(files), (p1, p2))

    def add(self, tr, manifest: bytes, nodes, files, parents) -> int:
        none = metadata.ChangingFiles(touched=[])
        call = manifest, none, b'text %d' % len(self.files), tr, *nodes, b'user'
        rev = self.repo.changelog.rev(self.repo.changelog.add(*call))
        self.files[rev], self.parents[rev] = files, parents
        return rev


def rightly(history: History, rev: int) -> set[bytes]:
    """Return what a changeset changes, computed without deltas."""
    p1, p2 = history.parents[rev]
    after, *before = (history.files[one] for one in (rev, p1, p2))
    if p2 in (nullrev, p1):
        return {p for p in WATCHED if after.get(p) != before[0].get(p)}
    changelog = history.repo.changelog
    heads = changelog.commonancestorsheads(changelog.node(p1), changelog.node(p2))
    bases = [history.files[changelog.rev(node)] for node in heads] or [{}]
    found = set()
    for path in WATCHED:
        mine, one, other = (files.get(path) for files in (after, *before))
        old = [base.get(path) for base in bases]
        if not (
            mine == one == other
            or (mine == one and other in old)
            or (mine == other and one in old)
        ):
            found.add(path)
    return found


@pytest.mark.parametrize('tree', [False, True])
@pytest.mark.parametrize('seed', range(4))
def test_random_histories(folder, tree, seed):
    dice = random.Random(seed)
    history = History(folder, (b'experimental', b'treemanifest', b'%d' % tree))
    repo = history.repo
    with repo.lock(), repo.transaction(b'test') as tr:
        texts = {
            p: [history.filenode(tr, p, b'%d' % n) for n in range(3)] for p in PATHS
        }
        extra = b'n' * 20
        for _number in range(90):
            revs = list(history.files)
            p1 = dice.choice(revs[-4:])
            p2 = dice.choice(revs[-6:]) if dice.random() < 0.3 else nullrev
            files = dict(history.files[p1])
            for path in PATHS:
                if dice.random() < 0.5:
                    files.update(
                        {
                            name: entry
                            for name, entry in history.files[p2].items()
                            if name == path
                        }
                    )
                if dice.random() < 0.1:
                    files[path] = dice.choice(texts[path]), dice.choice([b'', b'x'])
                elif dice.random() < 0.05:
                    files.pop(path, None)
            files[b'other-%d' % dice.randrange(30)] = extra, b''
            history.commit(tr, p1, p2, files)
        # each as if it were the first that is new, and all of them together
        every = [rightly(history, rev) for rev in range(90)]
        for rev in range(90):
            assert manifests.touched(repo, [rev], WATCHED) == every[rev], rev
            assert manifests.candidates(repo, [rev]) >= every[rev], rev
        for start in (0, 30, 60):
            new = set().union(*every[start:])
            assert manifests.touched(repo, range(start, 90), WATCHED) == new
            assert manifests.candidates(repo, range(start, 90)) >= new
        some = [manifests.candidates(repo, [rev]) & {*PATHS} for rev in range(90)]
        assert any(found < {*PATHS} for found in some)
        assert any(every)
        assert not all(every)


def test_deltas_across_lines_and_duplicate_paths_are_read(folder):
    """Manifests as no Mercurial writes them, in hand-made revisions and deltas."""
    history = History(folder)
    repo = history.repo
    lines = [b'%s\0%s\n' % (path, hex(b'1' * 20)) for path in PATHS]
    good = b''.join(lines)
    at = good.index(lines[3])
    node = at + len(PATHS[3]) + 1
    two = hex(b'2' * 20)
    for text, hunk in [
        # only the node is replaced: the delta contains no path
        (good[:node] + two + good[node + 40 :], (node, node + 40, two)),
        # a second line for the path, beside the first
        (
            good[:at] + lines[3][:-41] + two + b'\n' + good[at:],
            (at, at, lines[3][:-41] + two + b'\n'),
        ),
        # a removal by a hunk that ends where the next line does
        (
            good[: at - 1] + good[at + len(lines[3]) - 1 :],
            (at - 1, at + len(lines[3]) - 1, b''),
        ),
        # a removal that adds a line as long
        (
            good.replace(lines[3], b'dir/sub/tw0\0' + hex(b'1' * 20) + b'\n'),
            (at, at + len(lines[3]), b'dir/sub/tw0\0' + hex(b'1' * 20) + b'\n'),
        ),
    ]:
        with repo.lock(), repo.transaction(b'test') as tr:
            log = repo.manifestlog.getstorage(b'')._revlog
            link, nullid = len(repo.changelog), repo.nullid
            first = 0
            if not len(log):
                log.addrevision(good, tr, link, nullid, nullid)
            delta = struct.pack('>lll', *hunk[:2], len(hunk[2])) + hunk[2]
            p1 = log.node(first)
            added = log.addrevision(
                text, tr, link + 1, p1, nullid, cachedelta=_cached(first, delta)
            )
            base = history.add(tr, p1, [nullid] * 2, {}, (nullrev, nullrev))
            nodes = [repo.changelog.node(base), nullid]
            rev = history.add(tr, log.node(added), nodes, {}, (base, nullrev))
        assert manifests.touched(repo, [rev], WATCHED) == {PATHS[3]}
        assert manifests.touched(repo, [rev], WATCHED - {PATHS[3]}) == set()
        assert PATHS[3] in manifests.candidates(repo, [rev])


def _cached(base: int, delta: bytes):
    try:
        from mercurial.revlogutils import CachedDelta
    except ImportError:  # hg <= 7.1: a tuple
        return base, delta
    return CachedDelta(base, delta)


def test_the_error_for_a_missing_manifest_names_the_changeset(folder):
    history = History(folder)
    repo = history.repo
    with repo.lock(), repo.transaction(b'test') as tr:
        rev = history.add(tr, b'?' * 20, [repo.nullid] * 2, {}, (nullrev, nullrev))
        with pytest.raises(error.Abort, match=hex(repo[rev].node())[:12].decode()):
            manifests.touched(repo, [rev], WATCHED)
        with pytest.raises(error.Abort, match=hex(repo[rev].node())[:12].decode()):
            manifests.candidates(repo, [rev])
