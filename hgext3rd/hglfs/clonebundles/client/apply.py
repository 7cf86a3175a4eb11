"""Apply a clone bundle; on failure, restore the repository."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from mercurial import bundle2, error, exchange, streamclone
from mercurial.utils import stringutil

from ...lfs import words

#: Errors that another bundle would cause as well: the clone fails.
_PROPAGATED = (OSError, MemoryError, error.HookAbort, error.InterventionRequired)


class NotApplied(Exception):
    """Raised if a bundle could not be applied, but the repository was restored."""


def apply(repo, handle: BinaryIO, name: bytes) -> None:
    """Apply the bundle in an open file.

    ``name`` is its URL without secrets, for messages and hooks.
    """
    with repo.lock(), repo.transaction(b'bundleurl') as tr:
        bundle = exchange.readbundle(repo.ui, handle, name)
        if isinstance(bundle, streamclone.streamcloneapplier):
            bundle.apply(repo)
        else:
            bundle2.applybundle(repo, bundle, tr, b'clonebundles', name)


@contextlib.contextmanager
def restoring(repo) -> Iterator[None]:
    """Restore an empty repository if the body fails, and raise NotApplied.

    An invalid bundle can cause any exception, so NotApplied is raised in place of all
    exceptions except those in ``_PROPAGATED``. If the repository cannot be restored,
    the original exception is raised. The caller must have locked the repository.
    """
    requirements = set(repo.requirements)
    before = _files(repo)

    def restored() -> bool:
        # the files of a stream bundle are not part of a transaction
        return requirements == repo.requirements and _restore(repo, before)

    with _translate_errors(repo, restored):
        yield


@contextlib.contextmanager
def rollingback(repo) -> Iterator[None]:
    """Raise NotApplied if the body fails and its transaction has been rolled back.

    The repository may have changesets already. The body must not apply a stream bundle,
    because a rollback does not undo it.
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
    """Remove the files that are not in ``before``; return whether this was enough.

    It was not enough if another file has a new size, or if the repository still has
    changesets.
    """
    for path, size in _files(repo).items():
        if path not in before:
            os.unlink(path)
        elif size != before[path]:
            return False
    repo.invalidate(clearfilecache=True)
    return not len(repo.unfiltered())


def _files(repo) -> dict[bytes, int]:
    """Return the sizes of the files that a stream may overwrite, by path."""
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
