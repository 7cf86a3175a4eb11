"""``hg admin::clone-bundles-clear``."""

from __future__ import annotations

from mercurial import registrar

table: dict = {}
command = registrar.command(table)


@command(b'admin::clone-bundles-clear', [], helpcategory=command.CATEGORY_MAINTENANCE)
def clear(ui, repo, **opts):
    """remove the clone bundles

    Clients are not told of them any more, then they are removed from where they
    were published. Lines that somebody has written into the manifest stay, and so
    does what is being made meanwhile.

    Returns 0 on success, 1 if a bundle could not be removed.
    """
    from ..clonebundles.server import refresh

    return refresh.clear(repo)
