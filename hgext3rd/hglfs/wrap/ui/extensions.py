"""Wrap of ``disabled``: do not list stock ``lfs``, which this extension replaces.

The list is shown by :hg:`help extensions`.
"""

from __future__ import annotations

from mercurial import extensions, exthelper

eh = exthelper.exthelper()


@eh.wrapfunction(extensions, 'disabled')
def disabled(orig):
    return {name: text for name, text in orig().items() if name != b'lfs'}
