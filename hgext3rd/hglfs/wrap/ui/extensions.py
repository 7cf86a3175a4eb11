"""Remove ``lfs`` from the list of disabled extensions: this one replaces it."""

from __future__ import annotations

from mercurial import extensions, exthelper

eh = exthelper.exthelper()


@eh.wrapfunction(extensions, 'disabled')
def disabled(orig):
    return {name: text for name, text in orig().items() if name != b'lfs'}
