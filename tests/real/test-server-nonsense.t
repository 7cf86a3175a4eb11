Malformed requests of a hostile client to hg serve, and the answers.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ hg init server
  $ hg -R server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ lfs=http://localhost:$HGPORT/.git/info/lfs
  $ batch() { # BODY: status, type, and headers that only we could have put in
  >     curl -m 5 -s -D headers -o body -w '%{http_code} %{content_type}\n' -d "$1" \
  >         -H 'Content-Type: application/vnd.git-lfs+json' \
  >         -H 'Accept: application/vnd.git-lfs+json' $lfs/objects/batch
  >     grep -i -e '^x-' headers
  > }

A hash other than SHA-256 is refused.

  $ batch '{"operation": "download", "hash_algo": "sha512", "objects": []}' | cut -c1-3
  409

A client cannot inject headers, and every request is answered.

  $ batch '{"operation": "up\r\nX-Injected: yes", "objects": []}' | cut -c1-3
  400
  $ batch '{"operation": "up\r\n\r\n<script>", "objects": []}' | cut -c1-3
  400
  $ batch '{"operation": "upload", "objects": [{"oid": "\r\nX-Injected: y", "size": 1}]}' | cut -c1-3
  200
  $ batch '{"operation": "\ud800", "objects": []}' | cut -c1-3
  400
  $ batch '{"operation": "upload", "objects": [{"oid": "\ud800", "size": 1}]}' | cut -c1-3
  200
  $ batch '{"operation": "\u65e5", "objects": []}' | cut -c1-3
  400
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log

The first transfers of a server may arrive all at once.

  $ cat > burst.py <<EOF
  > import sys, threading, urllib.request
  > warm = urllib.request.Request(sys.argv[1] + '/.git/info/lfs/objects/batch', b'{"operation": "upload", "objects": []}', {'Content-Type': 'application/vnd.git-lfs+json', 'Accept': '*/*'})
  > urllib.request.urlopen(warm).read()
  > url, gate, seen = sys.argv[1], threading.Barrier(12), set()
  > def put():
  >     import hashlib
  >     data = threading.current_thread().name.encode()
  >     oid = hashlib.sha256(data).hexdigest()
  >     request = urllib.request.Request(url + '/.hg/lfs/objects/' + oid, data, method='PUT')
  >     gate.wait()
  >     try:
  >         seen.add(urllib.request.urlopen(request).status)
  >     except Exception as exc:
  >         seen.add(str(exc))
  > threads = [threading.Thread(target=put) for i in range(12)]
  > [t.start() for t in threads]; [t.join() for t in threads]
  > print(seen)
  > EOF
  $ for i in 1 2 3 4 5 6; do
  >     hg init burst$i
  >     hg -R burst$i serve -d -p $HGPORT1 --pid-file=hg.pid -A access.log -E errors.log
  >     cat hg.pid >> "$DAEMON_PIDS"
  >     "$PYTHON" burst.py http://localhost:$HGPORT1
  >     "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  > done
  {201}
  {201}
  {201}
  {201}
  {201}
  {201}
  $ cat errors.log
