The size limit of a server, for every kind of connection.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > [experimental]
  > lfs.disableusercache = yes
  > END
  $ hg init server
  $ cat > server/.hg/hgrc <<END
  > [lfs]
  > maxsize = 100
  > END
  $ hg clone -q server client
  $ cd client
  $ "$PYTHON" -c 'open("big.bin", "w").write("x" * 101)'
  $ "$PYTHON" -c 'open("small.bin", "w").write("x" * 100)'
  $ hg commit -qAm 'big and small'
  $ serve ../server
  $ http=http://localhost:$HGPORT/
  $ ssh=ssh://user@dummy/server

No larger file is accepted, neither blobs nor changesets:

  $ hg push -q $http
  abort: LFS server error for "big.bin": Validation error: Objects of over 100 bytes are not taken
  [50]
  $ hg push -q $http --config experimental.lfs.worker-enable=no
  abort: LFS server error for "big.bin": Validation error: Objects of over 100 bytes are not taken
  [50]
  $ hg push -q $ssh
  abort: LFS server error for "big.bin": it is larger than the server takes, by lfs.maxsize there (status code 413)
  [50]
  $ hg push -q ../server
  abort: big.bin: lfs object c675a2e604b0cd1229c036e3ce0c87422980a245e295bbc605a507a2299752db has 101 bytes; objects of over 100 bytes are not taken
  (the limit is lfs.maxsize in the configuration of the repository there)
  [50]
  $ hg debuglfsupload -q -r . --config paths.default=$ssh
  abort: LFS server error for "big.bin": it is larger than the server takes, by lfs.maxsize there (status code 413)
  [50]
  $ hg -R ../server log
  $ blobs ../server

A folder has no configuration, and so no limit:

  $ hg debuglfsupload -q -r . --config lfs.url=file://$TESTTMP/folder
  $ find ../folder -type f | wc -l | sed 's/ //g'
  2

The limit holds for uploads to the server: not for what a client commits, sends or
fetches, nor for what the server commits itself or sends to clients:

  $ cat > ../server/.hg/hgrc
  $ killdaemons.py
  $ cat >> .hg/hgrc <<END
  > [lfs]
  > maxsize = 10
  > END
  $ hg push -q $ssh
  $ blobs ../server | wc -l | sed 's/ //g'
  2
  $ cat > ../server/.hg/hgrc <<END
  > [lfs]
  > maxsize = 10
  > END
  $ cd ../server
  $ hg update -q
  $ "$PYTHON" -c 'open("own.bin", "w").write("y" * 50)'
  $ hg commit -qAm 'own'
  $ cd ../client
  $ hg pull -q -u $ssh
  $ wc -c < own.bin | sed 's/ //g'
  50
  $ hg clone -q $ssh ../another
  $ hg clone -q ../server ../third --config lfs.maxsize=10
  $ wc -c < ../third/own.bin | sed 's/ //g'
  50

Blobs that are there are not sent again, and changesets may refer to them:

  $ hg move own.bin moved.bin
  $ hg commit -qm 'moved'
  $ hg push -q $ssh
