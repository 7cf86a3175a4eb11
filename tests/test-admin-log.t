A server's access log, and its counters.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [extensions]
  > blackbox =
  > [blackbox]
  > track = hglfs
  > END
  $ hg init server
  $ serve server --config lfs.metrics='*' --config "lfs.accesslog=$TESTTMP/moved.log"
  $ hg init client
  $ cd client
  $ printf 'large' > large
  $ printf 'larger' > larger
  $ hg commit -Aqm first
  $ hg push -q http://localhost:$HGPORT/
  $ hg clone -q --config "lfs.usercache=$TESTTMP/other" http://localhost:$HGPORT/ ../copy
  $ cd ..
  $ shown() {
  >     sed -e 's/[0-9a-f]\{64\}/OID/' -e 's/ [0-9]*\.[0-9]\{3\} / SECONDS /' \
  >         -e 's/^[^ ]*Z //' "$1" | LC_ALL=C sort
  > }
  $ shown moved.log
  - download OID 5 SECONDS 200 $LOCALIP
  - download OID 6 SECONDS 200 $LOCALIP
  - upload OID 5 SECONDS 201 $LOCALIP
  - upload OID 6 SECONDS 201 $LOCALIP
  $ grep -vc '^20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-9:]*Z - ' moved.log
  0
  [1]

The entries also go to Mercurial's own logs if they are configured:

  $ sed 's/^.*> lfs: /Z /' server/.hg/blackbox.log > boxed
  $ shown boxed
  - download OID 5 SECONDS 200 $LOCALIP
  - download OID 6 SECONDS 200 $LOCALIP
  - upload OID 5 SECONDS 201 $LOCALIP
  - upload OID 6 SECONDS 201 $LOCALIP
  $ grep -c lfs access.log
  [1-9] (re)

The counters:

  $ "$PYTHON" "$TESTDIR/get-with-headers.py" --headeronly localhost:$HGPORT '.hg/lfs/metrics' content-type
  200 OK
  content-type: text/plain; version=0.0.4; charset=utf-8
  $ "$PYTHON" "$TESTDIR/get-with-headers.py" localhost:$HGPORT '.hg/lfs/metrics' | grep '^hglfs_requests.*packs'
  hglfs_requests_total{route="packs",status="200"} 2
  $ "$PYTHON" "$TESTDIR/killdaemons.py" $DAEMON_PIDS
  $ serve server
  $ "$PYTHON" "$TESTDIR/get-with-headers.py" --headeronly localhost:$HGPORT '.hg/lfs/metrics'
  404 Not Found
  [1]

Over ssh the user is the one of the ssh login:

  $ cat >> "$HGRCPATH" <<END
  > [ui]
  > ssh = "$PYTHON" "$TESTDIR/dummyssh"
  > [lfs]
  > accesslog = $TESTTMP/ssh.log
  > END
  $ LOGNAME=alice hg clone -q \
  >     --config "lfs.usercache=$TESTTMP/another" ssh://user@dummy/server copied
  $ shown ssh.log
  alice download OID 5 SECONDS 200 $LOCALIP
  alice download OID 6 SECONDS 200 $LOCALIP
