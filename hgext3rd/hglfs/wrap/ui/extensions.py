"""The list of disabled extensions: ``lfs`` is not on it, we serve it."""

from __future__ import annotations

from mercurial import extensions, exthelper

eh = exthelper.exthelper()


@eh.wrapfunction(extensions, 'disabled')
def disabled(orig):
    return {name: text for name, text in orig().items() if name != b'lfs'}
