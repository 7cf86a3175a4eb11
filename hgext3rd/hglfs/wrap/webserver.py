"""The web server in :hg:`serve`."""

from __future__ import annotations

from mercurial import exthelper
from mercurial.hgweb import server

eh = exthelper.exthelper()


@eh.uisetup
def _sendatonce(ui):
    # it sends headers and body apart: a small body would wait for the client's
    # acknowledgement of the headers, which comes after 40 ms
    server._httprequesthandler.disable_nagle_algorithm = True


@eh.uisetup
def _patch(ui):
    # by which uploads go on
    handler = server._httprequesthandler
    handler.do_PATCH = handler.do_POST
