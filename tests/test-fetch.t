Blobs by choice: fetch those of some revisions before they are needed, send those that a
server lacks, without any changeset.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ serve server
  $ hg init work
  $ cd work
  $ mkdir art code
  $ echo logo > art/logo.psd
  $ echo film > art/film.mov
  $ echo main > code/main.bin
  $ hg commit -qAm first
  $ echo logo 2 > art/logo.psd
  $ hg commit -qm second
  $ hg rm -q art/film.mov
  $ hg commit -qm third

Before a push, a look at what it would send:

  $ cat >> .hg/hgrc <<EOS
  > [paths]
  > default = http://localhost:$HGPORT/
  > EOS
  $ hg lfs-push -n
  searching for changes
  lfs: would upload 4 files (22 bytes)
  $ hg lfs-push -n -r 'desc(third)'
  lfs: would upload 2 files (12 bytes)

Blobs alone may go ahead:

  $ hg lfs-push
  searching for changes
  lfs: uploaded 4 files (22 bytes)
  $ hg lfs-push
  searching for changes
  lfs: nothing to upload
  $ blobs ../server | wc -l | tr -d ' '
  4
  $ hg -R ../server log
  $ hg push -q

Secret changesets stay at home:

  $ echo secret > code/secret.bin
  $ hg commit -qAm fourth --secret
  $ hg lfs-push --all
  lfs: nothing to upload
  $ hg lfs-push -r tip
  ignored 1 secret changeset
  lfs: nothing to upload
  $ hg phase -qfd tip

A clone fetches what is named.

  $ cd ..
  $ rm -rf "`hg config lfs.usercache`"
  $ hg clone -qU http://localhost:$HGPORT/ clone
  $ cd clone
  $ hg lfs-fetch
  no large files found
  [1]
  $ hg lfs-fetch -n -r tip
  lfs: would download 2 files (12 bytes)
  $ hg lfs-fetch -r tip
  lfs: downloaded 2 files (12 bytes)
  $ hg lfs-fetch -r tip
  lfs: nothing to download
  $ hg lfs-fetch -v -n --all
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  * art/film.mov (5 bytes) (glob)
  84e68693496e281178406d280fe930ba381918a2d8267fa3e43c894c40be93e2  art/logo.psd (5 bytes)
  lfs: would download 2 files (10 bytes)
  $ hg lfs-fetch -r 'all()' art/film.mov
  lfs: downloaded 1 files (5 bytes)
  $ hg lfs-fetch --all 'glob:**.psd'
  lfs: downloaded 1 files (5 bytes)
  $ hg lfs-fetch --all nothing
  no large files found
  [1]
  $ hg lfs-fetch --all -r tip
  abort: cannot specify both --rev and --all
  [10]
  $ hg update -q 0
  $ hg lfs-fetch
  lfs: nothing to download

With all blobs, it needs no server any more, and no cache:

  $ hg --config paths.default=/nowhere --config lfs.usercache=$TESTTMP/none update -q 1
  $ hg --config paths.default=/nowhere --config lfs.usercache=$TESTTMP/none verify -q

The configuration limits what is fetched, unless files are named:

  $ cd ..
  $ rm -rf "`hg config lfs.usercache`" clone
  $ hg clone -qU http://localhost:$HGPORT/ clone
  $ cd clone
  $ cat >> .hg/hgrc <<EOS
  > [lfs]
  > fetchexclude = *.psd, path:code
  > EOS
  $ hg lfs-fetch -n -r 0
  lfs: would download 1 file (5 bytes)
  $ hg lfs-fetch -n -r 0 art
  lfs: would download 2 files (10 bytes)
  $ hg lfs-fetch -n -r 0 --config lfs.fetchinclude=code --config lfs.fetchexclude=
  lfs: would download 1 file (5 bytes)
  $ hg lfs-fetch -n --all --config lfs.fetchexclude='"set:size(\"<6\")"'
  lfs: would download 1 file (7 bytes)
  $ cd ..

A mirror has everything:

  $ hg clone -qU http://localhost:$HGPORT/ mirror
  $ hg -R mirror lfs-fetch --all
  lfs: downloaded 4 files (22 bytes)
  $ blobs mirror > one; blobs server > other; cmp one other

What only the cache has is taken from there, so that a mirror is whole:

  $ hg clone -qU http://localhost:$HGPORT/ second
  $ hg -R second lfs-fetch --all
  lfs: nothing to download
  $ blobs second > one; cmp one other

It fills a new server, by name or by path:

  $ hg init new
  $ hg -R mirror push -q new --config lfs.requireblobs=no --config lfs.url=null://
  $ hg -R new lfs-fetch --all -n
  lfs: would download 0 files (0 bytes)
  $ rm -rf "`hg config lfs.usercache`"
  $ hg -R mirror lfs-push --all new
  $ blobs new > one; cmp one other
  $ hg -R mirror lfs-push --all new
  lfs: nothing to upload

Blobs that no server has are named when all others have arrived.

  $ oid=`hg -R work debugdata art/film.mov 0 | sed -n 's/oid sha256://p'`
  $ rm server/.hg/store/lfs/objects/`echo $oid | cut -c1-2`/`echo $oid | cut -c3-`
  $ rm -rf "`hg config lfs.usercache`" "$TESTTMP/servercache" clone
  $ hg clone -qU http://localhost:$HGPORT/ clone
  $ hg -R clone lfs-fetch --all
  lfs: downloaded 3 files (17 bytes)
  art/film.mov: no remote has its blob * (glob)
  (a clone that has them sends them by 'hg lfs-push --all')
  [1]

What the hint names works:

  $ hg -R mirror lfs-push --all
  lfs: uploaded 1 files (5 bytes)
  $ hg -R clone lfs-fetch --all
  lfs: downloaded 1 files (5 bytes)

A server that is not there is another failure:

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ rm -rf clone/.hg/store/lfs "`hg config lfs.usercache`"
  $ hg -R clone lfs-fetch --all --config lfs.retry=0
  abort: LFS error: * (glob)
  * (glob)
  [50]
  $ hg -R work lfs-push --config lfs.retry=0
  abort: error: * (glob)
  [100]
  $ cat errors.log

In a repository without large files there is nothing to do:

  $ hg init plain
  $ hg -R plain lfs-fetch
  no large files found
  [1]
  $ hg -R plain lfs-push
  lfs: nothing to upload
