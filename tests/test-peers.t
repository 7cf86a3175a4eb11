Blobs are transferred with the changesets: to repositories on this machine, over ssh,
and below a bundle. There is no cache, which would make transfers unnecessary.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [experimental]
  > lfs.disableusercache = yes
  > [devel]
  > all-warnings = yes
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > EOS
  $ same() { # REPO REPO: whether each blob of the first is the very file of the second
  >     "$PYTHON" - "$1" "$2" <<EOS
  > import os, sys
  > first, second = (path + '/.hg/store/lfs/objects' for path in sys.argv[1:])
  > for folder, _, names in sorted(os.walk(first)):
  >     for name in sorted(names):
  >         place = os.path.join(os.path.relpath(folder, first), name)
  >         one, other = os.path.join(first, place), os.path.join(second, place)
  >         linked = os.path.exists(other) and os.path.samefile(one, other)
  >         try:
  >             os.link(one, one + '.link')
  >             os.unlink(one + '.link')
  >         except OSError:  # there is nothing to see here
  >             linked = True
  >         print(place[:2] + place[3:13], 'linked' if linked else 'apart')
  > EOS
  > }
  $ forget() { rm -r "$1/.hg/store/lfs/objects"; }
  $ sources() { sed "s#$TESTTMP/#TESTTMP/#" "$1/.hg/lfs/sources"; }
  $ hg init work
  $ cd work
  $ echo 'first words' > story
  $ echo 'a picture' > picture
  $ hg commit -Aqm first
  $ cd ..

A push to a path sends the blobs, once.

  $ hg init bare
  $ hg -R work push bare
  pushing to bare
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 2 changes to 2 files
  $ blobs bare
  4be03b812f1f
  cc50bd36548f
  $ same work bare
  4be03b812f1f linked
  cc50bd36548f linked
  $ cat bare/.hg/store/requires | grep lfs
  lfs
  $ hg -R bare verify -q
  $ hg -R bare debuglfsupload -r tip --config lfs.url=null://
  $ echo 'second words' > work/story
  $ hg -R work commit -m second
  $ hg -R work push -v bare
  pushing to bare
  searching for changes
  lfs: found 16a394ec8277d8c5c2275b4573cd342a68f2dd0976783e97751d37b3f7522490 in the local lfs store
  1 changesets found
  uncompressed size of bundle content:
       185 (changelog)
       169 (manifests)
       272  story
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  $ hg -R work push -v bare
  pushing to bare
  searching for changes
  no changes found
  [1]
  $ blobs bare
  16a394ec8277
  4be03b812f1f
  cc50bd36548f
  $ hg -R bare verify -q

Blobs that are there are not sent again, which the unchanged file shows.

  $ hg -R work rename work/story work/tale
  $ hg -R work commit -m third
  $ hg -R work push -q --debug bare 2>&1 | grep -i lfs
  lfs: computing set of blobs to upload

A clone of a path fetches the blobs of its checkout; others are fetched when needed.

  $ hg clone bare clone
  updating to branch default
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ blobs clone
  16a394ec8277
  4be03b812f1f
  $ same clone bare
  16a394ec8277 linked
  4be03b812f1f linked
  $ hg -R clone cat -r 0 clone/story
  first words
  $ blobs clone
  16a394ec8277
  4be03b812f1f
  cc50bd36548f
  $ hg clone -q --pull bare pulled
  $ blobs pulled
  16a394ec8277
  4be03b812f1f
  $ hg -R pulled paths
  default = $TESTTMP/bare
  $ test -e pulled/.hg/lfs/sources
  [1]
  $ hg -R pulled update -v 0
  resolving manifests
  removing tale
  getting story
  lfs: found cc50bd36548fa4301d3afbab7fc2faa09844f2a4bac196c307e824dcf7e9c7b5 in the local lfs store
  1 files updated, 0 files merged, 1 files removed, 0 files unresolved
  $ blobs pulled
  16a394ec8277
  4be03b812f1f
  cc50bd36548f
  $ hg -R pulled update -q tip
  $ forget pulled
  $ hg -R pulled update --debug 0 | grep -i -e lfs -e sources
  lfs: found cc50bd36548fa4301d3afbab7fc2faa09844f2a4bac196c307e824dcf7e9c7b5 in the local lfs store

