"""hgweb as a server of many threads."""

from __future__ import annotations

from mercurial import exthelper

from ..bridge import compat

eh = exthelper.exthelper()


@eh.uisetup
def _loadnow(ui):
    # the loading of modules on demand is not safe between threads
    compat.loadnow('web.routes', 'store.cached', 'bridge.journal', 'remote.null')
