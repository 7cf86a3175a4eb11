"""Repositories that share a store: each is known to the one whose store it is."""

from __future__ import annotations

import contextlib
import os

from ..bridge.repolfs import RepoLfs
from ..store import files, shares


def register(box: RepoLfs) -> None:
    """Tells the source of a repository about it.

    Where that may not be written to, nothing is said: it has no say in what goes.
    """
    with contextlib.suppress(OSError):
        shares.register(_place(box), box.repo.path, _modes(box))


def folders(box: RepoLfs) -> list[bytes]:
    """Returns the ``.hg`` folders of all the repositories that have one store."""
    found = [box.repo.sharedpath, box.repo.path, *shares.read(_place(box))]
    return list(dict.fromkeys(os.path.realpath(path) for path in found))


def prune(box: RepoLfs) -> None:
    """Forgets those that are gone."""
    with contextlib.suppress(OSError):
        shares.prune(_place(box), _modes(box))


def _place(box: RepoLfs) -> bytes:
    return box.state(b'shares')


def _modes(box: RepoLfs) -> files.Modes:
    return files.Modes(box.repo.store.createmode)
