"""Opening repositories: the requirement is ours, and so is its extension."""

from __future__ import annotations

from mercurial import exthelper, localrepo

from ..bridge import coexist

eh = exthelper.exthelper()


@eh.wrapfunction(localrepo, 'afterhgrcload')
def afterhgrcload(orig, ui, *args, **kwargs):
    orig(ui, *args, **kwargs)
    coexist.enable(ui)


@eh.uisetup
def _supportrequirement(ui):
    localrepo.featuresetupfuncs.add(coexist.face().featuresetup)
