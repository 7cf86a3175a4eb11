"""Wraps of diffstats: leave out binary files, so that their blobs are not fetched.

Mercurial reads binary files for a diffstat, though they have no lines to count.
"""

from __future__ import annotations

from mercurial import extensions, exthelper, logcmdutil

from ...actions import shown
from ...hg import compat

eh = exthelper.exthelper()


def get_diff_chunks(orig, ui, repo, diffopts, *args, **kwargs):
    if kwargs.get('stat'):
        diffopts = shown.forstat(repo, diffopts)
    return orig(ui, repo, diffopts, *args, **kwargs)


def diffordiffstat(
    orig, ui, repo, diffopts, ctx1, ctx2, match, changes=None, stat=False, *args, **opts
):
    if stat:
        diffopts = shown.forstat(repo, diffopts)
    return orig(ui, repo, diffopts, ctx1, ctx2, match, changes, stat, *args, **opts)


@eh.uisetup
def _wrap(ui):
    for wrapper in compat.supported(logcmdutil, get_diff_chunks, diffordiffstat):
        extensions.wrapfunction(logcmdutil, wrapper.__name__, wrapper)
