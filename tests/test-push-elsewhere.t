A clone has only the blobs of its checkout. It can be pushed to a new server
nevertheless: missing blobs are fetched from the source of the changesets.

  $ . "$TESTDIR/helpers.sh"
  $ hg init origin
  $ cd origin
  $ for number in 1 2 3; do
  >   echo "version $number" > story
  >   hg commit -qAm $number
  > done
  $ cd ..
  $ serve origin
  $ hg clone -q http://localhost:$HGPORT/ clone --config lfs.usercache=$TESTTMP/near
  $ blobs clone | wc -l | sed 's/ //g'
  1
  $ hg init other
  $ hg -R other serve -d -p $HGPORT1 --pid-file hg1.pid --config lfs.usercache=$TESTTMP/otherscache
  $ cat hg1.pid >> $DAEMON_PIDS
  $ hg -R clone push --config lfs.usercache=$TESTTMP/near http://localhost:$HGPORT1/
  pushing to http://localhost:$HGPORT1/
  searching for changes
  lfs: downloaded 2 files (20 bytes)
  lfs: uploaded 3 files (30 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 3 changesets with 3 changes to 1 files
  $ hg -R other verify -q
  $ blobs other | wc -l | sed 's/ //g'
  3

Blobs that the server has are not fetched for it.

  $ hg clone -q http://localhost:$HGPORT/ again --config lfs.usercache=$TESTTMP/again
  $ hg init third
  $ cp -r other/.hg/store/lfs third/.hg/store/
  $ hg -R third serve -d -p $HGPORT2 --pid-file hg2.pid --config lfs.usercache=$TESTTMP/thirdscache
  $ cat hg2.pid >> $DAEMON_PIDS
  $ hg -R again push -q --config lfs.usercache=$TESTTMP/again http://localhost:$HGPORT2/
  $ blobs again | wc -l | sed 's/ //g'
  1

Nothing is pushed if a blob cannot be fetched.

  $ hg init fourth
  $ rm -r origin/.hg/store/lfs
  $ hg -R again push --config lfs.usercache=$TESTTMP/again fourth
  pushing to fourth
  searching for changes
  abort: story: lfs object * is neither here nor on the server (glob)
  (find a repository that has it, and push it from there)
  [50]
  $ hg -R fourth log
