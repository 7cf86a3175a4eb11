Passwords are not sent to another host.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [experimental]
  > lfs.worker-enable = no
  > [lfs]
  > track = all()
  > retry = 0
  > EOF
  $ cat > two.py <<EOF
  > import sys, json, base64, hashlib, threading, http.server as h
  > A, B, MODE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
  > class H(h.BaseHTTPRequestHandler):
  >     protocol_version = 'HTTP/1.1'
  >     def log_message(self, *a): pass
  >     def reply(self, code, body=b'', **headers):
  >         self.send_response(code)
  >         for k, v in headers.items(): self.send_header(k.replace('_', '-'), v)
  >         self.send_header('Content-Length', str(len(body)))
  >         self.end_headers(); self.wfile.write(body)
  >     def do(self):
  >         body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
  >         port = self.server.server_port
  >         with open('seen.log', 'a') as f:
  >             f.write('%s %s auth=%s\n' % ('A' if port == A else 'B', self.command, self.headers.get('Authorization')))
  >         if port == B:
  >             return self.reply(200, b'one thing\n')
  >         if MODE.startswith('basic') and not self.headers.get('Authorization'):
  >             return self.reply(401, WWW_Authenticate='Basic realm="a"')
  >         if self.path.endswith('/batch'):
  >             asked = json.loads(body)
  >             href = 'http://127.0.0.1:%d/o' % (A if 'redirect' in MODE else B)
  >             action = {'href': href, 'header': {'Authorization': 'Bearer fromA'} if 'header' in MODE else {}}
  >             objs = [dict(o, actions={asked['operation']: action}) for o in asked['objects']]
  >             return self.reply(200, json.dumps({'objects': objs}).encode(), Content_Type='application/vnd.git-lfs+json')
  >         return self.reply(302, Location='http://127.0.0.1:%d/o' % B)
  >     do_GET = do_POST = do_PUT = do
  > for p in (A, B): threading.Thread(target=h.ThreadingHTTPServer(('127.0.0.1', p), H).serve_forever, daemon=True).start()
  > import time; time.sleep(60)
  > EOF
  $ hg init work
  $ cd work
  $ echo 'one thing' > thing
  $ hg commit -Aqm thing
  $ cd ..
  $ for mode in basic basic-redirect header-redirect; do
  >     "$PYTHON" two.py $HGPORT $HGPORT1 $mode > two.log 2>&1 & echo $! > p; cat p >> $DAEMON_PIDS; sleep 1
  >     echo "== $mode"; rm -f seen.log; rm -rf work/.hg/store/lfs `hg config lfs.usercache`
  >     hg -R work cat work/thing --config lfs.url=http://ann:s3cret@127.0.0.1:$HGPORT/
  >     cat seen.log; kill `cat p`; sleep 0.3
  > done
  == basic
  lfs: downloaded 1 files (10 bytes)
  one thing
  A POST auth=None
  A POST auth=Basic YW5uOnMzY3JldA==
  B GET auth=None
  == basic-redirect
  lfs: downloaded 1 files (10 bytes)
  one thing
  A POST auth=None
  A POST auth=Basic YW5uOnMzY3JldA==
  A GET auth=Basic YW5uOnMzY3JldA==
  B GET auth=None
  == header-redirect
  lfs: downloaded 1 files (10 bytes)
  one thing
  A POST auth=None
  A GET auth=Bearer fromA
  B GET auth=None
