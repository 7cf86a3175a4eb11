"""Wraps of hgweb: let the WSGI server send blobs, and end loading on demand.

Blobs are sent by the server's ``wsgi.file_wrapper``, if it has one. Modules are loaded
before threads start, because loading them on demand is not thread safe.
"""

from __future__ import annotations

import importlib

from mercurial import exthelper

from ...hg import compat

eh = exthelper.exthelper()
_module, _name = compat.firstmodule(compat.HGWEB)
_hgweb = getattr(importlib.import_module(_module), _name)


@eh.wrapfunction(_hgweb, '__call__')
def __call__(orig, self, env, respond):
    from ...web import filebody

    return filebody.run(lambda *args: orig(self, *args), env, respond)


@eh.uisetup
def _loadall(ui):
    compat.loadall()
