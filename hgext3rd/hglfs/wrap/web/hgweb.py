"""hgweb as a server of many threads, and of files."""

from __future__ import annotations

import importlib
from concurrent.futures import thread

from mercurial import exthelper

from ...hg import compat

eh = exthelper.exthelper()
_module, _name = compat.firstmodule(compat.HGWEB)
_hgweb = getattr(importlib.import_module(_module), _name)


@eh.wrapfunction(_hgweb, '__call__')
def __call__(orig, self, env, respond):
    from ...web import filebody

    return filebody.wrapped(lambda *args: orig(self, *args), env, respond)


@eh.uisetup
def _loadnow(ui):
    # the loading of modules on demand is not safe between threads
    web = ('web.routes', 'web.directory')
    compat.loadnow(*web, 'lfs.store.cached', 'hg.messages', 'lfs.remote.null')
    compat.loadnow('clonebundles.server.advertise', 'clonebundles.server.start')
    vars(thread)  # by which files are brought to the disk
