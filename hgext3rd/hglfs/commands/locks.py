"""Commands that lock and unlock files, and list or repair locks."""

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
    """lock files against changes by other users

    Lock a file while you edit it, if it cannot be merged. The lock is kept where your
    pushes go: by another repository with this extension, or by the Git LFS server at
    ``lfs.url`` or ``lfs.pushurl``. A repository that keeps locks refuses pushes by
    other users that change locked files.

    Files must be tracked, and may be given by patterns, as in ``'set:lfs()'`` for all
    large files. A lock applies to a path, on all branches, and lasts until it is
    removed with :hg:`lfs-unlock`.

    A Git LFS server only stores locks, and lists them for users who ask. It does not
    receive changesets, so it cannot refuse pushes that change locked files.

    Examples::

      hg lfs-lock art/logo.psd
      hg lfs-lock 'glob:art/*.psd'   # files by a pattern
      hg lfs-lock art                # all tracked files in a folder

    Returns 0 if all files were locked, 1 if one was not or a pattern matches no file.
    """
    if not pats:
        raise error.InputError(_(b'no files to lock specified'))
    from ..actions import lock

    return 0 if lock.lock(repo, pats) else 1


@command(
    b'lfs-unlock',
    [
        (b'f', b'force', None, _(b'remove locks of other users, too')),
        (b'', b'id', b'', _(b'remove the lock with this id'), _(b'ID')),
    ],
    _(b'[-f] (FILE...|--id ID)'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfsunlock(ui, repo, *pats, **opts):
    """remove locks from files

    A pattern applies to your own locks only. With ``--force``, locks of other users are
    removed, too, if the server allows it.

    Examples::

      hg lfs-unlock art/logo.psd
      hg lfs-unlock .                      # all of your locks in this folder
      hg lfs-unlock --force art/logo.psd   # also a lock of another user
      hg lfs-unlock --id 3ed442960493522e2e11cd040e32e208

    Returns 0 if all locks were removed, 1 if one was not or a pattern matches none.
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
        (b'', b'path', b'', _(b'list the locks of this file or pattern'), _(b'FILE')),
        (b'', b'id', b'', _(b'list the lock with this id'), _(b'ID')),
        (b'l', b'limit', b'', _(b'list at most this number of locks'), _(b'NUM')),
        (b'', b'verify', None, _(b'mark your own locks')),
        (b'', b'mine', None, _(b'list only your own locks')),
        *cmdutil.formatteropts,
    ],
    _(b'[--path FILE] [--id ID] [-l NUM] [--verify|--mine]'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfslocks(ui, repo, **opts):
    r"""list locked files, newest locks first

    ``--verify`` and ``--mine`` ask the server which locks are yours; that requires the
    permission to push.

    Examples::

      hg lfs-locks                                   # all locks
      hg lfs-locks --path art/logo.psd               # who has locked this file
      hg lfs-locks --mine                            # your own locks
      hg lfs-locks -T '{path} {owner} {date|age}\n'   # for scripts

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      :path:    String. Path of the file, from the root of the repository.
      :owner:   String. User who has locked the file.
      :date:    Date. Time of the lock.
      :id:      String. Id of the lock.
      :ours:    Boolean. Whether it is your lock; only with ``--verify``, ``--mine``.

    Returns 0 on success, 1 if a pattern matches no file.
    """
    from mercurial import logcmdutil, scmutil

    from ..actions import lock
    from ..lfs import words

    byuser = opts['verify'] or opts['mine']
    if byuser and (opts['path'] or opts['id']):
        raise error.InputError(
            _(b'--verify and --mine cannot be used with --path or --id')
        )
    limit = logcmdutil.getlimit(pycompat.byteskwargs(opts))
    if byuser:
        found = lock.verified(repo, opts['mine'])
    elif opts['path'] and lock.ispattern(opts['path']):
        found = lock.matching(repo, opts['path'], opts['id'])
        if found is None:
            ui.warn(_(b"'%s' matches no file\n") % words.shown(opts['path']))
            return 1
    else:
        path = opts['path'] and scmutil.match(repo[None], [opts['path']]).files()[0]
        found = lock.listed(repo, path, opts['id'])
    with ui.formatter(b'lfs-locks', pycompat.byteskwargs(opts)) as fm:
        lock.show(fm, found, limit)
    return 0


@command(
    b'admin::lfs-locks',
    [
        (b'', b'break', None, _(b'remove the locks of files, regardless of owner')),
        (b'', b'repair', None, _(b'repair a damaged lock database')),
    ],
    _(b'(--break FILE...|--repair)'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def adminlfslocks(ui, repo, *pats, **opts):
    """remove locks of any owner, or repair the lock database

    For the administrator of a server, in the repository that pushes go to.

    ``--break`` removes locks, regardless of ``lfs.lockadmins``. Files and patterns are
    relative to the root of the repository. The owners are not notified.

    ``--repair`` is for a damaged database, which stops all pushes. The locks that can
    still be read are written to a new database, and the damaged one is kept beside it.
    An intact database is not changed.

    Examples::

      hg admin::lfs-locks --break art/logo.psd
      hg admin::lfs-locks --repair

    Returns 0 on success, 1 if a given file had no lock.
    """
    if bool(opts['break']) == bool(opts['repair']):
        raise error.InputError(_(b'specify either --break or --repair'))
    if bool(pats) != bool(opts['break']):
        raise error.InputError(_(b'--break needs files, and --repair takes none'))
    from ..actions.maintenance import lockadmin

    if opts['repair']:
        lockadmin.repair(repo)
        return 0
    return 0 if lockadmin.unlock(repo, pats) else 1
