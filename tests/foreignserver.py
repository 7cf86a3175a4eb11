"""Imitate Git LFS servers of others: foreignserver.py KIND PORT FOLDER PIDFILE.

KIND is one of KINDS. What a real server of that kind refuses is refused here, too, and
``FOLDER/log`` gets a line about it. Blobs are kept in memory.
"""

import base64
import hashlib
import http.server
import json
import os
import re
import sys
import urllib.parse

KIND, PORT, FOLDER, PIDFILE = sys.argv[1:]
LFS = 'application/vnd.git-lfs+json'
BASIC = 'Basic ' + base64.b64encode(b'alice:secret').decode('ascii')
BASE = 'http://localhost:%s' % PORT
KINDS = ('gitlab', 'gitea', 'artifactory', 'iis', 'signed')
BLOBS = {}
PAGE = b'<html><body><h1>Refused</h1></body></html>'
#: How many objects a batch request may name.
MOST = {'artifactory': 2}.get(KIND, 1000)


class Refused(Exception):
    """A status, why, and headers of the answer."""

    def __init__(self, status, reason, headers=(), body=None):
        super().__init__(status, reason)
        self.status, self.headers = status, headers
        message = json.dumps({'message': reason}).encode('ascii')
        self.body = message if body is None else body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def answer(self, status, body=b'', headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        path = urllib.parse.urlsplit(self.path).path
        try:
            if 'storage' in path:
                return self.object(path)
            body = self.body()
            self.authenticate()
            if path.endswith('/objects/batch'):
                return self.batch(json.loads(body))
            if path.endswith('/verify'):
                return self.verify(json.loads(body))
            raise Refused(404, 'no such route')
        except Refused as exc:
            if exc.status != 401:
                self.complain('%d %s' % exc.args)
            self.answer(exc.status, exc.body, exc.headers)

    do_GET = do_PUT = do_HEAD = do_POST

    def complain(self, text):
        with open(os.path.join(FOLDER, 'log'), 'a') as log:
            log.write('%s %s: %s\n' % (self.command, self.path, text))

    def body(self):
        """Read a body; refuse one with two lengths."""
        length, coding = (
            self.headers.get_all(name) or []
            for name in ('Content-Length', 'Transfer-Encoding')
        )
        if len(length) + len(coding) > 1:
            raise Refused(400, 'a body with two lengths', [('Connection', 'close')])
        if not coding:
            return self.rfile.read(int(length[0]) if length else 0)
        text = b''
        while size := int(self.rfile.readline(), 16):
            text += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return text

    def authenticate(self):
        if self.headers.get('Authorization') == BASIC:
            return
        offers = {
            'gitlab': [('WWW-Authenticate', 'Basic realm="GitLab"')],
            'gitea': [('LFS-Authenticate', 'Basic realm="gitea-lfs"')],
            'artifactory': [('WWW-Authenticate', 'Bearer realm="a", Basic realm="b"')],
            'iis': [
                ('WWW-Authenticate', 'Negotiate'),
                ('WWW-Authenticate', 'NTLM'),
                ('WWW-Authenticate', 'Basic realm="intranet"'),
                ('Connection', 'close'),
            ],
            'signed': [('WWW-Authenticate', 'Basic realm="store"')],
        }[KIND]
        raise Refused(401, 'who are you?', offers, PAGE)

    def batch(self, request):
        if len(request['objects']) > MOST:
            raise Refused(422, 'at most %d objects' % MOST, [('Content-Type', LFS)])
        operation = request['operation']
        objects = [self.described(operation, one) for one in request['objects']]
        kind = {'artifactory': 'application/json', 'gitlab': LFS + '; charset=utf-8'}
        reply = {'objects': objects}
        if KIND != 'gitea':
            reply['transfer'] = 'basic'
        body = json.dumps(reply, ensure_ascii=KIND != 'artifactory').encode('utf-8')
        self.answer(200, body, [('Content-Type', kind.get(KIND, LFS))])

    def described(self, operation, one):
        oid = one['oid']
        if operation == 'download' and oid not in BLOBS:
            return {**one, 'error': {'code': 404, 'message': 'Not Found'}}
        if operation == 'upload' and oid in BLOBS:
            return one
        actions = {operation: self.action(operation, oid)}
        if operation == 'upload' and KIND in ('gitlab', 'gitea'):
            header = {'Authorization': BASIC, 'Accept': LFS}
            actions['verify'] = {'href': BASE + '/lfs/verify', 'header': header}
        return {**one, 'authenticated': True, 'actions': actions}

    def action(self, operation, oid):
        # a store has a name of its own
        base = 'http://127.0.0.1:%s' % PORT if KIND == 'signed' else BASE
        href = '%s/storage/%s' % (base, oid)
        if KIND == 'gitlab':
            header = {'Authorization': BASIC}
            if operation == 'upload':
                header['Content-Type'] = 'application/octet-stream'
                header['Transfer-Encoding'] = 'chunked'
            return {'href': href, 'header': header, 'expires_in': 1800}
        if KIND == 'gitea':
            return {'href': href, 'header': {'authorization': BASIC, 'Accept': LFS}}
        if KIND == 'artifactory':
            header = {'Authorization': BASIC}
            return {
                'href': '%s/storage/gr\u00fcne dinge/%s' % (BASE, oid),
                'header': header,
            }
        if KIND == 'signed':
            kind = {'content-type': 'image/x-art'} if operation == 'upload' else {}
            query = 'X-Signature=' + signature(operation, oid)
            return {'href': '%s?%s' % (href, query), 'header': kind, 'expires_in': 300}
        return {'href': href}

    def verify(self, ref):
        if len(BLOBS.get(ref['oid'], b'')) != ref['size']:
            raise Refused(404, 'there is no such object')
        self.answer(200)

    def object(self, path):
        oid = path.rpartition('/')[2]
        if KIND == 'signed':
            self.checksignature(oid)
        elif self.headers.get('Authorization') != BASIC:
            self.body()
            self.authenticate()
        if KIND == 'artifactory' and '/gr%C3%BCne%20dinge/' not in path:
            raise Refused(404, 'no such folder')
        if self.command == 'PUT':
            return self.take(oid)
        self.send(BLOBS[oid])

    def checksignature(self, oid):
        """Check as S3 does: one form of authorization, and the signed headers."""
        operation = 'upload' if self.command == 'PUT' else 'download'
        query = urllib.parse.urlsplit(self.path).query
        if 'Authorization' in self.headers:
            raise Refused(400, 'Only one auth mechanism allowed', (), b'<Error/>')
        if query != 'X-Signature=' + signature(operation, oid):
            raise Refused(403, 'SignatureDoesNotMatch', (), b'<Error/>')
        if operation == 'upload':
            if self.headers.get_all('Content-Type') != ['image/x-art']:
                raise Refused(403, 'SignatureDoesNotMatch', (), b'<Error/>')
            if 'Transfer-Encoding' in self.headers:
                raise Refused(501, 'NotImplemented', (), b'<Error/>')

    def take(self, oid):
        body = self.body()
        if hashlib.sha256(body).hexdigest() != oid:
            raise Refused(422, 'another content')
        BLOBS[oid] = body
        self.answer(201 if KIND == 'gitea' else 200)

    def send(self, content):
        part = re.match(r'bytes=(\d+)-(\d*)\Z', self.headers.get('Range', ''))
        if not part or KIND == 'iis':
            return self.answer(200, content)
        start = int(part.group(1))
        end = int(part.group(2) or len(content) - 1)
        place = 'bytes %d-%d/%d' % (start, end, len(content))
        self.answer(206, content[start : end + 1], [('Content-Range', place)])


def signature(operation, oid):
    return hashlib.sha256((operation + oid).encode('ascii')).hexdigest()[:20]


assert KIND in KINDS
os.makedirs(FOLDER, exist_ok=True)
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
