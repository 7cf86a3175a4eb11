"""Serve bundles from the current folder on a port, with faults chosen by the path.

The first part of a path names the fault, the last one the file. Each request, its
status and the number of bytes sent go to ``host.log``.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import re
import subprocess
import sys
import time

_RANGE = re.compile(r'bytes=([0-9]+)-([0-9]+)\Z')
_PIECE = 64 << 10
_ENDLESS = 256 << 20


class Host(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    begun: set[str] = set()

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.way, _slash, rest = self.path.lstrip('/').partition('/')
        self.name, _question, self.query = rest.rpartition('/')[2].partition('?')
        self.status = self.sent = 0
        self.noted = False
        first = self.path not in self.begun
        self.begun.add(self.path)
        with contextlib.suppress(OSError):
            getattr(self, '_' + self.way)(first)
        self.close_connection = self.close_connection or not self.status
        self._note()

    def _note(self):
        """Log the request before its last byte goes out, which keeps the order."""
        if self.noted:
            return
        self.noted = True
        wanted = self.headers.get('Range', '')
        with open('host.log', 'a') as log:
            parts = [self.path, wanted, '->', str(self.status), str(self.sent)]
            log.write(' '.join(filter(None, parts)) + '\n')

    def _ok(self, first, ranges=True, upto=None, more=b''):
        with open(self.name, 'rb') as handle:
            content = handle.read() + more
        etag = '"%s"' % hashlib.md5(content).hexdigest()
        found = _RANGE.match(self.headers.get('Range', ''))
        same = self.headers.get('If-Range', etag) == etag
        start, end = 0, len(content)
        headers = {'ETag': etag}
        self.status = 200
        if ranges and found and same:
            start, end = int(found.group(1)), min(end, int(found.group(2)) + 1)
            self.status = 206
            place = 'bytes %d-%d/%d' % (start, end - 1, len(content))
            headers['Content-Range'] = place
        self._head(end - start, headers)
        self._send(
            content[start : end if upto is None else int(upto * len(content))],
            last=True,
        )

    def _head(self, length, headers):
        self.send_response(self.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is None:
            self.close_connection = True
        else:
            self.send_header('Content-Length', str(length))
        if length == 0:
            self._note()
        self.end_headers()

    def _send(self, data, last=False):
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self.sent += len(piece)
            if last and start + _PIECE >= len(data):
                self._note()
            self.wfile.write(piece)

    def _norange(self, first):
        self._ok(first, ranges=False)

    def _cut(self, first):
        """Break off in the middle, every time."""
        self._ok(first, ranges=False, upto=0.5)
        self.close_connection = True

    def _once(self, first):
        """Break off in the middle, once."""
        self._ok(first, upto=0.5 if first else None)
        self.close_connection = first

    def _stall(self, first):
        """Stop at nine tenths, once, until the client is gone."""
        self._ok(first, upto=0.9 if first else None)
        if first:
            open('stalled', 'w').close()
            self.connection.settimeout(60)
            self.rfile.read(1)
            self.close_connection = True

    def _later(self, first):
        """Stall at the second request."""
        again = self.path + ' again'
        if first or again in self.begun:
            self._ok(first)
        else:
            self.begun.add(again)
            self._stall(True)

    def _more(self, first):
        """Send extra bytes after the bundle, and count them in the length."""
        self._ok(first, more=b'garbage')

    def _endless(self, first):
        self.status = 200
        self._head(None, {})
        while self.sent < _ENDLESS:
            self._send(b'HG20' * (_PIECE >> 2))

    def _moved(self, first):
        self.status = 302
        self._head(0, {'Location': '/ok/' + self.name})

    def _html(self, first):
        self.status = 200
        page = b'<html><body>Please log in.</body></html>'
        self._head(len(page), {'Content-Type': 'text/html'})
        self._send(page)

    def _missing(self, first):
        self.status = 404
        self._head(0, {})

    def _private(self, first):
        """Require a password."""
        if self.headers.get('Authorization') == 'Basic YWxpY2U6c2VjcmV0':
            self._ok(first)
        else:
            self.status = 401
            self._head(0, {'WWW-Authenticate': 'Basic realm="bundles"'})

    def _signed(self, first):
        """Require the token in a file; break off at nine tenths, once.

        Then run the script ``expire``, which makes a new token.
        """
        with open('token') as handle:
            token = handle.read().strip()
        if self.query != 'token=' + token:
            self.status = 403
            self._head(0, {})
            return
        first = self.name not in self.begun
        self.begun.add(self.name)
        self._ok(first, upto=0.9 if first else None)
        self.close_connection = first
        if first:
            subprocess.call(['sh', 'expire'])


def main(port, pidfile):
    server = http.server.ThreadingHTTPServer(('localhost', int(port)), Host)
    if os.fork():
        return
    os.setsid()
    with open(pidfile, 'w') as handle:
        handle.write('%d\n' % os.getpid())
    for stream in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == '__main__':
    main(*sys.argv[1:])
    time.sleep(0.2)
