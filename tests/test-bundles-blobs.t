#require no-chg

Packs of blobs: the large files of a checkout arrive in a few large files. The server
has the extension; the client has it only where the test enables it.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > track = size(">1k")
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > timeout = 1
  > EOF
  $ large() { "$PYTHON" -c 'import random, sys; random.seed(sys.argv[1]); sys.stdout.buffer.write(random.randbytes(700000))' "$1" > "$1"; }

The server's requests for large files: lists of them, or single ones.

  $ singly() {
  >     sed -n -e 's/.*"\(POST [^ ]*\).*/\1/p' -e 's/.*"GET [^ ]*\(objects.*\) HTTP.* \([0-9]*\) -.*/\1 \2/p' "$TESTTMP/access.log"
  >     : > "$TESTTMP/access.log"
  > }
  $ asked() { sed -e 's#blobs-[0-9a-f]*#blobs#' host/host.log; rm -f host/host.log; }
  $ clone() {
  >     rm -rf copy "$TESTTMP/none"
  >     hg clone --config "lfs.usercache=$TESTTMP/none" "$@" http://localhost:$HGPORT copy > out 2>&1
  >     grep 'lfs: ' out
  >     diff -r -x .hg server copy
  > }
  $ packs() { ls server/.hg/lfs/bundles/packs 2> /dev/null | grep -c .; }
  $ repository server
  $ cat >> server/.hg/hgrc <<EOF
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > EOF
  $ cd server
  $ for number in 1 2 3 4; do
  >     large file$number
  > done
  $ cd ..
  $ grow server second

Packs are disabled by default.

  $ hg -R server admin::clone-bundles-refresh -q
  $ packs
  0
  [1]
  $ cat >> server/.hg/hgrc <<EOF
  > blobs = auto
  > EOF
  $ hg -R server admin::clone-bundles-refresh
  clone bundles: packing 5 large files, 2.67 MB
  clone bundles: published blobs-*.pack, *, at store (glob)
  $ hg -R server admin::clone-bundles-refresh
  $ packs
  1
  $ hg -R server admin::clone-bundles-status | grep -A 5 blobs
  blobs
    has:       5 large files in 1 pack
    size:      2.67 MB

A clone requests no large file, but the index of the pack and the pack.

  $ serve server
  $ clone
  lfs: downloaded 5 files (2.67 MB)
  $ singly
  objects/* 200 (glob)
  objects/* 206 (glob)
  objects/* 206 (glob)

A client without the extension, or with bundles disabled, gets the files as usual.

  $ stock clone -q http://localhost:$HGPORT/ stock
  $ cmp server/file1 stock/file1
  $ singly | sed 's#/*objects.*#/objects#' | sort | uniq -c
        6 /objects
        1 POST /.git/info/lfs/objects
  $ clone --config ui.clonebundles=no
  lfs: downloaded 5 files (2.67 MB)
  $ singly | grep -c 206
  0
  [1]

Later files are fetched one by one; they make no new pack while they are at most a tenth
of all bytes, and for few files packs are not requested.

  $ "$PYTHON" -c 'print("another line\n" * 2000)' > server/new
  $ grow server third
  $ hg -R server admin::clone-bundles-refresh -q
  $ packs
  1
  $ clone
  lfs: downloaded 5 files (2.67 MB)
  lfs: downloaded 1 files (25.4 KB)
  $ singly
  objects/* 200 (glob)
  objects/* 206 (glob)
  objects/* 206 (glob)
  POST /.git/info/lfs/objects/batch
  POST /.hg/lfs/packs/download
  $ cd server
  $ large file5
  $ cd ..
  $ grow server fourth
  $ hg -R server admin::clone-bundles-status | grep -A 5 blobs
  blobs
    has:       5 large files in 1 pack
    size:      2.67 MB
    next:      look whether new packs are worth it
  $ hg -R server admin::clone-bundles-refresh
  clone bundles: making zstd-v2 of 4 changesets
  clone bundles: published * (glob)
  clone bundles: packing 2 large files, 709 KB
  clone bundles: published blobs-*.pack, *, at store (glob)
  $ clone
  lfs: downloaded 7 files (3.36 MB)
  $ singly | grep -c 206
  4

A pack of which less than half is needed is made again, and the old one is removed after
its retention time. Until then neither is garbage.

  $ cd server
  $ hg rm -q file2 file3 file4
  $ cd ..
  $ grow server fifth
  $ hg -R server admin::clone-bundles-refresh
  clone bundles: making zstd-v2 of 5 changesets
  clone bundles: published * (glob)
  clone bundles: packing 2 large files, 686 KB
  clone bundles: published blobs-*.pack, *, at store (glob)
  $ hg -R server admin::lfs-gc --grace 0s --delete
  nothing to remove
  $ packs
  3
  $ for path in server/.hg/lfs/bundles/packs/*; do
  >     ls server/.hg/store/lfs/objects/*/`basename $path | cut -c 3-` > /dev/null
  > done
  $ hg -R server admin::clone-bundles-refresh -q --config clone-bundles.grace=0
  $ packs
  2
  $ clone
  lfs: downloaded 4 files (1.36 MB)

