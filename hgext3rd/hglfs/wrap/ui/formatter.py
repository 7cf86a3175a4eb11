"""Make the output stream of plain formatters accessible."""

from __future__ import annotations

from mercurial import exthelper, formatter

eh = exthelper.exthelper()


@eh.wrapfunction(formatter.plainformatter, '__init__')
def plainformatter(orig, self, ui, out, *args, **kwargs):
    # core keeps it in a closure only
    self.hglfssink = out
    return orig(self, ui, out, *args, **kwargs)
