"""Refuses pushes that change what others have locked."""

from __future__ import annotations

import contextlib

from mercurial import error
from mercurial.i18n import _

from ..hg import identity, lfsrepo
from ..hg.abort import translated
from ..lfs import words
from ..lfs.wire.locking import Lock
from . import manifests

#: Where changesets come from that somebody wants here: over a connection, from a
#: repository on this machine, and from a bundle.
SOURCES = (b'serve', b'push', b'unbundle')
#: Validators run in the order of their names: this one after every hook.
_LAST = b'~lfs-locks'
#: Up to so many locks are read at once, rather than looked for by the files of a push.
_FEW = 2000
#: How many files are named.
_NAMED = 10
#: The longest reason for a refusal that a wire has room for, in bytes.
_MOST = 220


def watch(repo, transaction) -> None:
    """Look at what a transaction adds, as the last thing before it is closed."""
    lfs = lfsrepo.get(repo)
    if lfs is not None:
        transaction.addvalidator(_LAST, lambda tr: _check(lfs, tr))


def _check(lfs: lfsrepo.LfsRepo, transaction) -> None:
    """Raise Abort where a changeset that is new touches a file that another has locked.

    From then on no lock begins or ends until the transaction is over. It is only then
    that the changesets are there: whoever gets a lock has seen, or can see, what it
    does not protect against. Most of the search goes before, with those locks that
    there are by then, so that no other process waits for it.
    """
    if not lfs.locks.isthere() or not lfs.settings.enforcelocks:
        return
    pusher = identity.ofpush(lfs, transaction.hookargs.get(b'url', b''))
    revs = range(transaction.changes[b'origrepolen'], len(lfs.repo.unfiltered()))
    with translated():
        paths = _among(lfs, revs)
        first = _bypath(lfs.locks.ofothers(pusher.name, paths))
        found = manifests.touched(lfs.repo, revs, first) if first else set()
    held = contextlib.ExitStack()
    try:
        with translated():
            holding = lfs.locks.holding(pusher.name, paths)
            last = _bypath(held.enter_context(holding))
        added = last.keys() - first
        found = found & last.keys()
        if added:
            found |= manifests.touched(lfs.repo, revs, added)
        if found:
            _refuse(lfs.ui, {path: last[path] for path in found})
    except BaseException:
        held.close()
        raise
    transaction.addpostclose(b'lfs-locks', lambda tr: held.close())
    transaction.addabort(b'lfs-locks', lambda tr: held.close())


def _among(lfs: lfsrepo.LfsRepo, revs: range) -> list[str] | None:
    """Return the paths among which to look for locks; None is for all."""
    if not lfs.locks.hasmany(_FEW):
        return None
    candidates = manifests.candidates(lfs.repo, revs)
    # no lock has a path that is not UTF-8
    return [path.decode('utf-8') for path in candidates if _isutf8(path)]


def _isutf8(path: bytes) -> bool:
    try:
        path.decode('utf-8')
    except UnicodeDecodeError:
        return False
    return True


def _bypath(locks: dict[str, Lock]) -> dict[bytes, Lock]:
    return {path.encode('utf-8'): lock for path, lock in locks.items()}


def _refuse(ui, touched: dict[bytes, Lock]) -> None:
    paths = sorted(touched)
    said = [
        b'%s is %s' % (words.shown(path), touched[path].describe()) for path in paths
    ]
    reason = _fitting(said)
    if len(reason) < len(b'; '.join(said)):
        for line in said[:_NAMED]:
            ui.warn(b'%s\n' % line)
        if len(said) > _NAMED:
            ui.warn(_(b'and %d more\n') % (len(said) - _NAMED))
    raise error.Abort(reason, hint=_(b"see 'hg help lfs-locks'"))


def _fitting(said: list[bytes]) -> bytes:
    """Returns as much as there is room for, and how much more there is."""
    shown = list(said)
    while len(b'; '.join(shown)) > _MOST:
        shown.pop()
    if not shown:
        return _(b'%d files are locked by others') % len(said)
    if len(shown) < len(said):
        shown.append(_(b'and %d more files') % (len(said) - len(shown)))
    return b'; '.join(shown)
