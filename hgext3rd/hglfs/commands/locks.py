"""The commands about locks."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'lfs-lock',
    [],
    _(b'FILE...'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfslock(ui, repo, *pats, **opts):
    """lock files against changes by others

    A lock says that you are at work on a file, such as one that can't be merged. It is
    kept where your pushes go: by another repository with this extension, or by the Git
    LFS server that ``lfs.url`` or ``lfs.pushurl`` names. A repository that has locks
    refuses pushes by others that change the files.

    Files have to be tracked. A lock is for a path, on all branches, and stays until
    :hg:`lfs-unlock`.

    Returns 0 if all files were locked.
    """
    if not pats:
        raise error.InputError(_(b'no files to lock specified'))
    from ..actions import lock

    return 0 if lock.lock(repo, pats) else 1


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


@command(
    b'lfs-locks',
    [
        (b'', b'path', b'', _(b'list the lock of this file'), _(b'FILE')),
        (b'', b'id', b'', _(b'list the lock with this id'), _(b'ID')),
        (b'l', b'limit', b'', _(b'list so many locks at most'), _(b'NUM')),
        (b'', b'verify', None, _(b'mark your own locks')),
        (b'', b'mine', None, _(b'list your own locks')),
        *cmdutil.formatteropts,
    ],
    _(b'[--path FILE] [--id ID] [-l NUM] [--verify|--mine]'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfslocks(ui, repo, **opts):
    """list the files that are locked, the newest locks first

    With ``--verify`` and ``--mine`` the server says which locks are yours, for which
    you need the right to push.

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      :path:    String. File, from the root of the repository.
      :owner:   String. Who has locked it.
      :date:    Date. Since when.
      :id:      String. The lock's id.
      :ours:    Boolean. Whether it is yours; with ``--verify`` and ``--mine`` alone.

    Returns 0 on success.
    """
    from mercurial import logcmdutil, scmutil

    from ..actions import lock

    byuser = opts['verify'] or opts['mine']
    if byuser and (opts['path'] or opts['id']):
        raise error.InputError(_(b'--verify and --mine list the locks of all files'))
    limit = logcmdutil.getlimit(pycompat.byteskwargs(opts))
    if byuser:
        found = lock.verified(repo, opts['mine'])
    else:
        path = opts['path'] and scmutil.match(repo[None], [opts['path']]).files()[0]
        found = lock.listed(repo, path, opts['id'])
    with ui.formatter(b'lfs-locks', pycompat.byteskwargs(opts)) as fm:
        lock.show(fm, found, limit)


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
