"""``hg debug::lfs-local-cache``."""

from __future__ import annotations

from mercurial import cmdutil, pycompat, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(b'debug::lfs-local-cache', cmdutil.formatteropts)
def locallfscache(ui, repo, **opts):
    """print information about the local blob cache"""
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo)
    path = lfs.settings.usercache if lfs else None
    enabled = b'yes' if path else b'no'
    with ui.formatter(b'lfs-local-cache', pycompat.byteskwargs(opts)) as fm:
        fm.startitem()
        fm.data(path=path or b'', enabled=enabled)
        fm.plain(_(b'path:    %s\n') % (path or _(b'(unknown)')))
        fm.plain(_(b'enabled: %s\n') % enabled)
    return 0
