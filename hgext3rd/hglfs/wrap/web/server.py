"""Wraps of the web server in :hg:`serve`: uploads, timeouts, framing, logs.

They add the methods for resumable uploads, end stalled connections, refuse requests of
unclear length, and keep tokens out of the logs.
"""

from __future__ import annotations

import contextlib
import re
import socket

from mercurial import extensions, exthelper
from mercurial.hgweb import common, server

from ...hg import compat
from ...lfs import words
from ...web import pace

eh = exthelper.exthelper()

#: Seconds after which a transfer without progress is ended.
_STALL = 120
_LENGTH = re.compile(r'[0-9]{1,19}\Z', re.ASCII)


@eh.uisetup
def _sendatonce(ui):
    # headers and body are sent apart: a small body would wait for the client's delayed
    # acknowledgement of the headers, 40 ms
    server._httprequesthandler.disable_nagle_algorithm = True


@eh.uisetup
def _patch(ui):
    # resumes an upload
    handler = server._httprequesthandler
    handler.do_PATCH = handler.do_POST


@eh.uisetup
def _head(ui):
    # returns the offset of an upload
    handler = server._httprequesthandler
    if compat.answershead(handler):
        return
    handler.do_HEAD = handler.do_POST
    extensions.wrapfunction(handler, '_write', _write)
    extensions.wrapfunction(handler, '_done', _done)


def _write(orig, self, data):
    return orig(self, b'' if self.command == 'HEAD' else data)


def _done(orig, self):
    return None if self.command == 'HEAD' else orig(self)


@eh.wrapfunction(server._httprequesthandler, 'log_message')
def log_message(orig, self, format, *args):
    orig(self, '%s', words.logged(format % args))


@eh.wrapfunction(server._httprequesthandler, 'log_error')
def log_error(orig, self, format, *args):
    orig(self, '%s', words.masktoken(format % args))


@eh.wrapfunction(server._httprequesthandler, 'handle_expect_100')
def handle_expect_100(orig, self):
    return True  # 100 Continue is sent when the body is about to be read


@eh.wrapfunction(common.continuereader, '__getattr__')
def attribute(orig, self, name):
    # hg <= 7.1: compares names with bytes, and raises AttributeError for all
    if name in ('close', 'readline', 'readlines', '__iter__'):
        return getattr(self.f, name)
    return orig(self, name)


@eh.wrapfunction(server._httprequesthandler, 'handle_one_request')
def handle_one_request(orig, self):
    # a client may be idle between two requests
    reader = getattr(self.rfile, 'f', self.rfile)
    with contextlib.suppress(OSError, ValueError):
        reader.peek(1)

    def hangup() -> None:
        with contextlib.suppress(OSError, ValueError):
            pace.shutdown(self.connection.fileno(), socket.SHUT_RDWR)

    with contextlib.ExitStack() as self.hglfsheaders:
        watched = pace.watchdog.within(pace.HEADERS, hangup)
        self.hglfsheaders.enter_context(watched)
        orig(self)


@eh.wrapfunction(server._httprequesthandler, 'parse_request')
def parse_request(orig, self):
    try:
        return orig(self)
    finally:
        self.hglfsheaders.close()  # the headers have arrived


@eh.wrapfunction(server._httprequesthandler, 'do_hgweb')
def do_hgweb(orig, self):
    ours = '/.hg/lfs/' in self.path or '/.git/info/lfs/' in self.path
    refused = _badframing(self.headers)
    if refused is not None:
        self.send_error(refused)  # this also closes the connection
        return
    self.connection.settimeout(_STALL if ours else None)
    try:
        orig(self)
    finally:
        self.connection.settimeout(None)


def _badframing(headers) -> int | None:
    """Return the error status for a request of unclear length, else None.

    Bytes after the assumed end of a body would be read as the next request. Format: RFC
    9112, section 6.3; the server does not support chunked bodies.
    """
    lengths = headers.get_all('Content-Length') or []
    if len(lengths) > 1 or not all(map(_LENGTH.match, lengths)):
        return 400
    if headers.get('Transfer-Encoding') is not None:
        return 400 if lengths else 411
    return None


@eh.wrapfunction(server._httprequesthandler, '_start_response')
def _start_response(orig, self, status, headers, *args):
    write = orig(self, status, headers, *args)
    # core drops this header, and would read the rest of a body as the next request
    if ('Connection', 'Close') in headers:
        self.saved_headers.append(('Connection', 'Close'))
    return write
