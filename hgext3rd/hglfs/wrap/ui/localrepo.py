"""Opening repositories: the requirement is ours, and so is its extension."""

from __future__ import annotations

from mercurial import exthelper, localrepo

from ...actions import checkout
from ...hg import largetext, lfsrepo, stockext
from .. import watch

eh = exthelper.exthelper()


@eh.wrapfunction(localrepo, 'afterhgrcload')
def afterhgrcload(orig, ui, *args, **kwargs):
    orig(ui, *args, **kwargs)
    stockext.enable(ui)
    watch(ui)  # a repository may have extensions of its own


@eh.wrapfunction(localrepo.localrepository, '__init__')
def localrepository(orig, self, *args, **kwargs):
    orig(self, *args, **kwargs)
    # not every repository is passed to reposetup: one made of a bundle need not be
    lfsrepo.bind(self)


@eh.wrapfunction(localrepo.localrepository, 'wwrite')
def wwrite(orig, self, filename, data, flags, *args, **kwargs):
    if isinstance(data, largetext.LargeText):
        if checkout.plain(self, data, filename, flags):
            return checkout.write(self, data, filename, flags)
        data = data.read()
    return orig(self, filename, data, flags, *args, **kwargs)


@eh.wrapfunction(localrepo.localrepository, 'wwritedata')
def wwritedata(orig, self, filename, data):
    if isinstance(data, largetext.LargeText):
        if checkout.plain(self, data, filename, b''):
            return data
        data = data.read()
    return orig(self, filename, data)


@eh.uisetup
def _supportrequirement(ui):
    localrepo.featuresetupfuncs.add(stockext.face().featuresetup)
