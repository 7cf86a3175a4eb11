Permissions by hgweb's configuration: blobs are protected like changesets.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > EOF
  $ cat > wsgi.py <<EOF
  > import os, socketserver, sys
  > from wsgiref import simple_server
  > from mercurial import hgdemandimport; hgdemandimport.enable()
  > from mercurial import ui as uimod
  > from mercurial.hgweb import hgweb
  > ui = uimod.ui.load()
  > for item in sys.argv[3:]:
  >     name, value = item.encode().split(b'=', 1)
  >     ui.setconfig(b'web', name, value)
  > app = hgweb(sys.argv[2].encode(), baseui=ui)
  > def gate(environ, start):
  >     """stands for a web server that knows who is who"""
  >     user = environ.get('HTTP_X_USER')
  >     if user:
  >         environ['REMOTE_USER'] = user
  >     return app(environ, start)
  > class Quiet(simple_server.WSGIRequestHandler):
  >     def log_message(self, *args): pass
  > server = simple_server.make_server('127.0.0.1', int(sys.argv[1]), gate, handler_class=Quiet)
  > open('wsgi.pid', 'w').write('%d\n' % os.getpid())
  > server.serve_forever()
  > EOF
  $ hg init repo
  $ cd repo
  $ echo 'a secret' > secret
  $ hg commit -Aqm 'secret' --config 'lfs.track=all()'
  $ cd ..
  $ oid=`hg -R repo debugdata secret 0 | sed -n 's/^oid sha256://p'`
  $ new=`printf 'a new one' | sha256sum | cut -c1-64`
  $ base=http://127.0.0.1:$HGPORT
  $ serve() {
  >     rm -f wsgi.pid
  >     "$PYTHON" wsgi.py $HGPORT repo push_ssl=no "$@" 2> wsgi.log &
  >     for i in 1 2 3 4 5 6 7 8 9 10 11 12; do test -s wsgi.pid && break; sleep 0.2; done
  >     cat wsgi.pid > now.pid
  >     cat wsgi.pid >> "$DAEMON_PIDS"
  > }
  $ stop() { kill `cat now.pid`; rm -f repo/.hg/store/lfs/objects/`echo $new | sed 's#^..#&/#'`; }
  $ ask() { # USER CURL-ARGS: the status, and whether the answer has content
  >     user=$1; shift
  >     code=`curl -m 5 -s -o body -w '%{http_code}' -H "X-User: $user" "$@"`
  >     if grep -q -e "$oid" -e '"href"' -e 'a secret' body; then code="$code, with content"; fi
  >     echo "${user:-anyone} $code"
  > }
  $ batch() { # USER OPERATION OID
  >     ask "$1" -H 'Accept: application/vnd.git-lfs+json' -H 'Content-Type: application/vnd.git-lfs+json' \
  >         -d '{"operation": "'$2'", "objects": [{"oid": "'$3'", "size": 9}]}' $base/.git/info/lfs/objects/batch
  > }
  $ tryall() {
  >     for user in "" bob ann; do
  >         batch "$user" download $oid | sed 's/^/download: /'
  >         batch "$user" download $new | sed 's/^/download of a missing one: /'
  >         batch "$user" upload $new | sed 's/^/upload: /'
  >         ask "$user" $base/.hg/lfs/objects/$oid | sed 's/^/GET: /'
  >         ask "$user" $base/.hg/lfs/objects/$new | sed 's/^/GET of a missing one: /'
  >         printf 'a new one' | ask "$user" -X PUT --data-binary @- $base/.hg/lfs/objects/$new | sed 's/^/PUT: /'
  >     done
  > }

By default everyone may read and only the owner may write.

  $ serve
  $ tryall
  download: anyone 200, with content
  download of a missing one: anyone 200
  upload: anyone 401
  GET: anyone 200, with content
  GET of a missing one: anyone 404
  PUT: anyone 401
  download: bob 200, with content
  download of a missing one: bob 200
  upload: bob 401
  GET: bob 200, with content
  GET of a missing one: bob 404
  PUT: bob 401
  download: ann 200, with content
  download of a missing one: ann 200
  upload: ann 401
  GET: ann 200, with content
  GET of a missing one: ann 404
  PUT: ann 401
  $ stop

