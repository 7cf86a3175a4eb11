"""The template keyword ``{lfs_files}``."""

from __future__ import annotations

from mercurial import exthelper, pycompat, registrar, templateutil, util

from ...actions import scan
from ...hg import compat

eh = exthelper.exthelper()
keyword = registrar.templatekeyword()


@keyword(b'lfs_files', requires={b'ctx'})
def lfs_files(context, mapping):
    """List of strings. All files modified, added, or removed by this
    changeset."""
    ctx = context.resource(mapping, b'ctx')
    pointers = dict.fromkeys(scan.removed(ctx))
    pointers.update(scan.ofchangeset(ctx))
    names = sorted(pointers)

    def makemap(name):
        pointer = pointers[name]
        fields = util.sortdict(pointer.items() if pointer else ())
        return {
            b'file': name,
            b'lfsoid': pointer.oid if pointer else None,
            b'lfspointer': templateutil.hybriddict(fields),
        }

    shown = templateutil._showcompatlist(context, mapping, b'lfs_file', names)
    return templateutil.hybrid(shown, names, makemap, pycompat.identity)


@eh.uisetup
def _register(ui):
    compat.loadkeywords(ui, b'hglfs', keyword)
