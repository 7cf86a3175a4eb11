"""A server that answers from files, byte by byte: rawserver.py PORT FOLDER PIDFILE.

The answer to ``/some/path`` is in ``FOLDER/some_path``, from the status line on; paths
without a file get ``FOLDER/any``. Missing line ends are added. ``FOLDER/log`` gets a
line for each request: the method, the path, and the user name and password of the
request, or ``anonymous``.
"""

import base64
import http.server
import os
import sys

PORT, FOLDER, PIDFILE = sys.argv[1:]
NOTHING = b'HTTP/1.1 404 Not Found\nContent-Length: 0\n\n'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        with open(os.path.join(FOLDER, 'log'), 'a') as log:
            log.write('%s %s %s\n' % (self.command, self.path, self.who()))
        name = self.path.partition('?')[0].strip('/').replace('/', '_')
        for path in (name, 'any'):
            try:
                with open(os.path.join(FOLDER, path), 'rb') as file:
                    answer = file.read()
                break
            except OSError:
                answer = NOTHING
        head, _gap, body = answer.partition(b'\n\n')
        self.wfile.write(head.replace(b'\n', b'\r\n'))
        if b'content-length' not in head.lower():
            self.wfile.write(b'\r\nContent-Length: %d' % len(body))
        self.wfile.write(b'\r\n\r\n' + body)
        self.close_connection = True

    do_POST = do_PUT = do_HEAD = do_GET

    def who(self):
        kind, _space, text = self.headers.get('Authorization', '').partition(' ')
        return base64.b64decode(text).decode() if kind == 'Basic' else 'anonymous'


server = http.server.ThreadingHTTPServer(('localhost', int(PORT)), Handler)
server.daemon_threads = True
if os.fork():
    os._exit(0)
with open(PIDFILE + '~', 'w') as file:
    file.write('%d\n' % os.getpid())
os.rename(PIDFILE + '~', PIDFILE)
null = os.open(os.devnull, os.O_RDWR)
for fd in range(3):
    os.dup2(null, fd)
server.serve_forever()