A pull and update.

  $ hg init other
  $ hg -R other pull -u bare
  pulling from bare
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 3 changesets with 4 changes to 3 files
  new changesets 0509832e0c63:801aa482c4c6
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ blobs other
  16a394ec8277
  4be03b812f1f
  $ cat other/tale
  second words
  $ sources other
  file://TESTTMP/bare

A pull, and an update long after it: without a default path, too.

  $ hg init later
  $ hg -R later pull -q bare
  $ blobs later
  $ hg -R later paths
  $ sources later
  file://TESTTMP/bare
  $ hg -R later update
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ blobs later
  16a394ec8277
  4be03b812f1f
  $ cat later/tale
  second words

Changesets of several sources are looked for in each of them, the last one first.

  $ hg init second
  $ cp work/picture second/
  $ hg -R second pull -q work
  $ hg -R second update -q tip
  $ echo 'elsewhere' > second/more
  $ hg -R second commit -Aqm fourth
  $ hg -R later pull -q second
  $ sources later
  file://TESTTMP/second
  file://TESTTMP/bare
  $ hg -R later pull -q bare
  $ sources later
  file://TESTTMP/second
  file://TESTTMP/bare
  $ hg -R later update -v tip
  resolving manifests
  getting more
  lfs: found 7fb3a201c65351f0cd6622b15bdd944d3acbf81873f8fab65f73f7cd5a9f2f83 in the local lfs store
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat later/more
  elsewhere

The blobs of a share are in its source repository.

  $ hg share -q later shared --config extensions.share=
  $ hg -R shared update -q tip
  $ cat shared/more shared/tale
  elsewhere
  second words
  $ test -e shared/.hg/store/lfs
  [1]
  $ forget later
  $ hg -R shared update -q null
  $ hg -R shared update tip
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ blobs later
  16a394ec8277
  4be03b812f1f
  7fb3a201c653
  $ hg init fromshare
  $ hg -R fromshare pull -q -u shared
  $ blobs fromshare
  16a394ec8277
  4be03b812f1f
  7fb3a201c653
  $ sources fromshare
  file://TESTTMP/shared
  $ hg -R work pull -q second
  $ hg -R work update -q tip
  $ echo 'by way of a share' > work/more
  $ hg -R work commit -qm fifth
  $ hg -R work push -q shared
  $ blobs later
  16a394ec8277
  4be03b812f1f
  7fb3a201c653
  d377be27f195

A bundle of another repository: the blobs come from that repository.

  $ hg -R work bundle -q -r tip --base 3 top.hg
  $ hg init above
  $ cd above
  $ hg pull -u bundle:../work+../top.hg
  pulling from bundle:../work+../top.hg
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 5 changesets with 6 changes to 4 files
  new changesets 0509832e0c63:3188ebb5e5a1
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cd ..
  $ cat above/more
  by way of a share
  $ blobs above
  16a394ec8277
  4be03b812f1f
  d377be27f195
  $ sources above
  TESTTMP/work

The same later, when the bundle is gone.

  $ hg init afterwards
  $ hg -R afterwards pull -q bundle:work+top.hg
  $ hg -R afterwards update tip
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved

A bundle alone does not identify a source of blobs.

  $ hg -R work bundle -q -a all.hg
  $ hg init alone
  $ hg -R alone pull -q all.hg
  $ test -e alone/.hg/lfs/sources
  [1]
  $ hg -R alone update -q tip
  abort: more: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:more DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]

