A blob that the server has lost, and damaged blobs in a store

  $ . "$TESTDIR/helpers.sh"
  $ blobof() {
  >   oid=`hg -R $1 debugdata $2 0 | sed -n 's/oid sha256://p'`
  >   echo $1/.hg/store/lfs/objects/`echo $oid | cut -c1-2`/`echo $oid | cut -c3-`
  > }
  $ hg init server
  $ cd server
  $ printf '[track]\n**.bin = all()\n' > .hglfs
  $ "$PYTHON" -c 'open("big.bin", "wb").write(b"0123456789" * 200000)'
  $ echo small > small.bin
  $ echo other > other.bin
  $ hg commit -qAm 0
  $ cd ..
  $ cat >> server/.hg/hgrc <<EOS
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOS
  $ hg serve -R server -d -p $HGPORT --pid-file hg.pid -A access.log -E errors.log
  $ cat hg.pid >> $DAEMON_PIDS
  $ hg clone -q --config lfs.usercache=$TESTTMP/second http://localhost:$HGPORT/ good

The server has lost a blob: a clone names it, its file, and a remedy.

  $ rm -rf "`hg config lfs.usercache`"
  $ mv `blobof server big.bin` kept
  $ hg clone -q --config lfs.usercache=$TESTTMP/third http://localhost:$HGPORT/ lost
  abort: LFS server error for "big.bin": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:big.bin DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ cd lost
  $ hg archive -q --config lfs.usercache=$TESTTMP/third -r tip -X path:big.bin ../others
  $ ls ../others
  other.bin
  small.bin
  $ cd ..

The server itself reports the same.

  $ hg -R server verify -q
   big.bin@0: unpacking *: big.bin: lfs object * is not here (glob)
  not checking dirstate because of previous errors (?)
  1 integrity errors encountered!
  (first damaged changeset appears to be 0)
  [1]
  $ hg -R server archive all
  abort: big.bin: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:big.bin DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ "$PYTHON" - <<EOS
  > import urllib.error, urllib.request
  > try:
  >     urllib.request.urlopen('http://localhost:$HGPORT/file/tip/big.bin')
  > except urllib.error.HTTPError as exc:
  >     print(exc.code, b'lfs object' in exc.read())
  > EOS
  500 True

The damaged copy is named if there is one.

  $ cp kept `blobof server big.bin`
  $ printf xx >> `blobof server big.bin`
  $ hg -R server update -q null
  $ hg -R server update -q tip
  lfs: big.bin: its blob is damaged, and was moved to $TESTTMP/server/.hg/lfs/quarantine/* (glob)
  abort: big.bin: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; a damaged copy is in $TESTTMP/server/.hg/lfs/quarantine/*; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:big.bin DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]

The command in the hint works.

  $ hg -R good debuglfsupload -r 0
  lfs: uploaded 1 files (1.91 MB)
  $ hg -R lost update -q --config lfs.usercache=$TESTTMP/third
  $ cmp good/big.bin lost/big.bin
  $ hg -R server update -q tip
  $ hg -R server verify -q

A clone moves a damaged blob aside, fetches it again and continues, whether it was
truncated, changed in place, or fits into memory.

  $ damage() {
  >   rm -rf other
  >   cp $1 damaged
  >   case $2 in
  >     truncated) "$PYTHON" -c 'open("damaged", "r+b").truncate(1000)';;
  >     changed) printf xx | dd of=damaged bs=1 seek=3 conv=notrunc 2> /dev/null;;
  >   esac
  >   rm -f $1
  >   mv damaged $1
  >   touch -t 202001010000 $1
  > }
  $ for name in big small; do
  >   for how in truncated changed; do
  >     hg -R good update -q null
  >     damage `blobof good $name.bin` $how
  >     echo "$name $how"
  >     hg -R good update --config lfs.usercache=$TESTTMP/other
  >     cmp good/$name.bin server/$name.bin
  >   done
  > done
  big truncated
  lfs: big.bin: its blob is damaged, and was moved to $TESTTMP/good/.hg/lfs/quarantine/* (glob)
  lfs: downloaded 1 files (1.91 MB)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  big changed
  lfs: big.bin: its blob is damaged, and was moved to $TESTTMP/good/.hg/lfs/quarantine/* (glob)
  lfs: downloaded 1 files (1.91 MB)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  small truncated
  lfs: small.bin: its blob is damaged, and was moved to $TESTTMP/good/.hg/lfs/quarantine/* (glob)
  lfs: downloaded 1 files (6 bytes)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  small changed
  lfs: small.bin: its blob is damaged, and was moved to $TESTTMP/good/.hg/lfs/quarantine/* (glob)
  lfs: downloaded 1 files (6 bytes)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg -R good status

Verify reports it, and leaves it as it is.

  $ damage `blobof good big.bin` changed
  $ hg -R good verify -q 2>&1 | grep -v '^not checking dirstate'
   big.bin@0: unpacking *: integrity check failed on *big.bin:0 (glob)
  1 integrity errors encountered!
  (first damaged changeset appears to be 0)

Other commands replace it, too, including those that print to a pipe.

  $ hg -R good cat --config lfs.usercache=$TESTTMP/other -r 0 good/big.bin | tail -c 2000000 | cmp - server/big.bin
  lfs: big.bin: its blob is damaged, and was moved to $TESTTMP/good/.hg/lfs/quarantine/* (glob)
  lfs: downloaded 1 files (1.91 MB)

An archive cannot take back its output: the second attempt is complete.

  $ damage `blobof good big.bin` changed
  $ hg -R good archive --config lfs.usercache=$TESTTMP/other -t tar all.tar
  lfs: big.bin: its blob is damaged, and was moved to $TESTTMP/good/.hg/lfs/quarantine/* (glob)
  lfs: downloaded 1 files (1.91 MB)
  abort: integrity check failed on *big.bin:0 (glob)
  (the blob of big.bin was damaged and has been fetched again; try again)
  [50]
  $ hg -R good archive --config lfs.usercache=$TESTTMP/other -t tar all.tar
  $ tar -xOf all.tar all/big.bin | cmp - server/big.bin
