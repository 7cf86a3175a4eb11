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
    from ..clonebundles.server import refresh
    from ..hg import background

    background.benice()
    background.configure(repo.ui, ui.fin.read())
    return refresh.background(repo)
