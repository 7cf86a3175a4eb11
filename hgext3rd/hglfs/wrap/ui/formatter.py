"""Wrap of the plain formatter: keep its output stream in an attribute.

:hg:`cat` writes large files to this stream. Mercurial keeps it in a closure only.
"""

from __future__ import annotations

from mercurial import exthelper, formatter

eh = exthelper.exthelper()


@eh.wrapfunction(formatter.plainformatter, '__init__')
def plainformatter(orig, self, ui, out, *args, **kwargs):
    # core keeps it in a closure only
    self.hglfssink = out
    return orig(self, ui, out, *args, **kwargs)
