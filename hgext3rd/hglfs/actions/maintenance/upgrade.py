"""Takes a repository's blobs along when it is rewritten."""

from __future__ import annotations

from mercurial.i18n import _

from ...hg import lfsrepo
from ...hg.abort import translated


def takealong(ui, source, target) -> None:
    """Gives every blob of one repository's own to the other."""
    old, new = lfsrepo.get(source), lfsrepo.get(target)
    if old is None or new is None:
        return
    with translated():
        for oid in old.ownstore:
            ui.write(_(b'copying lfs blob %s\n') % oid)
            new.ownstore.adopt(oid, old.ownstore.path(oid))
