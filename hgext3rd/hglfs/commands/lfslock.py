"""``hg lfs-lock``."""

from __future__ import annotations

from mercurial import error, registrar
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
