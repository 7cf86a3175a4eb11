A new user of a big project needs its code, not its films.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ serve server
  $ hg init work
  $ cd work
  $ mkdir art code
  $ echo 'the film' > art/film.mov
  $ echo 'the logo' > art/logo.psd
  $ echo 'the code' > code/main
  $ printf '[track]\npath:art = all()\n' > .hglfs
  $ hg commit -qAm first
  $ echo 'the film, part two' > art/film.mov
  $ echo 'the code, improved' > code/main
  $ hg commit -qm second
  $ hg push -q http://localhost:$HGPORT/
  $ cd ..
  $ rm -rf "`hg config lfs.usercache`"
  $ requirements() { cat .hg/requires | grep hglfs; }

Leave out the films
-------------------

  $ hg clone --config lfs.fetchexclude='*.mov' http://localhost:$HGPORT/ part
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 6 changes to 4 files
  new changesets * (glob)
  updating to branch default
  lfs: downloaded 1 files (9 bytes)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cd part
  $ cat >> .hg/hgrc <<EOS
  > [lfs]
  > fetchexclude = *.mov
  > EOS
  $ cat art/film.mov
  version https://git-lfs.github.com/spec/v1
  oid sha256:79eb8602ad1bd25df8bd3c5f83343b52e72bb442432ac9d80c4633d49d5933cb
  size 19
  $ cat art/logo.psd
  the logo

It is an unchanged file:

  $ hg status
  $ touch -t 202001010000 art/film.mov
  $ hg status
  $ hg diff
  $ hg files -I art 'set:size("19")'
  art/film.mov

Updates go on as ever:

  $ hg update 0
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ tail -1 art/film.mov
  size 9
  $ hg update -q null
  $ ls
  $ requirements
  [1]
  $ hg update
  lfs: downloaded * (glob) (?)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg status

