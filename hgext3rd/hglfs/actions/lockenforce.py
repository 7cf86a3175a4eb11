"""Refuse pushes that change files which other users have locked."""

from __future__ import annotations

import contextlib

from mercurial import error
from mercurial.i18n import _

from ..hg import identity, lfsrepo
from ..hg.abort import translated
from ..lfs import words
from ..lfs.wire.locking import Lock
from . import manifests

#: The sources of transactions to check, in Mercurial's terms: a push over a connection,
#: a push on this machine, and a bundle.
SOURCES = (b'serve', b'push', b'unbundle')
#: The name of the validator; they run in the order of names, so this one is the last.
_LAST = b'~lfs-locks'
#: Up to this number of locks, all are read, instead of those for the pushed files.
_FEW = 2000
#: The maximum number of files in warnings.
_NAMED = 10
#: The maximum length of a refusal over Mercurial's wire protocol, in bytes.
_MOST = 220


def watch(repo, transaction) -> None:
    """Register the check for locked files, which runs when a transaction is closed."""
    lfs = lfsrepo.get(repo)
    if lfs is not None:
        transaction.addvalidator(_LAST, lambda tr: _check(lfs, tr))


def _check(lfs: lfsrepo.LfsRepo, transaction) -> None:
    """Raise Abort if new changesets change files that other users have locked.

    The first search uses the locks that exist at this time, and does not block other
    processes. Then changes of locks are blocked until the transaction ends, and a
    second search uses the locks that were added during the first search, which are
    usually none. A lock that is added after the transaction needs no check, because its
    owner can see the pushed changesets.
    """
    if not lfs.locks.isthere() or not lfs.settings.enforcelocks:
        return
    pusher = identity.ofpush(lfs, transaction.hookargs.get(b'url', b''))
    revs = range(transaction.changes[b'origrepolen'], len(lfs.repo.unfiltered()))
    with translated():
        paths = _searchpaths(lfs, revs)
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


def _searchpaths(lfs: lfsrepo.LfsRepo, revs: range) -> list[str] | None:
    """Return the paths whose locks have to be looked up, or None for all locks.

    If there are few locks, all are looked up, which is faster than finding the changed
    files.
    """
    if not lfs.locks.hasmany(_FEW):
        return None
    candidates = manifests.candidates(lfs.repo, revs)
    # paths of locks are always UTF-8
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
    texts = [
        b'%s is %s' % (words.shown(path), touched[path].describe()) for path in paths
    ]
    reason = _fitting(texts)
    if len(reason) < len(b'; '.join(texts)):
        for line in texts[:_NAMED]:
            ui.warn(b'%s\n' % line)
        if len(texts) > _NAMED:
            ui.warn(_(b'and %d more\n') % (len(texts) - _NAMED))
    raise error.Abort(reason, hint=_(b"see 'hg help lfs-locks'"))


def _fitting(texts: list[bytes]) -> bytes:
    """Join as many descriptions as fit into ``_MOST`` bytes; append the number left."""
    shown = list(texts)
    while len(b'; '.join(shown)) > _MOST:
        shown.pop()
    if not shown:
        one = _(b'%d file is locked by others')
        many = _(b'%d files are locked by others')
        return words.plural(len(texts), one, many) % len(texts)
    if len(shown) < len(texts):
        left = len(texts) - len(shown)
        more = words.plural(left, _(b'and %d more file'), _(b'and %d more files'))
        shown.append(more % left)
    return b'; '.join(shown)