Secret and draft changesets are in no pack.

  $ cd server
  $ large secret
  $ hg commit -Aqm secret --secret
  $ large draft
  $ hg commit -Aqm draft --config phases.new-commit=draft
  $ hg -R . admin::clone-bundles-refresh -q
  $ packs
  0
  [1]
  $ cd ..
  $ packs
  2
  $ cat server/.hg/lfs/bundles/packs/* | grep -c `"$PYTHON" -c 'import hashlib; print(hashlib.sha256(open("server/secret", "rb").read()).hexdigest())'`
  0
  [1]
  $ hg -R server strip -q --config extensions.strip= --no-backup 'not public()'

Where packs are disabled, they are no longer advertised, and are removed.

  $ hg -R server admin::clone-bundles-refresh -q --config clone-bundles.blobs=no --config clone-bundles.grace=0
  $ packs
  0
  [1]
  $ clone
  lfs: downloaded 4 files (1.36 MB)
  $ stop

Another host, which misbehaves.

  $ mkdir host
  $ cd host
  $ "$PYTHON" "$TESTDIR/bundlehost.py" "$HGPORT1" host.pid
  $ cat host.pid >> "$DAEMON_PIDS"
  $ cd ..
  $ cat >> server/.hg/hgrc <<EOF
  > publish = web
  > publish.web.directory = $TESTTMP/host
  > publish.web.url-template = http://localhost:$HGPORT1/ok/{basename}
  > EOF
  $ cp server/file1 file1
  $ cd server
  $ for number in 6 7 8; do
  >     large file$number
  > done
  $ cd ..
  $ grow server sixth
  $ hg -R server admin::clone-bundles-refresh -q
  $ packs
  1
  $ way() { "$PYTHON" -c 'import re, sys; p = "server/.hg/lfs/bundles/packs.json"; t = open(p).read(); open(p, "w").write(re.sub(r"(localhost:[0-9]*/)[a-z]+", r"\1" + sys.argv[1], t))' "$1"; rm -f host/host.log; : > "$TESTTMP/access.log"; }
  $ serve server
  $ way ok
  $ clone
  lfs: downloaded 7 files (3.36 MB)
  $ asked | grep pack
  /ok/blobs.pack bytes=0-* -> 206 * (glob)
  /ok/blobs.pack bytes=*-* -> 206 * (glob)
  $ singly

One that supports no ranges, one that breaks off once, one that is missing, one that
sends something else, and one that always breaks off:

  $ for how in norange missing html once cut; do
  >     echo "# $how"
  >     way $how
  >     clone
  >     singly
  > done
  # norange
  lfs: downloaded 7 files (3.36 MB)
  # missing
  lfs: cannot use a pack of files: HTTP Error 404: Not Found
  lfs: downloaded 7 files (3.36 MB)
  POST /.git/info/lfs/objects/batch
  POST /.hg/lfs/packs/download
  # html
  lfs: cannot use a pack of files: it is not the pack that was announced: the stream ends too early
  lfs: downloaded 7 files (3.36 MB)
  POST /.git/info/lfs/objects/batch
  POST /.hg/lfs/packs/download
  # once
  lfs: downloaded 7 files (3.36 MB)
  # cut
  lfs: downloaded 3 files (1.36 MB)
  lfs: cannot use a pack of files: it is not the pack that was announced: the stream ends too early
  lfs: downloaded 4 files (2.01 MB)
  POST /.git/info/lfs/objects/batch
  POST /.hg/lfs/packs/download

A damaged blob is fetched alone, and so is a truncated one.

  $ way ok
  $ pack=`ls host/blobs-*.pack`
  $ cp $pack whole
  $ "$PYTHON" -c 'import sys; h = open(sys.argv[1], "r+b"); h.seek(1500000); h.write(b"damage")' $pack
  $ clone
  lfs: downloaded 6 files (2.70 MB)
  lfs: cannot use a pack of files: corrupt remote lfs object: * (glob)
  lfs: downloaded 1 files (684 KB)
  $ "$PYTHON" -c 'import sys; h = open(sys.argv[1], "r+b"); h.truncate(2000000)' $pack
  $ clone
  lfs: downloaded 3 files (1.36 MB)
  lfs: cannot use a pack of files: it is not the pack that was announced: the stream ends too early
  lfs: downloaded 4 files (2.01 MB)
  $ cp whole $pack

