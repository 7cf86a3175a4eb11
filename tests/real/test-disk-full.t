#require root no-windows

A full disk, at either end: nothing is left behind, and nothing is damaged.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [lfs]
  > track = size('>20k')
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ mkdir small
  $ mount -t tmpfs -o size=300k none small || exit 80
  $ fill() { "$PYTHON" -c 'import os, sys; open(sys.argv[1], "wb").write(os.urandom(int(sys.argv[2])))' "$1" "$2"; }

Commit:

  $ hg init small/repo
  $ cd small/repo
  $ echo 'short' > short
  $ hg commit -Aqm 'short'
  $ fill long 140000
  $ hg commit -Aqm 'long'
  abort: long: cannot store an lfs object: No space left on device
  (check the free space and the permissions of $TESTTMP/small/repo/.hg/store/lfs/objects)
  [50]
  $ hg log -r tip -T '{desc}\n'
  short
  $ hg status
  ? long
  $ find .hg/store/lfs -type f
  $ ls .hg/store/journal 2>/dev/null
  [2]
  $ hg verify -q
  $ cd ../..

Upload to a server whose disk is full:

  $ umount small
  $ mount -t tmpfs -o size=300k none small
  $ hg init small/server
  $ fill small/ballast 200000
  $ hg -R small/server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ hg init work
  $ fill work/long 100000
  $ hg -R work commit -Aqm 'long'
  $ hg -R work push http://localhost:$HGPORT/
  pushing to http://localhost:$HGPORT/
  searching for changes
  abort: LFS server error for "long": the server has no room for it (status code 507)
  [50]
  $ hg -R small/server log
  $ find small/server/.hg/store/lfs -type f 2>/dev/null
  [1]
  $ rm small/ballast
  $ hg -R work push http://localhost:$HGPORT/
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 1 files (97.7 KB)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log

Download without enough space:

  $ hg -R small/server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ mkdir tiny
  $ mount -t tmpfs -o size=100k none tiny
  $ rm -r `hg config lfs.usercache`
  $ hg clone -qU http://localhost:$HGPORT/ tiny/clone
  $ hg -R tiny/clone update
  abort: long: cannot store an lfs object: No space left on device
  (check the free space and the permissions of $TESTTMP/tiny/clone/.hg/store/lfs/objects)
  [50]
  $ hg -R tiny/clone id
  000000000000
  $ hg -R tiny/clone status
  $ find tiny/clone/.hg/store/lfs `hg config lfs.usercache` -type f 2>/dev/null
  [1]
  $ mount -o remount,size=900k tiny
  $ hg -R tiny/clone update
  lfs: downloaded 1 files (97.7 KB)
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cmp tiny/clone/long work/long
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log

Locks without space: no lock is granted that is not stored.

  $ fill small/ballast 1000000 2>/dev/null
  [1]
  $ cd work
  $ there="--config paths.default=$TESTTMP/small/server"
  $ hg lfs-lock long $there
  long: the locks are out of reach: * (glob)
  [1]
  $ rm ../small/ballast
  $ hg lfs-locks $there
  $ hg lfs-lock long $there
  locked long
  $ hg lfs-locks -T '{path}\n' $there
  long
  $ cd ..

Removing blobs needs no space.

  $ fill small/ballast 1000000 2>/dev/null
  [1]
  $ hg -R small/server admin::lfs-gc --grace 0 --delete -q
  nothing to remove
  $ rm small/ballast
  $ hg -R small/server verify -q
  $ umount small tiny