Over ssh: a push.

  $ hg init far
  $ far=ssh://user@dummy/far
  $ > dummylog
  $ hg -R work push $far
  pushing to ssh://user@dummy/far
  searching for changes
  lfs: uploaded 5 files (63 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 5 changesets with 6 changes to 4 files
  $ grep -c arguments dummylog
  1
  $ blobs far
  16a394ec8277
  4be03b812f1f
  7fb3a201c653
  cc50bd36548f
  d377be27f195
  $ hg -R far verify -q
  $ hg -R work push $far
  pushing to ssh://user@dummy/far
  searching for changes
  no changes found
  [1]
  $ echo 'sixth' > work/tale
  $ hg -R work commit -qm sixth

Users who may only read cannot send.

  $ cat > readonly <<EOS
  > #!/bin/sh
  > HGRCPATH="$HGRCPATH:$TESTTMP/readonly.rc" exec hg "\$@"
  > EOS
  $ chmod +x readonly
  $ cat > readonly.rc <<EOS
  > [hooks]
  > pretxnopen.readonly = false
  > EOS
  $ hg -R work push -q $far --remotecmd $TESTTMP/readonly
  abort: LFS error: ssh://user@dummy/far: pretxnopen.readonly hook exited with status 1
  [50]
  $ blobs far | grep d6ed5af4961a
  [1]

  $ hg -R work push -v $far
  pushing to ssh://user@dummy/far
  searching for changes
  lfs: uploading d6ed5af4961aefa3953af0047309d9b660d9bb0d468d6529b4abb8829b54ac2f (6 bytes)
  lfs: processed: d6ed5af4961aefa3953af0047309d9b660d9bb0d468d6529b4abb8829b54ac2f
  lfs: uploaded 1 files (6 bytes)
  1 changesets found
  uncompressed size of bundle content:
       183 (changelog)
       168 (manifests)
       270  tale
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ hg -R far verify -q

A clone, an update, cat of a file.

  $ > dummylog
  $ hg clone $far near
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 6 changesets with 7 changes to 4 files
  new changesets 0509832e0c63:bf5f74ccb193
  updating to branch default
  lfs: downloaded 3 files (34 bytes)
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ grep -c arguments dummylog
  2
  $ blobs near
  4be03b812f1f
  d377be27f195
  d6ed5af4961a
  $ hg -R near update -v 0
  resolving manifests
  lfs: downloading cc50bd36548fa4301d3afbab7fc2faa09844f2a4bac196c307e824dcf7e9c7b5 (12 bytes)
  lfs: processed: cc50bd36548fa4301d3afbab7fc2faa09844f2a4bac196c307e824dcf7e9c7b5
  lfs: downloaded 1 files (12 bytes)
  removing more
  removing tale
  getting story
  lfs: found cc50bd36548fa4301d3afbab7fc2faa09844f2a4bac196c307e824dcf7e9c7b5 in the local lfs store
  1 files updated, 0 files merged, 2 files removed, 0 files unresolved
  $ forget near
  $ hg -R near cat -r tip near/tale near/more
  lfs: downloaded 2 files (24 bytes)
  by way of a share
  sixth
  $ hg -R near update --debug tip | grep -v -e '^ ' -e ^getting
  resolving manifests
  removing story
  lfs: found d377be27f1955098c1fc6031a8304805984c01fd6e5ac612eea4e7fc759d720c in the local lfs store
  lfs: found d6ed5af4961aefa3953af0047309d9b660d9bb0d468d6529b4abb8829b54ac2f in the local lfs store
  2 files updated, 0 files merged, 1 files removed, 0 files unresolved
  $ hg -R near verify -q
  $ hg init nearer
  $ hg -R nearer pull -q $far
  $ cat nearer/.hg/lfs/sources
  ssh://user@dummy/far
  $ hg -R nearer update
  lfs: downloaded 3 files (34 bytes)
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg -R far update -q 0
  $ echo 'from afar' > far/late
  $ hg -R far commit -Aqm seventh
  $ hg -R near pull -q
  $ hg -R near update -v 'desc(seventh)' | grep -v ^removing
  resolving manifests
  lfs: downloading 36741b5f29bf0af69fcd69b844a33ab855cb712487753abfab602eb1fac2ec8b (10 bytes)
  lfs: processed: 36741b5f29bf0af69fcd69b844a33ab855cb712487753abfab602eb1fac2ec8b
  lfs: downloaded 1 files (10 bytes)
  getting late
  lfs: found 36741b5f29bf0af69fcd69b844a33ab855cb712487753abfab602eb1fac2ec8b in the local lfs store
  getting story
  lfs: found cc50bd36548fa4301d3afbab7fc2faa09844f2a4bac196c307e824dcf7e9c7b5 in the local lfs store
  2 files updated, 0 files merged, 2 files removed, 0 files unresolved
  $ cat near/late
  from afar
  $ test -e near/.hg/lfs/sources
  [1]

A large blob, in several chunks.

  $ "$PYTHON" -c 'print("0123456789abcdef" * 300000)' > near/big
  $ hg -R near commit -Aqm eighth
  $ hg -R near push
  pushing to ssh://user@dummy/far
  searching for changes
  lfs: uploaded 1 files (4.58 MB)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ hg -R far verify -q
  $ forget near
  $ hg -R near update -q null
  $ hg -R near update tip
  lfs: downloaded 4 files (4.58 MB)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg -R near verify -q

A server without the commands is distinguished from one without the blobs.

  $ cat > plainhg <<EOS
  > #!/bin/sh
  > HGRCPATH="$TESTTMP/plainrc" exec hg "\$@"
  > EOS
  $ chmod +x plainhg
  $ cat > plainrc <<EOS
  > [extensions]
  > lfs =
  > [experimental]
  > lfs.disableusercache = yes
  > EOS
  $ hg init stockfar --config extensions.hglfs=! --config extensions.lfs=
  $ hg -R work push -q --remotecmd $TESTTMP/plainhg ssh://user@dummy/stockfar
  abort: lfs.url needs to be configured
  [255]
  $ hg -R work push -q --remotecmd $TESTTMP/plainhg ssh://user@dummy/stockfar --config lfs.url=file://$TESTTMP/aside
  $ hg clone -q --remotecmd $TESTTMP/plainhg ssh://user@dummy/stockfar refused
  abort: lfs.url needs to be configured
  [255]
  $ hg clone -q -U --remotecmd $TESTTMP/plainhg ssh://user@dummy/stockfar asked
  $ hg -R asked update -q tip --config ui.remotecmd=$TESTTMP/plainhg
  abort: lfs.url needs to be configured
  [255]
  $ hg -R asked update -q tip --config ui.remotecmd=$TESTTMP/plainhg --config lfs.url=file://$TESTTMP/aside
  $ cat asked/more
  by way of a share

A server with no extension at all.

  $ > plainrc
  $ hg init empty --config extensions.hglfs=!
  $ hg -R work push -q --remotecmd $TESTTMP/plainhg ssh://user@dummy/empty
  abort: required features are not supported in the destination: lfs
  (enable the lfs extension on the server)
  [255]
  $ hg -R near update -q null
  $ forget near
  $ hg -R near update -q tip --config ui.remotecmd=$TESTTMP/plainhg
  abort: lfs.url needs to be configured
  [255]

A blob that is missing everywhere: the error has its file, and the places tried.

  $ oid=`hg -R work debugdata tale 1 | sed -n 's/^oid sha256://p'`
  $ object=.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ rm -f far/$object bare/$object work/$object second/$object
  $ rm -rf later/.hg/store/lfs/objects
  $ hg -R near cat -r 'desc(sixth)' near/tale
  abort: LFS server error for "tale": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:tale DIR" exports the other files) (glob)
  [50]
  $ hg -R near update tip
  lfs: downloaded 4 files (4.58 MB)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg -R near id
  c59882f860e9 tip
  $ hg -R nearer update -q null
  $ forget nearer
  $ hg -R nearer update -q -r 0
  $ hg -R second pull -q $far
  $ hg -R nearer pull -q second
  $ hg -R nearer pull -q near
  $ sources nearer
  file://TESTTMP/second
  ssh://user@dummy/far
  $ hg -R nearer update 'desc(sixth)'
  lfs: downloaded 1 files (18 bytes)
  abort: LFS server error for "tale": The object does not exist
  (asked for it: file:/*/$TESTTMP/second, ssh://user@dummy/far; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:tale DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R nearer update 'desc(sixth)' --config lfs.fallback=file://$TESTTMP/empties
  abort: LFS server error for "tale": The object does not exist
  (asked for it: file://$TESTTMP/second, ssh://user@dummy/far, file:/*/$TESTTMP/empties; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:tale DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R nearer update 'desc(sixth)' --config lfs.url=file://$TESTTMP/empties
  abort: LFS server error for "tale": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:tale DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R nearer id -n
  0
  $ blobs nearer
  4be03b812f1f
  cc50bd36548f
  d377be27f195

Blobs that others lack may be in the fallback, which is tried last. With an explicit
endpoint only that one is tried before.

  $ echo sixth > sixth
  $ mkdir -p spare/`echo $oid | sed 's#^\(..\).*#\1#'`
  $ cp sixth spare/`echo $oid | sed 's#^..#&/#'`
  $ hg -R nearer update -v 'desc(sixth)' --config lfs.fallback=file://$TESTTMP/spare
  resolving manifests
  removing story
  getting more
  lfs: found d377be27f1955098c1fc6031a8304805984c01fd6e5ac612eea4e7fc759d720c in the local lfs store
  getting tale
  lfs: found d6ed5af4961aefa3953af0047309d9b660d9bb0d468d6529b4abb8829b54ac2f in the local lfs store
  2 files updated, 0 files merged, 1 files removed, 0 files unresolved
  $ cat nearer/tale
  sixth
  $ hg -R nearer update -q null
  $ forget nearer
  $ hg -R nearer update 'desc(sixth)' --config lfs.url=file://$TESTTMP/spare
  abort: LFS server error for "more": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:more DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R nearer update 'desc(sixth)' --config lfs.url=file://$TESTTMP/empties --config lfs.fallback=file://$TESTTMP/spare
  abort: LFS server error for "more": The object does not exist
  (asked for it: file://$TESTTMP/empties, file:/*/$TESTTMP/spare; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:more DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R nearer update 'desc(sixth)' --config lfs.url=file://$TESTTMP/empties --config lfs.fallback="$TESTTMP/spare null://"
  abort: LFS server error for "more": The object does not exist
  (asked for it: file:/*/$TESTTMP/empties, $TESTTMP/spare, null://; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:more DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R nearer update 'desc(sixth)' --config lfs.fallback=gopher://localhost/
  abort: lfs.fallback: unknown url scheme: gopher
  [255]

A fallback may be a plain path, and is tried if the first place is empty.

  $ objects=`hg -R work root`/.hg/store/lfs/objects
  $ hg -R nearer update 'desc(sixth)' --config lfs.url=null:// --config lfs.fallback="../spare $objects"
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg -R nearer update -q null
  $ forget nearer

A place that cannot be reached is skipped if there are others.

  $ hg init last
  $ hg -R last pull -q near
  $ sources last
  file://TESTTMP/near
  $ mv near moved
  $ hg -R last update 'desc(second)'
  abort: LFS error: repository $TESTTMP/near not found
  (check where "lfs.url" and the default path point to)
  [50]
  $ objects=`cd work/.hg/store/lfs/objects && pwd`
  $ hg -R last update 'desc(second)' --config lfs.fallback=file://$objects
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved

A blob that is damaged at the other end is not stored, and leaves no partial file.

  $ oid=`hg -R work debugdata story 1 | sed -n 's/^oid sha256://p'`
  $ object=.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ echo 'Second words' > damaged
  $ cp far/$object sound
  $ rm far/$object
  $ cp damaged far/$object
  $ hg clone -q -U $far mended
  $ hg -R mended cat -r 'desc(second)' mended/story
  abort: corrupt remote lfs object: 16a394ec8277d8c5c2275b4573cd342a68f2dd0976783e97751d37b3f7522490
  [255]
  $ hg -R mended cat -r 'desc(second)' mended/story --config lfs.url=file://$TESTTMP/far/.hg/store/lfs/objects
  abort: corrupt remote lfs object: 16a394ec8277d8c5c2275b4573cd342a68f2dd0976783e97751d37b3f7522490
  [255]
  $ find mended/.hg/store/lfs/objects -type f
  $ cp sound far/$object
  $ hg -R mended cat -r 'desc(second)' mended/story
  lfs: downloaded 1 files (13 bytes)
  second words

A blob that is missing locally is not pushed, and neither are the changesets.

  $ echo 'gone at once' > work/gone
  $ hg -R work commit -Aqm ninth
  $ gone=`hg -R work debugdata gone 0 | sed -n 's/^oid sha256://p'`
  $ rm work/.hg/store/lfs/objects/`echo $gone | sed 's#^..#&/#'`
  $ hg -R work push -q -f $far
  abort: gone: lfs object 9994f1a0519a4a9e5d28f7faec8f1bf7f5eac70f4942fe7ca60ef2e3ab28f913 is neither here nor on the server
  (find a repository that has it, and push it from there)
  [50]
  $ hg -R work push -q -f bare
  lfs: uploaded 1 of 4 files (10 bytes of 47 bytes); run the same command again to go on
  abort: gone: lfs object 9994f1a0519a4a9e5d28f7faec8f1bf7f5eac70f4942fe7ca60ef2e3ab28f913 is neither here nor on the server
  (find a repository that has it, and push it from there)
  [50]
  $ hg -R far log -r tip -T '{desc}\n'
  eighth
  $ hg -R bare log -r tip -T '{desc}\n'
  third
