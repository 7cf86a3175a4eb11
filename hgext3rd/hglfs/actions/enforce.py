"""Refuses pushes that change what others have locked."""

from __future__ import annotations

from mercurial import error
from mercurial.i18n import _

from ..bridge import identity, repolfs
from ..bridge.abort import translated
from ..model import words
from ..model.locking import Lock

#: Where changesets come from that somebody wants here: over a connection, from a
#: repository on this machine, and from a bundle.
SOURCES = (b'serve', b'push', b'unbundle')
#: How many files are named.
_NAMED = 10
#: The longest reason for a refusal that a wire has room for, in bytes.
_MOST = 220


def watch(repo, transaction) -> None:
    """Looks at what a transaction adds, before it is closed."""
    box = repolfs.of(repo)
    if box is not None:
        transaction.addvalidator(b'lfs-locks', lambda tr: _check(box, tr))


def _check(box: repolfs.RepoLfs, transaction) -> None:
    """Raises Abort where a changeset that is new touches somebody else's file."""
    if not box.locks.isthere() or not box.settings.enforcelocks:
        return
    pusher = identity.ofpush(box, transaction.hookargs.get(b'url', b''))
    with translated():
        locks = box.locks.ofothers(pusher.name)
    if not locks:
        return
    bypath = {path.encode('utf-8'): lock for path, lock in locks.items()}
    changelog = box.repo.unfiltered().changelog
    touched: dict[bytes, Lock] = {}
    for rev in range(transaction.changes[b'origrepolen'], len(changelog)):
        for path in changelog.readfiles(changelog.node(rev)):
            if path in bypath:
                touched[path] = bypath[path]
    if touched:
        _refuse(box.ui, touched)


def _refuse(ui, touched: dict[bytes, Lock]) -> None:
    paths = sorted(touched)
    said = [b'%s is %s' % (words.shown(path), touched[path].told()) for path in paths]
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
