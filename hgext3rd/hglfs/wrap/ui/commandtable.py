"""Wraps of Mercurial's commands: options and settings for large files.

:hg:`verify` gets the option ``--no-lfs``. :hg:`bundle` uploads blobs. :hg:`commit`
warns of big files that no rule matches. Commands that write files can continue without
blobs that no remote has. :hg:`diff` and :hg:`log` can show pointers.
"""

from __future__ import annotations

from mercurial import commands, exthelper
from mercurial.i18n import _

eh = exthelper.exthelper()
# make sure that the module is loaded: only then is the table filled
assert commands.table


@eh.wrapcommand(
    b'verify',
    opts=[(b'', b'no-lfs', None, _(b'skip missing lfs blob content'))],
)
def verify(orig, ui, repo, **opts):
    from ...actions.maintenance import verify as verifying

    with ui.configoverride(verifying.overrides(ui, opts.pop('no_lfs')), b'lfs'):
        return orig(ui, repo, **opts)


@eh.wrapcommand(b'bundle')
def bundle(orig, ui, repo, *args, **opts):
    from ...actions import bundle as bundling

    with bundling.uploadingblobs(repo):
        return orig(ui, repo, *args, **opts)


@eh.wrapcommand(b'commit')
def commit(orig, ui, repo, *args, **opts):
    from ...actions import plainfiles

    with plainfiles.warning(repo):
        return orig(ui, repo, *args, **opts)


@eh.wrapcommand(b'archive')
@eh.wrapcommand(b'clone')
@eh.wrapcommand(b'pull')
@eh.wrapcommand(b'update')
def checkout(orig, ui, *args, **opts):
    from ...hg import lenient

    with lenient.offering(ui) as absent:
        result = orig(ui, *args, **opts)
    if not absent:
        return result
    from ...actions import missing

    missing.warn(ui, absent)
    return 1


@eh.wrapcommand(b'diff')
@eh.wrapcommand(b'log')
def show(orig, ui, repo, *args, **opts):
    if ui.config(b'lfs', b'diff') != b'summary':
        return orig(ui, repo, *args, **opts)
    from ...hg import largetext

    with largetext.summarised():
        return orig(ui, repo, *args, **opts)
