"""Applies a clone bundle; where that fails, the repository is as it was."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from mercurial import bundle2, error, exchange, streamclone
from mercurial.utils import stringutil

from ...lfs import words

#: What is not the bundle's fault, and would meet the next one as well.
_PROPAGATED = (OSError, MemoryError, error.HookAbort, error.InterventionRequired)


class NotApplied(Exception):
    """A bundle could not be applied, and the repository is as it was."""


def apply(repo, handle: BinaryIO, name: bytes) -> None:
    """Applies the bundle in an open file; ``name`` is what users are told of it.

    That is its URL without secrets, and what hooks get as well.
    """
    with repo.lock(), repo.transaction(b'bundleurl') as tr:
        bundle = exchange.readbundle(repo.ui, handle, name)
        if isinstance(bundle, streamclone.streamcloneapplier):
            bundle.apply(repo)
        else:
            bundle2.applybundle(repo, bundle, tr, b'clonebundles', name)


@contextlib.contextmanager
def restoring(repo) -> Iterator[None]:
    """Turns whatever an attempt raises into NotApplied, if nothing is left of it.

    A bundle may contain anything, and Mercurial say anything to it. The repository
    is an empty one, and locked.
    """
    requirements = set(repo.requirements)
    before = _files(repo)

    def restored() -> bool:
        # a stream's files are in no transaction
        return requirements == repo.requirements and _restore(repo, before)

    with _translate_errors(repo, restored):
        yield


@contextlib.contextmanager
def rollingback(repo) -> Iterator[None]:
    """The same for a repository that isn't empty, whose transaction undoes all.

    No stream is applied to such a one.
    """
    before = len(repo.unfiltered())
    with _translate_errors(repo, lambda: len(repo.unfiltered()) == before):
        yield


@contextlib.contextmanager
def _translate_errors(repo, isrestored: Callable[[], bool]) -> Iterator[None]:
    nested = repo.currenttransaction() is not None
    try:
        yield
    except _PROPAGATED:
        raise
    except Exception as exc:
        repo.invalidate(clearfilecache=True)
        if nested or not isrestored():
            raise
        reason = stringutil.forcebytestr(exc) or type(exc).__name__.encode('ascii')
        raise NotApplied(words.shown(reason)) from exc


def _restore(repo, before: dict[bytes, int]) -> bool:
    """Removes the files that are new; tells whether all is as before."""
    for path, size in _files(repo).items():
        if path not in before:
            os.unlink(path)
        elif size != before[path]:
            return False
    repo.invalidate(clearfilecache=True)
    return not len(repo.unfiltered())


def _files(repo) -> dict[bytes, int]:
    """Returns the sizes of the files that a stream may write over."""
    found = {}
    for root in (repo.spath, repo.cachevfs.base):
        for folder, folders, names in os.walk(root):
            if folder == repo.spath and b'lfs' in folders:
                folders.remove(b'lfs')
            for name in names:
                path = os.path.join(folder, name)
                if not name.startswith(b'undo') and not os.path.islink(path):
                    found[path] = os.path.getsize(path)
    return found