A clone that is killed: received blobs are not requested again, down to a part of a
large file. (Here the second pack is one such file, and stops at nine tenths.)

  $ "$PYTHON" -c 'import random, sys; random.seed(9); sys.stdout.buffer.write(random.randbytes(20000000))' > server/huge
  $ grow server seventh
  $ hg -R server admin::clone-bundles-refresh -q
  $ "$PYTHON" -c 'p = "server/.hg/lfs/bundles/packs.json"; t = open(p).read().rpartition("/ok/"); open(p, "w").write(t[0] + "/later/" + t[2])'
  $ hg clone -q --config "lfs.usercache=$TESTTMP/kept" http://localhost:$HGPORT killed 2> /dev/null &
  $ pid=$!
  $ for _try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  >     [ -f host/stalled ] || sleep 1
  > done
  $ sleep 1
  $ { kill -9 $pid; wait $pid; } 2> /dev/null
  [137]
  $ way ok
  $ hg -R killed update --config "lfs.usercache=$TESTTMP/kept"
  lfs: downloaded 1 files (19.1 MB)
  9 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ asked
  /ok/blobs.pack bytes=0-* -> 206 * (glob)
  /ok/blobs.pack bytes=0-* -> 206 * (glob)
  /ok/blobs.pack bytes=1*-20000155 -> 206 * (glob)
  $ singly
  $ diff -r -x .hg server killed
  $ rm -r killed kept

With two destinations, the one that can be reached is used:

  $ cat >> server/.hg/hgrc <<EOF
  > publish = web, store
  > EOF
  $ hg -R server remove -q server/huge
  $ hg -R server admin::clone-bundles-clear
  $ packs
  0
  [1]
  $ ls host | grep pack
  [1]
  $ grow server eighth
  $ hg -R server admin::clone-bundles-refresh -q
  $ way missing
  $ clone
  lfs: downloaded 7 files (3.36 MB)
  $ singly
  objects/* 206 (glob)
  objects/* 206 (glob)

A clone over ssh gets the pack from the web server, and from the ssh server only files
that are in no pack.

  $ way ok
  $ rm -rf copy none
  $ hg clone -q --config "lfs.usercache=$TESTTMP/none" ssh://user@dummy/server copy
  $ diff -r -x .hg server copy
  $ asked | grep -c blobs
  2
  $ singly

A user without read permission gets no advertisement; others get the packs with their
password.

  $ stop
  $ . "$TESTDIR/users.sh"
  $ cat >> server/.hg/hgrc <<EOF
  > publish = store
  > [web]
  > allow_read = alice
  > EOF
  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ rm -rf copy none
  $ hg clone -q http://bob:secret@localhost:$HGPORT copy
  abort: authorization failed
  [255]
  $ : > access.log
  $ hg clone -q --config "lfs.usercache=$TESTTMP/none" http://alice:secret@localhost:$HGPORT copy
  $ diff -r -x .hg server copy
  $ singly | grep -v ' 401'
  objects/* 206 (glob)
  objects/* 206 (glob)

A blob that is damaged or missing on the server is in no pack.

  $ blob=`"$PYTHON" -c 'import hashlib; h = hashlib.sha256(open("server/file1", "rb").read()).hexdigest(); print("server/.hg/store/lfs/objects/%s/%s" % (h[:2], h[2:]))'`
  $ chmod u+w $blob
  $ "$PYTHON" -c 'import sys; h = open(sys.argv[1], "r+b"); h.seek(1500); h.write(b"damage")' $blob
  $ hg -R server admin::clone-bundles-clear
  $ hg -R server admin::clone-bundles-refresh | grep -v 'full\|making'
  clone bundles: packing 7 large files, * (glob)
  clone bundles: * is damaged or gone, and left out (glob)
  clone bundles: published blobs-*.pack, *, at store (glob)
  $ grep -c . server/.hg/lfs/bundles/packs/*
  7
  $ rm -f $blob
  $ hg -R server admin::clone-bundles-clear
  $ hg -R server admin::clone-bundles-refresh | grep -v 'full\|making'
  clone bundles: 1 large file is not here, and in no pack
  clone bundles: packing 6 large files, * (glob)
  clone bundles: published blobs-*.pack, *, at store (glob)
  $ cat errors.log
