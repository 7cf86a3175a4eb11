"""``hg lfs-unlock``."""

from __future__ import annotations

from mercurial import error, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'lfs-unlock',
    [
        (b'f', b'force', None, _(b'end the locks of others, too')),
        (b'', b'id', b'', _(b'end the lock with this id'), _(b'ID')),
    ],
    _(b'[-f] (FILE...|--id ID)'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfsunlock(ui, repo, *pats, **opts):
    """end the locks of files

    Of what a pattern matches only your own locks are ended. Those of others are
    ended with ``--force``, where the server allows it.

    Returns 0 if all locks were ended.
    """
    if bool(pats) == bool(opts['id']):
        raise error.InputError(_(b'specify either files or --id'))
    from ..actions import lock

    if pats:
        done = lock.unlock(repo, pats, opts['force'])
    else:
        done = lock.unlockid(repo, opts['id'], opts['force'])
    return 0 if done else 1
