"""``hg admin::clone-bundles-refresh``."""

from __future__ import annotations

from mercurial import registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'admin::clone-bundles-refresh',
    [(b'', b'background', False, _(b'make the bundles in the background'))],
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def refresh(ui, repo, **opts):
    """make the clone bundles that are worth it

    Those are the ones of ``clone-bundles.auto-generate.formats`` that lack so much
    that a new one is worth it, as ``clone-bundles.trigger.*`` say. Each is published,
    fetched back and compared, and only then are clients told of it. What it replaces
    is kept for ``clone-bundles.grace`` seconds.

    Returns 0 on success, 1 if a bundle is not everywhere that it should be.
    """
    from ..clonebundles.server import refresh as bundles_refresh

    return bundles_refresh.now(repo, opts.get('background', False))
