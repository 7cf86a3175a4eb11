"""The template keyword ``{lfs_files}``."""

from __future__ import annotations

from mercurial import exthelper, pycompat, registrar, templateutil, util

from ...actions import listing, lock, scan
from ...hg import compat, lfsrepo

eh = exthelper.exthelper()
keyword = registrar.templatekeyword()


@keyword(b'lfs_files', requires={b'ctx'})
def lfs_files(context, mapping):
    """List of strings. All files modified, added, or removed by this
    changeset. Each has ``{file}``, and unless it is removed, ``{lfsoid}``,
    ``{lfspointer}``, ``{lfssize}`` and ``{lfspresent}``: "store", "cache" or
    "missing". ``{lfslock}`` is the owner of its lock; this asks the server.
    """
    ctx = context.resource(mapping, b'ctx')
    repo = ctx.repo()
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
            b'lfssize': pointer.size if pointer else None,
            # functions are called if the template has their keyword
            b'lfspresent': lambda *args: _present(repo, pointer),
            b'lfslock': lambda *args: _owner(repo, name),
        }

    shown = templateutil._showcompatlist(context, mapping, b'lfs_file', names)
    return templateutil.hybrid(shown, names, makemap, pycompat.identity)


def _present(repo, pointer) -> bytes | None:
    """Return where the content of a pointer is, or None if there is no pointer."""
    lfs = lfsrepo.get(repo)
    if pointer is None or lfs is None:
        return None
    return listing.present(lfs, pointer.oid, pointer.size)


def _owner(repo, path: bytes) -> bytes | None:
    """Return the owner of a file's lock, or None."""
    held = lock.holders(repo).get(path)
    return lock.ownerof(held) if held is not None else None


@eh.uisetup
def _register(ui):
    compat.loadkeywords(ui, b'hglfs', keyword)
