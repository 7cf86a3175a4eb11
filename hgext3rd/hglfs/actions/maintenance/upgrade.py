"""Copy blobs when Mercurial upgrades a repository."""

from __future__ import annotations

from mercurial.i18n import _

from ...hg import lfsrepo
from ...hg.abort import translated


def copyblobs(ui, source, target) -> None:
    """Copy the blobs of a repository's own store to the upgraded repository."""
    old, new = lfsrepo.get(source), lfsrepo.get(target)
    if old is None or new is None:
        return
    with translated():
        blobs = old.ownstore
        for oid in blobs:
            ui.write(_(b'copying lfs blob %s\n') % oid)
            new.ownstore.adopt(oid, blobs.path(oid))
