"""Administer a repository's locks: repair the database, remove locks of any user."""

from __future__ import annotations

from collections.abc import Sequence

from mercurial import error
from mercurial import match as matching
from mercurial.i18n import _

from ...hg import lfsrepo
from ...hg.abort import translated
from ...lfs import words
from ...lfs.wire.locking import Lock


def repair(repo) -> None:
    """Repair the lock database, and print the result.

    If it is damaged, its readable locks are written to a new database. An intact
    database is not changed.
    """
    from ...lfs.store import lockrepair

    lfs = _keeping(repo)
    with translated(), lfs.betweenpushes():
        done = lockrepair.repair(lfs.locks.path, lfs.locks.modes)
    if done is None:
        repo.ui.status(_(b'the locks are sound\n'))
        return
    for lock in done.kept:
        repo.ui.status(_(b'kept: %s is %s\n') % (_name(lock), lock.describe()))
    repo.ui.status(_(b'the damaged database was moved to %s\n') % done.aside)
    message = words.plural(
        len(done.kept),
        _(b'%d lock was kept; others, if there were any, have to be made again\n'),
        _(b'%d locks were kept; others, if there were any, have to be made again\n'),
    )
    repo.ui.warn(message % len(done.kept))


def unlock(repo, patterns: Sequence[bytes]) -> bool:
    """Remove the locks of any user on the files that names or patterns select.

    Names and patterns are relative to the root of the repository. Returns whether each
    name selected at least one lock.
    """
    match = matching.match(repo.root, b'', patterns, default=b'path')
    lfs = _keeping(repo)
    missing = set(match.files())
    with translated():
        for _path, lock in sorted(lfs.locks.ofothers(None).items()):
            path = lock.path.encode('utf-8')
            if match(path) and lfs.locks.remove(lock.id):
                repo.ui.status(
                    _(b'unlocked %s: it was %s\n') % (_name(lock), lock.describe())
                )
                missing -= {name for name in missing if _isbelow(path, name)}
    for name in sorted(missing):
        repo.ui.warn(_(b'%s: nothing to unlock\n') % name)
    return not missing


def _isbelow(path: bytes, name: bytes) -> bool:
    return not name or path == name or path.startswith(name + b'/')


def _keeping(repo) -> lfsrepo.LfsRepo:
    lfs = lfsrepo.get(repo)
    if lfs is None or not lfs.locks.isthere():
        raise error.InputError(
            _(b'%s keeps no locks') % repo.root,
            hint=_(b'run this in the repository that pushes go to'),
        )
    return lfs


def _name(lock: Lock) -> bytes:
    return words.shown(lock.path.encode('utf-8', 'replace'))
