"""The revset ``lfs()``."""

from __future__ import annotations

from mercurial import exthelper, registrar, revsetlang
from mercurial.i18n import _

from ...actions import listing
from ...hg import compat

eh = exthelper.exthelper()
predicate = registrar.revsetpredicate()


@predicate(b'lfs([pattern])', weight=30)
def lfs(repo, subset, x):
    """Changesets that add, modify or remove large files.

    The pattern selects files. Without a kind, such as ``glob:``, it is the path of a
    file or directory, relative to the current directory.
    """
    # i18n: "lfs" is a keyword
    args = revsetlang.getargs(x, 0, 1, _(b'lfs takes one or no arguments'))
    # i18n: "lfs" is a keyword
    wrong = _(b'lfs requires a pattern')
    pattern = revsetlang.getstring(args[0], wrong) if args else None
    return subset.filter(listing.touching(repo, pattern), condrepr=b'<lfs>')


@eh.uisetup
def _register(ui):
    compat.loadrevsets(ui, b'hglfs', predicate)
