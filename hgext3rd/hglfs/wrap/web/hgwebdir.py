"""Wrap of hgwebdir: answer LFS requests by instances of hgweb that are kept open.

Mercurial opens the repository for each request. As in ``hgweb``, the WSGI server's
``wsgi.file_wrapper`` sends blobs, and modules are loaded before threads start.
"""

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


@eh.uisetup
def _loadall(ui):
    compat.loadall()
