"""Find the working directories that use a store, and the changesets that they need.

The working directories are those of a repository and of its shares. An unfinished
operation, such as a rebase, needs the changesets whose nodes are in its state file. The
files are searched for anything that looks like a node, because each operation has its
own format, and other extensions add operations.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence

from mercurial import error, state
from mercurial.i18n import _
from mercurial.node import bin
from mercurial.utils import stringutil

from ...hg import compat
from ...hg.lfsrepo import LfsRepo
from ...lfs.store import files
from . import references, shares

_NODE = re.compile(rb'(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])')
#: The maximum size of a state file in bytes.
_LONGEST = 64 << 20
#: The state files of merges, and of operations of extensions that may be off now.
_STATES = (b'merge/state', b'merge/state2', b'transplant/journal')
#: The beginnings of names of files that are no such state.
_OTHERS = (b'dirstate', b'fsmonitor', b'undo.', b'journal.')


class WorkDirs:
    """The repositories that share a store and have working directories.

    Each repository is opened once, when it is first requested.
    """

    def __init__(self, lfs: LfsRepo) -> None:
        self._lfs = lfs
        self._opened = {os.path.realpath(lfs.repo.path): lfs.repo}

    def repositories(self) -> list:
        """Return the repositories, sorted by path; raise StateError.

        Shares that were registered since the last call are opened.
        """
        source = os.path.realpath(self._lfs.repo.sharedpath)
        for path in shares.folders(self._lfs):
            if path not in self._opened:
                self._opened[path] = _open(self._lfs, path)
        return [
            repo
            for _path, repo in sorted(self._opened.items(), key=lambda item: item[0])
            # hg unshare leaves a repository that has shelves from before
            if os.path.realpath(repo.sharedpath) == source
        ]

    @contextlib.contextmanager
    def locked(self, wait: bool = True) -> Iterator[None]:
        """Lock all working directories, then the store, against commits and updates.

        Raises LockError. Without ``wait``, this is raised at once if another process
        holds a lock.
        """
        with contextlib.ExitStack() as stack:
            # in one order, so that two processes do not wait for each other
            for repo in self.repositories():
                stack.enter_context(repo.wlock(wait))
                if repo is not self._lfs.repo:
                    repo.invalidate()  # its parents may be new changesets
            stack.enter_context(self._lfs.repo.lock(wait))
            yield


def _open(lfs: LfsRepo, path: bytes):
    root = os.path.dirname(path)
    try:
        return compat.openrepository(lfs.repo.baseui, root).unfiltered()
    except (error.RepoError, OSError) as exc:
        raise error.StateError(
            _(b'cannot open the share %s: %s') % (root, stringutil.forcebytestr(exc)),
            hint=_(b'the blobs that it needs are not known, so none is removed'),
        ) from exc


def needed(repo, changelog) -> set[bytes]:
    """Return the nodes of the changesets that a working directory needs.

    These are:

    - the parents of the working directory
    - the changesets named in the state files of unfinished operations, and the parents
      of these changesets
    - the common ancestors that a merge reads

    Nodes that are not in ``changelog`` are left out. Raises StateError if a state file
    cannot be read.
    """
    isthere, null = changelog.index.has_node, repo.nullid
    parents = [n for n in repo.dirstate.parents() if n != null and isthere(n)]
    named = {node for node in _innames(repo) if node != null and isthere(node)}
    found = {*parents, *named}
    for node in named.difference(parents):
        found.update(changelog.parents(node))
    for node in {*parents[1:], *named} if parents else ():
        found.update(changelog.commonancestorsheads(parents[0], node))
    return found - {null}


def _innames(repo) -> Iterator[bytes]:
    """Yield the nodes found in the state files of unfinished operations."""
    for name in _statefiles(repo):
        with references.translate_errors(repo.vfs.join(name)):
            text = _read(repo.vfs.join(name))
        yield from map(bin, _NODE.findall(text))


def _read(path: bytes) -> bytes:
    try:
        return files.readbounded(path, _LONGEST)
    except FileNotFoundError:
        if not files.isabsent(path):
            raise
        return b''


def _statefiles(repo) -> Sequence[bytes]:
    declared = (getattr(check, '_fname', b'') for check in state._unfinishedstates)
    with references.translate_errors(repo.path):
        names = os.listdir(repo.path)
    named = [name for name in names if _isstate(repo, name)]
    return sorted({*filter(None, declared), *named, *_STATES})


def _isstate(repo, name: bytes) -> bool:
    if b'state' not in name or name.startswith(_OTHERS):
        return False
    return not repo.vfs.isdir(name)
