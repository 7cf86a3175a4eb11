"""Repositories that share a store: each is registered with the one whose store it is.

A registered share keeps the blobs that its bundles name. Where it can't be read, as
on a disk that isn't mounted, those are unknown, and no blob may be removed.
"""

from __future__ import annotations

import contextlib
import os

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import procutil

from ...hg.abort import translated
from ...hg.lfsrepo import LfsRepo
from ...lfs.errors import StoreFailed
from ...lfs.store import retention

#: How many shares a hint names.
_NAMED = 10


def register(lfs: LfsRepo) -> None:
    """Register a share with the repository whose store it has.

    Where that can't be written to, the share is not registered, without a message:
    a repository that may be read alone has no say in what is removed.
    """
    with contextlib.suppress(OSError, StoreFailed):
        retention.register_share(_place(lfs), lfs.repo.path, lfs.modes)


def folders(lfs: LfsRepo) -> list[bytes]:
    """Return the ``.hg`` folders of all the repositories that have one store.

    Raises StateError where a registered share can't be read.
    """
    with translated():
        registered = retention.read_shares(_place(lfs))
    _checkreadable(lfs, registered)
    found = [lfs.repo.sharedpath, lfs.repo.path, *registered]
    return list(dict.fromkeys(os.path.realpath(path) for path in found))


def _checkreadable(lfs: LfsRepo, registered: list[bytes]) -> None:
    source = lfs.repo.sharedpath
    found = ((path, retention.check_share(path, source)) for path in registered)
    lost = [(_root(path), why) for path, why in found if why]
    if not lost:
        return
    if len(lost) == 1:
        message = _(b'cannot read the share %s: %s') % lost[0]
        hint = _(b'make it readable again; if it is gone for good: %s')
    else:
        for root, why in lost:
            lfs.ui.warn(_(b'cannot read the share %s: %s\n') % (root, why))
        message = _(b'cannot read %d shares') % len(lost)
        hint = _(b'make them readable again; those that are gone for good: %s')
    names = (b' --forget %s' % procutil.shellquote(root) for root, _why in lost)
    command = b'hg admin::lfs-gc' + b''.join(list(names)[:_NAMED])
    raise error.StateError(message, hint=hint % command)


def forget(lfs: LfsRepo, names: list[bytes]) -> list[bytes]:
    """Remove shares that are gone for good; return their roots.

    Raises InputError for what is not registered, and StateError for a share that can
    be read: its bundles are in use, and it would be registered again.
    """
    with lfs.repo.lock(), translated():
        registered = retention.read_shares(_place(lfs))
        gone = [_registered(name, registered) for name in names]
        for path in gone:
            if retention.check_share(path, lfs.repo.sharedpath) is None:
                raise error.StateError(
                    _(b'the share %s is in use') % _root(path),
                    hint=_(b'remove it before, if it is not needed any more'),
                )
        retention.forget_shares(_place(lfs), gone, lfs.modes)
    return [_root(path) for path in gone]


def _registered(name: bytes, registered: list[bytes]) -> bytes:
    """Return the registered path that a user's words name: of ``.hg`` or above it."""
    absolute = os.path.abspath(name)
    wanted = {name, absolute, os.path.realpath(absolute)}
    for path in registered:
        if wanted & {path, _root(path), os.path.realpath(path), _root_real(path)}:
            return path
    raise error.InputError(
        _(b'no share is registered as %s') % name,
        hint=_(b'registered: %s')
        % (b', '.join(map(_root, registered[:_NAMED])) or _(b'none')),
    )


def _root_real(path: bytes) -> bytes:
    return _root(os.path.realpath(path))


def _root(path: bytes) -> bytes:
    """Return the root of the repository that has a ``.hg`` folder."""
    above, name = os.path.split(path)
    return above if name == b'.hg' and above else path


def _place(lfs: LfsRepo) -> bytes:
    return lfs.state(b'shares')
