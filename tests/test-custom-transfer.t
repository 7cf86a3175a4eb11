Custom transfer agents, as in git-lfs: programs that move blobs in their own way. This
one keeps them in a folder, and logs its messages.

  $ . "$TESTDIR/helpers.sh"
  $ mkdir shelf
  $ cat > agent.py <<EOF
  > import json, os, shutil, sys, tempfile
  > shelf, mode, messages = sys.argv[1:]
  > def say(**message):
  >     print(json.dumps(message), flush=True)
  > for line in sys.stdin:
  >     asked = json.loads(line)
  >     event, oid = asked['event'], asked.get('oid')
  >     what = 'remote' if event == 'init' else 'action'
  >     with open(messages, 'a') as log:
  >         log.write('%s %s\n' % (event, json.dumps(asked.get(what))))
  >     if event == 'init':
  >         say()
  >     elif event == 'terminate':
  >         break
  >     elif event == 'upload':
  >         shutil.copy(asked['path'], os.path.join(shelf, oid))
  >         say(event='progress', oid=oid, bytesSoFar=asked['size'], bytesSinceLast=1)
  >         say(event='complete', oid=oid)
  >     elif mode == 'broken':
  >         print('nothing that makes sense', flush=True)
  >     elif not os.path.exists(os.path.join(shelf, oid)):
  >         say(event='complete', oid=oid, error={'code': 404, 'message': 'not here'})
  >     else:
  >         path = tempfile.mkstemp(dir=shelf)[1]
  >         shutil.copy(os.path.join(shelf, oid), path)
  >         say(event='complete', oid=oid, path=path)
  > EOF
  $ cat >> $HGRCPATH <<EOF
  > [lfs]
  > customtransfer.shelf.path = $PYTHON
  > customtransfer.shelf.args = "$TESTTMP/agent.py" "$TESTTMP/shelf" good "$TESTTMP/messages"
  > customtransfer.shelf.concurrent = False
  > EOF
  $ alone='lfs.standalonetransferagent=shelf'
  $ forget() {
  >   rm -rf "$1/.hg/store/lfs" "`hg config lfs.usercache`"
  > }
  $ messages() {
  >   cat "$TESTTMP/messages"
  >   rm "$TESTTMP/messages"
  > }

Without any server, to a local repository:

  $ hg init server
  $ hg init work
  $ cd work
  $ printf 'a large file\n' > large
  $ printf 'another\n' > other
  $ hg commit -Aqm one
  $ hg push --config $alone ../server
  pushing to ../server
  searching for changes
  lfs: uploaded 2 files (21 bytes)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 2 changes to 2 files
  $ messages
  init "$TESTTMP/server"
  upload null
  upload null
  terminate null
  $ cd ..
  $ blobs server
  $ ls shelf | wc -l | tr -d ' '
  2
  $ forget work
  $ hg clone --config $alone server clone
  updating to branch default
  lfs: downloaded 2 files (21 bytes)
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ messages
  init "$TESTTMP/server"
  download null
  download null
  terminate null
  $ cat clone/large
  a large file
  $ blobs clone | wc -l | tr -d ' '
  2
  $ ls shelf | wc -l | tr -d ' '
  2

An agent for uploads only is not used for downloads:

  $ forget clone
  $ hg -R clone update -q null
  $ hg -R clone update --config $alone --config lfs.url=file://$TESTTMP/nowhere \
  >    --config lfs.customtransfer.shelf.direction=upload
  abort: LFS server error for "large": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:large DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]

With a configured endpoint that is not usable:

  $ hg -R clone update --config $alone --config lfs.url=null://
  lfs: downloaded 2 files (21 bytes)
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ messages
  init "$TESTTMP/server"
  download null
  download null
  terminate null

Errors:

  $ forget clone
  $ hg -R clone update -q null
  $ hg -R clone update --config $alone \
  >    --config "lfs.customtransfer.shelf.args='$TESTTMP/agent.py' /no/where good messages"
  abort: lfs transfer agent shelf: error for "other": not here (code 404)
  [50]
  $ hg -R clone update --config $alone \
  >    --config "lfs.customtransfer.shelf.args='$TESTTMP/agent.py' shelf broken messages"
  abort: other: lfs transfer agent shelf is broken: it sent a line that is not JSON
  [50]
  $ hg -R clone update --config $alone --config lfs.customtransfer.shelf.path=/no/where
  abort: lfs transfer agent shelf cannot be started: $ENOENT$
  (check "lfs.customtransfer.shelf.path")
  [50]
  $ hg -R clone update --config lfs.standalonetransferagent=camel
  config error: lfs.standalonetransferagent names an unknown agent: camel
  (set lfs.customtransfer.camel.path)
  [30]
  $ hg -R clone update --config lfs.customtransfer.shelf.direction=sideways
  config error: lfs.customtransfer.shelf.direction must be upload, download or both, not sideways
  [30]
  $ hg -R clone update --config "lfs.customtransfer.shelf.args='open"
  config error: lfs.customtransfer.shelf.args: No closing quotation
  [30]
  $ hg -R clone status -mard
  $ hg -R clone id -i
  000000000000

A server chooses from the agents that it is offered:

  $ cat > batch.py <<EOF
  > import http.server, json, os, sys
  > class Handler(http.server.BaseHTTPRequestHandler):
  >     def do_POST(self):
  >         asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
  >         with open('asked', 'a') as log:
  >             log.write('%s %s\n' % (asked['operation'], asked['transfers']))
  >         action = {'href': 'shelf://top', 'header': {'Key': 'value'}}
  >         for item in asked['objects']:
  >             item['actions'] = {asked['operation']: action}
  >         reply = {'transfer': asked['transfers'][0], 'objects': asked['objects']}
  >         body = json.dumps(reply).encode('ascii')
  >         self.send_response(200)
  >         self.send_header('Content-Type', 'application/vnd.git-lfs+json')
  >         self.send_header('Content-Length', str(len(body)))
  >         self.end_headers()
  >         self.wfile.write(body)
  >     def log_message(self, *args):
  >         pass
  > server = http.server.HTTPServer(('localhost', int(sys.argv[1])), Handler)
  > with open('batch.pid', 'w') as handle:
  >     handle.write('%d\n' % os.getpid())
  > server.serve_forever()
  > EOF
  $ "$PYTHON" batch.py $HGPORT > /dev/null 2>&1 &
  $ while [ ! -s batch.pid ]; do sleep 0.1; done
  $ cat batch.pid >> $DAEMON_PIDS
  $ cat >> $HGRCPATH <<EOF
  > [lfs]
  > url = http://localhost:$HGPORT/
  > EOF
  $ rm shelf/*
  $ cd work
  $ printf 'a third\n' > third
  $ hg commit -Aqm two
  $ hg push ../server
  pushing to ../server
  searching for changes
  lfs: uploaded 1 files (8 bytes)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  $ messages
  init "http://localhost:$HGPORT"
  upload {"href": "shelf://top", "header": {"Key": "value"}}
  terminate null
  $ cd ..
  $ ls shelf | wc -l | tr -d ' '
  1
  $ forget work
  $ hg -R work cat -r tip work/third
  lfs: downloaded 1 files (8 bytes)
  a third
  $ messages
  init "http://localhost:$HGPORT"
  download {"href": "shelf://top", "header": {"Key": "value"}}
  terminate null
  $ cat asked
  upload ['shelf', 'hglfs-packs', 'tus', 'basic']
  download ['shelf', 'hglfs-packs', 'tus', 'basic']
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