Mercurial without hg-lfs does not open it, so that it cannot take the placeholder for
the film:

  $ requirements
  hglfs-pointers
  $ hg --config extensions.hglfs=! status
  abort: repository requires features unknown to this Mercurial: hglfs-pointers* (glob)
  (see https://mercurial-scm.org/wiki/MissingRequirement for more information)
  [255]
  $ hg --config extensions.hglfs=! --config extensions.lfs= status
  abort: repository requires features unknown to this Mercurial: hglfs-pointers* (glob)
  (see https://mercurial-scm.org/wiki/MissingRequirement for more information)
  [255]

Others that share the store, or clone it, are not concerned:

  $ hg share -q --config extensions.share= --config lfs.fetchexclude= . ../shared
  $ grep hglfs ../shared/.hg/requires .hg/store/requires
  [1]
  $ hg clone -qU . ../copied
  $ grep -r hglfs ../copied/.hg/requires ../copied/.hg/store/requires
  [1]

Work beside a placeholder
-------------------------

A commit leaves it as it is:

  $ echo 'the code, by me' > code/main
  $ hg commit -qm 'code'
  $ hg status
  $ hg status --rev 1 --rev . -C
  M code/main

So do a copy, a rename and an amend. Mercurial hashes the content of a copied file, so
that it is fetched:

  $ hg copy art/film.mov art/copy.mov
  $ hg status
  A art/copy.mov
  $ hg commit -m 'copy'
  lfs: downloaded 1 files (19 bytes) (?)
  $ hg status
  $ tail -1 art/copy.mov
  size 19
  $ hg cat -r . art/copy.mov
  the film, part two
  $ hg debugdata art/copy.mov 0
  version https://git-lfs.github.com/spec/v1
  oid sha256:* (glob)
  size 19
  x-hg-copy art/film.mov
  x-hg-copyrev * (glob)
  x-is-binary 0
  $ hg mv art/copy.mov art/moved.mov
  $ hg commit -q --amend -m 'moved'
  $ hg cat -r . art/moved.mov
  the film, part two
  $ hg status --change . -C
  A art/moved.mov
    art/film.mov

A placeholder that Mercurial knows nothing of is never committed as content:

  $ cp art/film.mov art/other.mov
  $ hg add art/other.mov
  $ hg commit -m 'pointer'
  abort: art/other.mov is a placeholder, not the content of a large file
  (use 'hg lfs-checkout art/other.mov' to get the content)
  [20]
  $ hg lfs-checkout art/other.mov
  1 file written
  $ cat art/other.mov
  the film, part two
  $ hg commit -qm 'content'

Nor is one that has been edited:

  $ echo more >> art/film.mov
  $ hg status
  M art/film.mov
  $ hg commit -m 'edited'
  abort: art/film.mov is a placeholder, not the content of a large file
  (it was changed: use 'hg revert art/film.mov' first)
  [20]
  $ hg revert --no-backup art/film.mov
  $ hg status
  $ tail -1 art/film.mov
  size 19

Shelve, rebase and strip leave it alone:

  $ echo 'shelved' > code/main
  $ hg --config extensions.shelve= shelve -q
  $ hg --config extensions.shelve= unshelve -q
  $ cat code/main
  shelved
  $ hg status
  M code/main
  $ hg revert -q --no-backup --all
  $ hg update -q 1
  $ echo 'a change' > code/new
  $ hg commit -qAm 'new'
  $ hg --config extensions.rebase= rebase -q -d 4
  $ hg status
  $ tail -1 art/film.mov
  size 19

A merge of the file itself gets its content:

  $ hg update -q 0
  $ tail -1 art/film.mov
  size 9
  $ hg lfs-checkout art/film.mov
  lfs: downloaded 1 files (9 bytes)
  1 file written
  $ echo 'the film, cut' > art/film.mov
  $ hg commit -qm 'cut'
  $ hg update -q 1
  $ hg merge -q tip --tool :other
  $ cat art/film.mov
  the film, cut
  $ hg update -qC 1
  $ hg merge -q tip --tool :local
  $ cat art/film.mov
  the film, part two
  $ hg update -qC 1
  $ tail -1 art/film.mov
  size 19

A merge that takes the other side's file leaves it as a placeholder, and so does its
commit. Both sides are unchanged files of their parents.

  $ hg update -q 0
  $ echo 'a branch' > code/branch
  $ hg commit -qAm 'branch'
  $ hg merge -q 1
  $ tail -1 art/film.mov
  size 19
  $ mv .hg/store/lfs ../aside
  $ hg commit -qm 'merged' --config paths.default=/nowhere --config lfs.usercache=$TESTTMP/none
  $ mv ../aside .hg/store/lfs
  $ hg status --rev 1 --rev .
  A code/branch
  $ hg status

Changes of the file that are committed anew have the content: grafts, backouts, shelved
ones.

  $ hg update -q 0
  $ hg graft -q -r 'desc(cut)'
  $ cat art/film.mov
  the film, cut
  $ hg update -q null
  $ hg update -q 0
  $ hg lfs-checkout -q art/film.mov
  $ echo 'the film, shelved' > art/film.mov
  $ hg --config extensions.shelve= shelve -q
  $ tail -1 art/film.mov
  size 9
  $ hg --config extensions.shelve= unshelve -q
  $ cat art/film.mov
  the film, shelved
  $ hg revert -q --no-backup -r 1 art/film.mov
  $ cat art/film.mov
  the film, part two
  $ hg update -qC 1

No rule has to match it. A small file that only looks like a placeholder is another
matter:

  $ cp art/film.mov code/film.txt
  $ hg add code/film.txt
  $ hg commit -m 'pointer'
  abort: code/film.txt is a placeholder, not the content of a large file
  (use 'hg lfs-checkout code/film.txt' to get the content)
  [20]
  $ hg lfs-checkout code/film.txt
  1 file written
  $ cat code/film.txt
  the film, part two
  $ hg revert -q code/film.txt
  $ sed 's/size/ size/' art/film.mov > code/film.txt
  $ hg commit -qAm 'an example of a pointer'
  $ hg debugdata code/film.txt 0 | tail -1
   size 19
  $ hg update -q 1

Get the contents, and go back to stock
--------------------------------------

A copy that is not tracked could be committed by stock later. So it counts as well:

  $ cp art/film.mov backup.mov
  $ hg lfs-checkout
  1 file written
  backup.mov is a placeholder that is not tracked
  (remove it, or use 'hg add' and this command again)
  [1]
  $ requirements
  hglfs-pointers
  $ rm backup.mov
  $ hg lfs-checkout
  0 files written
  $ cat art/film.mov
  the film, part two
  $ hg status
  $ requirements
  [1]
  $ hg --config extensions.hglfs=! --config extensions.lfs= status
  $ hg lfs-checkout
  0 files written

Without any content
-------------------

A job that lists files, or builds the code alone, downloads nothing:

  $ cd ..
  $ rm -rf "`hg config lfs.usercache`"
  $ hg clone -q --config lfs.checkout=pointers http://localhost:$HGPORT/ job
  $ cd job
  $ cat code/main
  the code, improved
  $ wc -l art/* | sed 's/^ *//'
  3 art/film.mov
  3 art/logo.psd
  6 total
  $ blobs .
  $ hg status
  $ hg archive -q --config lfs.usercache=$TESTTMP/other ../archive
  $ cat ../archive/art/logo.psd
  the logo
  $ hg cat art/logo.psd
  the logo
  $ hg lfs-checkout art/logo.psd
  1 file written
  $ requirements
  hglfs-pointers
  $ hg lfs-checkout
  1 file written
  $ requirements
  [1]
  $ hg update -q --config lfs.checkout=none null
  config error: lfs.checkout must be one of content, pointers, not none
  [30]
  $ cd ..

A blob that is missing everywhere
---------------------------------

  $ oid=`hg -R work debugdata art/logo.psd 0 | sed -n 's/oid sha256://p'`
  $ place=`echo $oid | cut -c1-2`/`echo $oid | cut -c3-`
  $ mv server/.hg/store/lfs/objects/$place kept
  $ rm -rf "`hg config lfs.usercache`" servercache
  $ hg clone -q http://localhost:$HGPORT/ lost
  abort: LFS server error for "art/logo.psd": The object does not exist
  (*use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ rm -rf lost
  $ hg clone --config lfs.missing=placeholder http://localhost:$HGPORT/ lost
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 6 changes to 4 files
  new changesets * (glob)
  updating to branch default
  lfs: downloaded 1 files (19 bytes)
  4 files updated, 0 files merged, 0 files removed, 0 files unresolved
  art/logo.psd: no remote has its blob * (glob)
  (a clone that has them sends them by 'hg lfs-push --all')
  [1]
  $ cd lost
  $ hg status
  $ cat art/film.mov
  the film, part two
  $ tail -1 art/logo.psd
  size 9
  $ requirements
  hglfs-pointers
  $ hg update -q null
  $ hg update -q --config lfs.missing=placeholder
  art/logo.psd: no remote has its blob * (glob)
  (a clone that has them sends them by 'hg lfs-push --all')
  [1]
  $ hg archive -q --config lfs.missing=placeholder ../whole
  art/logo.psd: no remote has its blob * (glob)
  (a clone that has them sends them by 'hg lfs-push --all')
  [1]
  $ tail -1 ../whole/art/logo.psd
  size 9
  $ cat ../whole/art/film.mov
  the film, part two
  $ hg archive -q ../none
  abort: LFS server error for "art/logo.psd": The object does not exist
  (*use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg cat art/logo.psd
  abort: LFS server error for "art/logo.psd": The object does not exist
  (*exports the other files) (glob)
  [50]
  $ hg lfs-checkout
  0 files written
  art/logo.psd: no remote has its blob * (glob)
  (a clone that has them sends them by 'hg lfs-push --all')
  [1]

A clone that has it sends it:

  $ hg -R ../work lfs-push --all http://localhost:$HGPORT/
  lfs: uploaded 1 files (9 bytes)
  $ hg lfs-checkout
  lfs: downloaded 1 files (9 bytes)
  1 file written
  $ cat art/logo.psd
  the logo
  $ hg status
  $ requirements
  [1]
  $ hg clone -q --config lfs.missing=nothing . ../wrong
  config error: lfs.missing must be one of abort, placeholder, not nothing
  [30]

A server that is not there is another failure, with which nothing goes on:

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  $ hg update -q null
  $ hg update --config lfs.missing=placeholder --config lfs.retry=0
  abort: LFS error: * (glob)
  * (glob)
  [50]
  $ hg status -q
