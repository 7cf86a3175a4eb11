"""Hook of Mercurial's file prefetch: fetch the blobs of all its files together."""

from __future__ import annotations

from mercurial import exthelper, scmutil

eh = exthelper.exthelper()


def _fetch(repo, revmatches):
    from ...actions import shown

    shown.fetchall(repo, revmatches)


@eh.uisetup
def _hook(ui):
    scmutil.fileprefetchhooks.add(b'lfs', _fetch)
