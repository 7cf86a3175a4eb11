"""``hg admin::lfs-locks``."""

from __future__ import annotations

from mercurial import error, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'admin::lfs-locks',
    [
        (b'', b'break', None, _(b'end the locks of files, whoever has them')),
        (b'', b'repair', None, _(b'mend a damaged database of locks')),
    ],
    _(b'(--break FILE...|--repair)'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def adminlfslocks(ui, repo, *pats, **opts):
    """look after the locks that a repository keeps

    This is for the administrator of a server, in the repository that pushes go to.

    ``--break`` ends locks, whatever ``lfs.lockadmins`` is. Files and patterns are from
    the root of the repository. Their owners are told nothing: a push of theirs is no
    longer kept from meeting another.

    ``--repair`` is for a database that is damaged, which stops all pushes. The locks
    that can still be read are put into a new database, and the damaged one is kept
    beside it. Where it is sound, nothing is changed.

    Returns 0 on success, 1 if a file that was named had no lock.
    """
    if bool(opts['break']) == bool(opts['repair']):
        raise error.InputError(_(b'specify either --break or --repair'))
    if bool(pats) != bool(opts['break']):
        raise error.InputError(_(b'specify files with --break, and with it alone'))
    from ..actions.maintenance import lockadmin

    if opts['repair']:
        lockadmin.repair(repo)
        return 0
    return 0 if lockadmin.unlock(repo, pats) else 1
