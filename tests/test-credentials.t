Credentials are sent to the configured endpoint, and to no other origin, whatever its
replies name.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/users.sh"
  $ . "$TESTDIR/bundles.sh"
  $ raw() { # PORT FOLDER: starts a server that answers as the files in a folder say
  >     mkdir -p $2
  >     "$PYTHON" "$TESTDIR/rawserver.py" $1 $2 $2/pid
  >     "$RUNTESTDIR/testlib/wait-on-file" 60 $2/pid
  >     cat $2/pid >> "$DAEMON_PIDS"
  > }
  $ requests() { # FOLDER: what was asked there since
  >     cat $1/log 2> /dev/null | sed 's/[0-9a-f]\{32,\}/ID/'
  >     rm -f $1/log
  > }

A user has passwords for all servers, and a lock on one of them.

  $ cat >> $HGRCPATH <<EOS
  > [auth]
  > all.prefix = *
  > all.schemes = http https
  > all.username = alice
  > all.password = secret
  > EOS
  $ hg init server
  $ hg init work
  $ echo content > work/large
  $ hg -R work commit -Aqm first
  $ hg -R work push -q server
  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ hg clone -q http://localhost:$HGPORT/ work2
  $ cd work2
  $ hg lfs-lock large
  locked large
  $ lock=`hg lfs-locks -T '{id}'`
  $ oid=`hg debugdata large 0 | sed -n 's/^oid sha256://p'`
  $ cd ..

A malicious server directs the verification of an upload to the route that would unlock:
the request is anonymous.

  $ reply() { # ACTIONS: has the malicious server's batch reply
  >     printf 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n' > bad/objects_batch
  >     printf '{"objects": [{"oid": "%s", "size": 8, "actions": {%s}}]}' $oid "$1" \
  >         >> bad/objects_batch
  > }
  $ raw $HGPORT1 bad
  $ here=http://localhost:$HGPORT there=http://localhost:$HGPORT1
  $ printf 'HTTP/1.1 200 OK\n\n' > bad/take
  $ upload='"upload": {"href": "'$there'/take"}'
  $ reply "$upload"', "verify": {"href": "'$here/.hg/lfs/locks/$lock/unlock'"}'
  $ echo y | hg -R work debuglfsupload -r 0 --config lfs.url=$there --config ui.interactive=yes
  abort: LFS HTTP error: HTTP Error 401: Unauthorized (oid=*, action=upload) (glob)
  (http://localhost:$HGPORT1 refers to http://localhost:$HGPORT, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  [50]
  $ requests bad
  POST /objects/batch anonymous
  PUT /take anonymous
  $ hg -R work2 lfs-locks -T '{path} {owner}\n'
  large alice

So are downloads, redirects, and redirects back to the endpoint.

  $ reply '"download": {"href": "'$here/.hg/lfs/objects/$oid'"}'
  $ hg clone -qU server work3
  $ rm -rf work3/.hg/store/lfs .cache
  $ hg -R work3 update -q --config lfs.url=$there
  abort: LFS HTTP error: HTTP Error 401: Unauthorized (oid=*, action=download) (glob)
  (http://localhost:$HGPORT1 refers to http://localhost:$HGPORT, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  [50]
  $ printf 'HTTP/1.1 307 Moved\nLocation: '$here/.hg/lfs/objects/$oid'\n\n' > bad/take
  $ reply '"download": {"href": "'$there/take'"}'
  $ hg -R work3 update -q --config lfs.url=$there
  abort: LFS HTTP error: HTTP Error 401: Unauthorized (oid=*, action=download) (glob)
  (http://localhost:$HGPORT1 refers to http://localhost:$HGPORT, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  [50]
  $ requests bad
  POST /objects/batch anonymous
  POST /objects/batch anonymous
  GET /take anonymous

With the setting the user's credentials are sent to the other origin as well.

  $ hg -R work3 update -q --config lfs.url=$there --config lfs.trusted-origins=$here
  $ cat work3/large
  content
  $ hg -R work3 update -q null --config lfs.trusted-origins=localhost
  $ rm -rf work3/.hg/store/lfs .cache
  $ hg -R work3 update -q --config lfs.url=$there --config lfs.trusted-origins=localhost
  config error: lfs.trusted-origins: not an origin: localhost
  (write scheme://host or scheme://host:port)
  [30]

Locks are requested from the server that keeps them, and from no other.

  $ printf 'HTTP/1.1 307 Moved\nLocation: '$here/.hg/lfs/locks'\n\n' > bad/locks
  $ hg -R work3 lfs-locks --config lfs.url=$there
  abort: HTTP Error 401: Unauthorized
  (http://localhost:$HGPORT1 refers to http://localhost:$HGPORT, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  [50]
  $ requests bad
  POST /objects/batch anonymous
  GET /take anonymous
  GET /locks?limit=1000 anonymous

A server that is asked over ssh names an endpoint: that one gets the credentials in its
URL, and none of the user's.

  $ cat > ssh <<EOS
  > #!/bin/sh
  > echo '{"href": "$there", "header": {"Authorization": "Basic dG9rZW46"}}'
  > EOS
  $ chmod +x ssh
  $ reply '"download": {"href": "'$there/moved'"}'
  $ printf 'HTTP/1.1 401 No\nWWW-Authenticate: Basic realm="x"\n\n' > bad/moved
  $ hg -R work3 update -q --config lfs.url=ssh://git@localhost/repo --config ui.ssh=$TESTTMP/ssh
  abort: LFS HTTP error: HTTP Error 401: No (oid=*, action=download) (glob)
  (ssh://localhost refers to http://localhost:$HGPORT1, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  [50]
  $ requests bad
  POST /objects/batch token:
  GET /moved anonymous
  $ echo "echo '{\"href\": \"$there/moved\"}'" > ssh
  $ hg -R work3 update -q --config lfs.url=ssh://git@localhost/repo --config ui.ssh=$TESTTMP/ssh
  abort: LFS HTTP error: HTTP Error 404: Not Found
  (the "lfs.url" config may be used to override http://localhost:$HGPORT1/moved)
  [50]
  $ requests bad
  POST /moved/objects/batch anonymous
  $ stop
