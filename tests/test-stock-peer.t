Mercurial's own lfs at the other end of the line: nobody can tell the difference.

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

#testcases ourserver stockserver
#testcases ourclient stockclient

  $ server=$ours
  $ client=$ours
#if stockserver
  $ server=$stock
#endif
#if stockclient
  $ client=$stock
#endif

Push, clone, and the odd jobs.

  $ hg init server
  $ serve server $server
  $ hg $client -R work-ours push http://localhost:$HGPORT/ --config lfs.usercache=cache1
  $ diff `cd work-ours/.hg/store/lfs/objects && find . -type f | sed 's#.*#/dev/null#' | head -1` /dev/null
  $ blobs work-ours > blobs.txt
  $ blobs server | cmp - blobs.txt
  $ hg $client clone http://localhost:$HGPORT/ clone --config lfs.usercache=cache2
  $ content clone | cmp - content.txt
  $ history clone | cmp - ours.txt
  $ hg $client -R clone update -q 0
  $ hg $client -R clone verify -q
  $ hg $client -R clone cat -r tip clone/figures | cmp - work-ours/figures
  $ hg $client -R clone archive -r tip plain --config lfs.usercache=cache3
  $ cmp plain/odd work-ours/odd

A pull of more, and a push of more from the clone.

  $ cd clone
  $ hg $client update -q tip
  $ echo 'from the clone' > late
  $ hg $client commit -Aqm 'third' -d '0 0'
  $ hg $client push
  $ cd ../work-ours
  $ hg $client pull -u http://localhost:$HGPORT/ --config lfs.usercache=cache4
  $ cat late
  $ cd ..

Damaged and missing blobs are told in the same words.

  $ late=server/.hg/store/lfs/objects/`hg $ours -R server debugdata late 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'`
  $ rm -r servercache
  $ cp $late sound
  $ echo noise > $late
  $ hg $client clone -q http://localhost:$HGPORT/ damaged --config lfs.usercache=cache5
  $ rm $late
  $ hg $client clone -q http://localhost:$HGPORT/ missing --config lfs.usercache=cache6

Whoever has the blob sends it again.

  $ cd clone
  $ hg $client debuglfsupload --rev tip
  $ cd ..
  $ cmp sound $late
  $ hg $client -R missing update --config lfs.usercache=cache6
  $ content missing | cmp - missing/../content.txt
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
