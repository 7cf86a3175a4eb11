A large file goes from one repository to another through a server.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ serve server

  $ hg init work
  $ cd work
  $ printf 'forty-two bytes that stand for a great deal' > art.bin
  $ hg commit -Aqm 'first picture'
  $ hg debugdata art.bin 0
  version https://git-lfs.github.com/spec/v1
  oid sha256:* (glob)
  size 43
  x-is-binary 0
  $ cat .hg/requires .hg/store/requires 2>/dev/null | grep lfs
  lfs
  $ hg push http://localhost:$HGPORT/
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 1 files (43 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ cd ..

A clone fetches what its checkout needs.

  $ rm -rf `hg config lfs.usercache`
  $ hg clone http://localhost:$HGPORT/ clone
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  new changesets * (glob)
  updating to branch default
  lfs: downloaded 1 files (43 bytes)
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cmp work/art.bin clone/art.bin
  $ hg -R clone verify -q
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
