"""Wraps of opening repositories, and of writing working files.

When a repository is opened, this extension is enabled where stock ``lfs`` is, and the
repository's services are bound to it. Large files are written as streams.
"""

from __future__ import annotations

from mercurial import exthelper, localrepo

from ...actions import checkout
from ...hg import compat, largetext, lfsrepo, stockext
from .. import watch

eh = exthelper.exthelper()


@eh.wrapfunction(localrepo, 'afterhgrcload')
def afterhgrcload(orig, ui, *args, **kwargs):
    orig(ui, *args, **kwargs)
    stockext.enable(ui)
    watch(ui)  # its hgrc may enable more extensions


@eh.wrapfunction(localrepo.localrepository, '__init__')
def localrepository(orig, self, *args, **kwargs):
    orig(self, *args, **kwargs)
    # not every repository passes through reposetup: a bundle repository may not
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
    localrepo.featuresetupfuncs.add(stockext.package().featuresetup)
    compat.keepinworkingcopy(lfsrepo.PLACEHOLDERS)
