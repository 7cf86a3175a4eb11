"""``hg lfs-locks``."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


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
