#testcases ourserver stockserver
#testcases ourclient stockclient

Mercurial's own lfs at the other end of the connection: the behaviour is the same.

  $ . "$TESTDIR/helpers.sh"
  $ ours='--config extensions.lfs=! --config extensions.hglfs='
  $ stock='--config extensions.hglfs=! --config extensions.lfs='
  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs = !
  > EOF
  $ content() { # REPO: what a checkout has
  >     (cd "$1" && find . -path ./.hg -prune -o -type f -print | LC_ALL=C sort |
  >         xargs "$PYTHON" -c 'import hashlib, sys; [print(hashlib.sha256(open(p, "rb").read()).hexdigest()[:12], p) for p in sys.argv[1:]]')
  > }
  $ history() { hg $ours -R "$1" log -T '{node|short} {desc} {lfs_files}\n'; }
  $ build() { # REPO: the same two changesets, whoever makes them
  >     "$PYTHON" -c 'print("\n".join(map(str, range(100000))))' > "$1/numbers"
  >     printf '\1\nlooks like metadata' > "$1/odd"
  >     printf '\0\377\r\n' > "$1/binary"
  >     : > "$1/empty"
  >     hg $2 -R "$1" commit -Aqm 'first' -d '0 0'
  >     hg $2 -R "$1" rename -q "$1/numbers" "$1/figures"
  >     echo more >> "$1/figures"
  >     hg $2 -R "$1" commit -qm 'second' -d '0 0'
  > }

Both make the same history of the same files.

  $ hg init work-ours
  $ hg init work-stock
  $ build work-ours "$ours"
  $ build work-stock "$stock"
  $ history work-ours > ours.txt
  $ history work-stock | cmp - ours.txt
  $ content work-ours > content.txt
  $ content work-stock | cmp - content.txt
  $ cat content.txt
  e9489f37fb30 ./binary
  e3b0c44298fc ./empty
  00ca92287cfd ./figures
  db2d23e1c7b1 ./odd

  $ server=$ours
  $ client=$ours
#if stockserver
  $ server=$stock
#endif
#if stockclient
  $ client=$stock
#endif

Push, clone, and other commands.

  $ hg init server
  $ serve server $server
  $ hg $client -R work-ours push http://localhost:$HGPORT/ --config lfs.usercache=$TESTTMP/cache1
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 5 files (1.12 MB)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 2 changesets with 5 changes to 5 files
  $ blobs work-ours > blobs.txt
  $ blobs server | cmp - blobs.txt
  $ hg $client clone http://localhost:$HGPORT/ clone --config lfs.usercache=$TESTTMP/cache2
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 5 changes to 5 files
  new changesets 416c179b82af:e380f7878763
  updating to branch default
  lfs: downloaded 4 files (575 KB)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ content clone | cmp - content.txt
  $ history clone | cmp - ours.txt
  $ hg $client -R clone update -q 0
  $ hg $client -R clone verify -q
  $ hg $client -R clone cat -r tip clone/figures | cmp - work-ours/figures
  $ hg $client -R clone archive -r tip plain --config lfs.usercache=$TESTTMP/cache3
  $ cmp plain/odd work-ours/odd

A pull of more, and a push of more from the clone.

  $ cd clone
  $ hg $client update -q tip
  $ echo 'from the clone' > late
  $ hg $client commit -Aqm 'third' -d '0 0'
  $ hg $client push
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 1 files (15 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ cd ../work-ours
  $ hg $client pull -u http://localhost:$HGPORT/ --config lfs.usercache=$TESTTMP/cache4
  pulling from http://localhost:$HGPORT/
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  new changesets 8d21465b419a
  lfs: downloaded 1 files (15 bytes)
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat late
  from the clone
  $ cd ..

Damaged and missing blobs are reported by the same messages.

  $ late=server/.hg/store/lfs/objects/`hg $ours -R server debugdata late 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'`
  $ rm -rf servercache
  $ cp $late sound
  $ echo noise > $late
  $ hg $client clone -q http://localhost:$HGPORT/ damaged --config lfs.usercache=$TESTTMP/cache5
  abort: LFS server error for "late": Validation error: The object is corrupt (ourclient !)
  abort: LFS server error for "late": Validation error (stockclient !)
  [50]
  $ rm $late
  $ hg $client clone -q http://localhost:$HGPORT/ missing --config lfs.usercache=$TESTTMP/cache6
  abort: LFS server error for "late": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:late DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob) (ourclient !)
  [50]

A client that has the blob sends it again.

  $ cd clone
  $ hg $client debuglfsupload --rev tip
  lfs: uploaded 1 files (15 bytes)
  $ cd ..
  $ cmp sound $late
  $ hg $client -R missing update --config lfs.usercache=$TESTTMP/cache6
  lfs: downloaded 5 files (575 KB)
  5 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat missing/late
  from the clone
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
