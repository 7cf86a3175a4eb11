"""Wrap of hgwebdir: answer LFS requests, and send files."""

from __future__ import annotations

import importlib

from mercurial import exthelper

from ...hg import compat

eh = exthelper.exthelper()
_module, _name = compat.firstmodule(compat.HGWEBDIR)
_hgwebdir = getattr(importlib.import_module(_module), _name)


@eh.wrapfunction(_hgwebdir, '__call__')
def __call__(orig, self, env, respond):
    from ...web import directory, filebody

    return filebody.run(
        lambda *args: directory.respond(orig, self, *args), env, respond
    )