Some may write:

  $ serve allow-push=ann
  $ tryall
  download: anyone 200, with content
  download of a missing one: anyone 200
  upload: anyone 401
  GET: anyone 200, with content
  GET of a missing one: anyone 404
  PUT: anyone 401
  download: bob 200, with content
  download of a missing one: bob 200
  upload: bob 401
  GET: bob 200, with content
  GET of a missing one: bob 404
  PUT: bob 401
  download: ann 200, with content
  download of a missing one: ann 200
  upload: ann 200, with content
  GET: ann 200, with content
  GET of a missing one: ann 404
  PUT: ann 201
  $ stop

Some may read:

  $ serve allow-push=ann allow_read=ann
  $ tryall
  download: anyone 401
  download of a missing one: anyone 401
  upload: anyone 401
  GET: anyone 401
  GET of a missing one: anyone 401
  PUT: anyone 401
  download: bob 401
  download of a missing one: bob 401
  upload: bob 401
  GET: bob 401
  GET of a missing one: bob 401
  PUT: bob 401
  download: ann 200, with content
  download of a missing one: ann 200
  upload: ann 200, with content
  GET: ann 200, with content
  GET of a missing one: ann 404
  PUT: ann 201
  $ stop

A user who may not read may not write either, whatever else is configured:

  $ serve allow-push=ann,bob deny_read=bob
  $ tryall
  download: anyone 401
  download of a missing one: anyone 401
  upload: anyone 401
  GET: anyone 401
  GET of a missing one: anyone 401
  PUT: anyone 401
  download: bob 401
  download of a missing one: bob 401
  upload: bob 401
  GET: bob 401
  GET of a missing one: bob 401
  PUT: bob 401
  download: ann 200, with content
  download of a missing one: ann 200
  upload: ann 200, with content
  GET: ann 200, with content
  GET of a missing one: ann 404
  PUT: ann 201
  $ stop
  $ serve allow-push=* deny_push=bob
  $ tryall
  download: anyone 200, with content
  download of a missing one: anyone 200
  upload: anyone 401
  GET: anyone 200, with content
  GET of a missing one: anyone 404
  PUT: anyone 401
  download: bob 200, with content
  download of a missing one: bob 200
  upload: bob 401
  GET: bob 200, with content
  GET of a missing one: bob 404
  PUT: bob 401
  download: ann 200, with content
  download of a missing one: ann 200
  upload: ann 200, with content
  GET: ann 200, with content
  GET of a missing one: ann 404
  PUT: ann 201
  $ stop

Pulls are disabled:

  $ serve allow-push=ann allowpull=no
  $ tryall
  download: anyone 401
  download of a missing one: anyone 401
  upload: anyone 401
  GET: anyone 401
  GET of a missing one: anyone 401
  PUT: anyone 401
  download: bob 401
  download of a missing one: bob 401
  upload: bob 401
  GET: bob 401
  GET of a missing one: bob 401
  PUT: bob 401
  download: ann 401
  download of a missing one: ann 401
  upload: ann 401
  GET: ann 401
  GET of a missing one: ann 401
  PUT: ann 201
  $ stop

And serving is disabled:

  $ echo '[experimental]' >> $HGRCPATH
  $ echo 'lfs.serve = no' >> $HGRCPATH
  $ serve allow-push=*
  $ tryall
  download: anyone 400
  download of a missing one: anyone 400
  upload: anyone 400
  GET: anyone 400
  GET of a missing one: anyone 400
  PUT: anyone 400
  download: bob 400
  download of a missing one: bob 400
  upload: bob 400
  GET: bob 400
  GET of a missing one: bob 400
  PUT: bob 400
  download: ann 400
  download of a missing one: ann 400
  upload: ann 400
  GET: ann 400
  GET of a missing one: ann 400
  PUT: ann 400
  $ stop
  $ cat wsgi.log
