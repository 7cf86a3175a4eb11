"""Refuses pushes that change what others have locked."""

from __future__ import annotations

from mercurial import error
from mercurial.i18n import _

from ..bridge import identity, repolfs
from ..bridge.abort import translated
from ..model.locking import Lock

#: Where changesets come from that somebody wants here: over a connection, from a
#: repository on this machine, and from a bundle.
SOURCES = (b'serve', b'push', b'unbundle')
#: How many files are named.
_NAMED = 5


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
        _refuse(touched)


def _refuse(touched: dict[bytes, Lock]) -> None:
    paths = sorted(touched)
    said = [b'%s is %s' % (path, touched[path].told()) for path in paths[:_NAMED]]
    if len(paths) > _NAMED:
        said.append(_(b'and %d more files are locked') % (len(paths) - _NAMED))
    raise error.Abort(b'; '.join(said), hint=_(b"see 'hg help lfs-locks'"))
