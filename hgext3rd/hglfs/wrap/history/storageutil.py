"""Wrap of ``packmeta``: add metadata to a LargeText without reading its content."""

from __future__ import annotations

from mercurial import exthelper
from mercurial.utils import storageutil

from ...hg import largetext

eh = exthelper.exthelper()


@eh.wrapfunction(storageutil, 'packmeta')
def packmeta(orig, meta, text):
    if isinstance(text, largetext.LargeText):
        return text.withmeta(meta)
    return orig(meta, text)
