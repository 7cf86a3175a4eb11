"""Wrap of hgweb's raw file download: send large files as streams, not from memory."""

from __future__ import annotations

from mercurial import exthelper
from mercurial.hgweb import webcommands

from ...hg import largetext

eh = exthelper.exthelper()


@eh.wrapfunction(webcommands, 'rawfile')
def rawfile(orig, web):
    with largetext.scope():
        return orig(web)
