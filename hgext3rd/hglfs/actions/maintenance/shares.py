"""Keep a registry of the shares of a store, in the repository that owns the store.

Blobs are kept if the bundles of a registered share refer to them. If a share cannot be
read, for example on an unmounted disk, its bundles are unknown; then no blob may be
removed.
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

#: The maximum number of shares in a hint.
_NAMED = 10


def register(lfs: LfsRepo) -> None:
    """Register a share with the repository that owns its store.

    If that repository is not writable, nothing happens and nothing is reported. The
    blobs that the bundles of an unregistered share need are not protected from removal.
    """
    with contextlib.suppress(OSError, StoreFailed):
        retention.register_share(_place(lfs), lfs.repo.path, lfs.modes)


def folders(lfs: LfsRepo) -> list[bytes]:
    """Return the ``.hg`` directories of all repositories that share the store.

    Raises StateError if a registered share cannot be read.
    """
    with translated():
        registered = retention.read_shares(_place(lfs))
    _checkreadable(lfs, registered)
    found = [lfs.repo.sharedpath, lfs.repo.path, *registered]
    return list(dict.fromkeys(os.path.realpath(path) for path in found))


def worktrees(lfs: LfsRepo) -> list[bytes]:
    """Return the roots of the working directories that use the store.

    The first is that of the repository itself. Shares that cannot be read are left out.
    """
    registered: list[bytes] = []
    with contextlib.suppress(StoreFailed):
        registered = retention.read_shares(_place(lfs))
    source = lfs.repo.sharedpath
    found = [path for path in registered if not retention.check_share(path, source)]
    roots = (os.path.realpath(_root(path)) for path in (source, *found))
    return list(dict.fromkeys([os.path.realpath(lfs.repo.root), *roots]))


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
    """Remove deleted shares from the registry; return their roots.

    Raises InputError for a share that is not registered. Raises StateError for a share
    that still uses the store, because its bundles need blobs.
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
    """Return the registered path of a share; ``name`` is its root or its ``.hg``.

    Raises InputError if no such share is registered.
    """
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
    """Return the root of the repository whose ``.hg`` directory is ``path``."""
    above, name = os.path.split(path)
    return above if name == b'.hg' and above else path


def _place(lfs: LfsRepo) -> bytes:
    return lfs.state(b'shares')
