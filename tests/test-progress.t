Whatever may take over a second has a bar of Mercurial's, and what failed can go on.

  $ . "$TESTDIR/helpers.sh"
  $ cat > $TESTTMP/bar.rc <<EOF
  > [progress]
  > assume-tty = yes
  > delay = 0
  > refresh = 0
  > changedelay = 0
  > format = topic item+8 number unit
  > width = 60
  > EOF

The first and the last line of each bar:

  $ bar() {
  >     HGRCPATH=$HGRCPATH:$TESTTMP/bar.rc hg "$@" 2>&1 | tr '\r' '\n' |
  >         sed 's/ *$//' | grep '^lfs [a-z]* ' |
  >         awk '{ now = $1 " " $2
  >                if (now != last) { if (line) print line; print; line = "" }
  >                else line = $0
  >                last = now }
  >              END { if (line) print line }'
  > }
  $ big() {
  >     "$PYTHON" -c "import sys; open(sys.argv[1], 'wb').write(sys.argv[2].encode() * (12 << 20))" "$@"
  > }

A commit: files as a whole, and the bytes of a big one. What a terminal obeys is not
shown as it is.

  $ hg init repo
  $ cd repo
  $ big big 1
  $ echo one > a
  $ echo two > "`printf 'b\033'`"
  $ bar commit -Am first
  lfs committing a        1/3 files
  lfs committing b\x1b    2/3 files
  lfs storing big       1/12 MB
  lfs storing big      12/12 MB
  lfs committing big      3/3 files
  lfs syncing 8b08da5c 1/3 files
  lfs syncing 78ac1047 3/3 files

One file needs no count:

  $ big big 2
  $ bar commit -m second
  lfs hashing big       1/12 MB
  lfs hashing big      12/12 MB
  lfs storing big       1/12 MB
  lfs storing big      12/12 MB

Status, where the time of files says nothing:

  $ touch -t 200001010000 *
  $ bar status
  lfs comparing a        1/3 files
  lfs comparing big      3/3 files
  lfs hashing big       1/12 MB
  lfs hashing big      12/12 MB
  $ bar status

Checkouts, and other ways out of the store:

  $ hg update -q null
  $ bar update
  lfs checking a        1 files
  lfs checking big      3 files
  lfs reading big       1/12 MB
  lfs reading big      12/12 MB
  $ bar cat -o ../copy big
  lfs checking big      1 files
  lfs reading big       1/12 MB
  lfs reading big      12/12 MB
  $ bar archive ../archive
  lfs checking a        1 files
  lfs checking big      3 files
  lfs reading big       1/12 MB
  lfs reading big      12/12 MB
  $ bar revert -r 0 big --no-backup
  lfs hashing big       1/12 MB
  lfs hashing big      12/12 MB
  lfs checking big      1 files
  lfs reading big       1/12 MB
  lfs reading big      12/12 MB
  $ hg update -qC .

Verification. Threads count, so that only the end is certain:

  $ bar verify | tail -n 1
  lfs verifying big      24/24 MB
  $ bar lfs-fsck | grep -o '24/24 MB' | tail -n 1
  24/24 MB
  $ bar admin::lfs-scrub
  lfs scrub 0078ac10  1/24 MB
  lfs scrub dc0b3a2a 24/24 MB
  $ bar admin::lfs-stats
  lfs objects 1 objects
  lfs objects 4 objects
  lfs changesets 1/2 changesets
  lfs changesets 2/2 changesets
  lfs references a        1/3 files
  lfs references big      3/3 files
  lfs growth 1/4 objects
  lfs growth 4/4 objects
  $ bar admin::lfs-gc --grace 0s
  lfs objects 1 objects
  lfs objects 4 objects
  lfs changesets 1/2 changesets
  lfs changesets 2/2 changesets
  lfs references a        1/3 files
  lfs references big      3/3 files
  $ hg --config extensions.strip= strip -q --no-backup .
  $ bar admin::lfs-gc --grace 0s --delete | grep removing
  lfs removing dc0b3a2a 1/1 objects

Between repositories on this machine:

  $ hg init ../there
  $ bar push ../there
  lfs search 1/1 changesets
  lfs checking big      1 files
  lfs checking a        3 files
  lfs uploading  0/12 MB
  lfs uploading a        12/12 MB
  $ hg clone -qU ../there ../other
  $ rm -rf "$TESTTMP/.cache"
  $ bar -R ../other update
  lfs checking a        1 files
  lfs checking big      3 files
  lfs downloading  0/12 MB
  lfs downloading a        12/12 MB
  lfs reading big       1/12 MB
  lfs reading big      12/12 MB

Blobs of the cache are verified before their first use:

  $ hg clone -qU ../there ../cached
  $ rm -r ../there/.hg/store/lfs
  $ bar -R ../cached update
  lfs checking a        1 files
  lfs checking big      3 files
  lfs verifying 0078ac10  1/12 MB
  lfs verifying 0078ac10 12/12 MB
  lfs reading big       1/12 MB
  lfs reading big      12/12 MB
  $ cd ..

With --debug there are lines instead, and the numbers are the same:

  $ hg -R cached update -q null
  $ hg -R cached update --debug --config progress.debug=yes |
  >     grep '^lfs reading' | sed -n '1p;$p'
  lfs reading: big 1/12 MB (8.33%)
  lfs reading: big 12/12 MB (100.00%)

A push that fails after a part of the files: one is damaged.

  $ hg init broken
  $ cd broken
  $ for n in 1 2 3 4 5; do echo "file $n" > file$n; done
  $ hg commit -Aqm files
  $ oids=`blobs .`
  $ last=`echo "$oids" | tail -n 1`
  $ damage() {
  >     object=`echo .hg/store/lfs/objects/${last%??????????}/*`
  >     cp "$object" ../sound
  >     chmod u+w "$object"
  >     echo 'damage' > "$object"
  > }
  $ damage
  $ rm -rf "$TESTTMP/.cache"
  $ hg init ../server
  $ hg push ../server
  pushing to ../server
  searching for changes
  lfs: uploaded 4 of 5 files (28 bytes of 35 bytes); run the same command again to go on
  abort: detected corrupt lfs object: b90ae9387f8c3b679f6bbd62649e3b0649fd2f5ab82cc174af8977671367f761
  (run hg verify)
  [255]
  $ serve ../server
  $ hg push http://localhost:$HGPORT/ --config experimental.lfs.worker-enable=no
  pushing to http://localhost:$HGPORT/
  searching for changes
  abort: detected corrupt lfs object: b90ae9387f8c3b679f6bbd62649e3b0649fd2f5ab82cc174af8977671367f761
  (run hg verify)
  [255]
  $ cp ../sound "$object"
  $ hg push http://localhost:$HGPORT/
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 1 files (7 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 5 changes to 5 files

So does an update:

  $ cd ..
  $ hg clone -qU server target
  $ cp "server/$object" sound
  $ echo 'damage' > "server/$object"
  $ hg -R target update
  lfs: downloaded 4 of 5 files (28 bytes of 35 bytes); run the same command again to go on
  abort: corrupt remote lfs object: b90ae9387f8c3b679f6bbd62649e3b0649fd2f5ab82cc174af8977671367f761
  [255]
  $ cp sound "server/$object"
  $ hg -R target update
  5 files updated, 0 files merged, 0 files removed, 0 files unresolved
