"""``hg debug::clone-bundles-worker``."""

from __future__ import annotations

from mercurial import registrar

table: dict = {}
command = registrar.command(table)


@command(b'debug::clone-bundles-worker', [])
def worker(ui, repo, **opts):
    """make clone bundles for as long as that is worth it (INTERNAL)

    The configuration comes by standard input.
    """
    from ..actions import bundles_refresh
    from ..bridge import detached

    detached.benice()
    detached.configure(repo.ui, ui.fin.read())
    return bundles_refresh.background(repo)
