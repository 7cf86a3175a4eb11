Shallow clones, as Mercurial's remotefilelog makes them, have no filelogs.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> $HGRCPATH <<EOF
  > [extensions]
  > remotefilelog =
  > [lfs]
  > track = size(">8B")
  > [remotefilelog]
  > cachepath = $TESTTMP/files
  > reponame = master
  > [server]
  > preferuncompressed = True
  > EOF
  $ hg init server
  $ cd server
  $ printf '[remotefilelog]\nserver = True\n[phases]\npublish = False\n' >> .hg/hgrc

Without a large file, all is as without the extension:

  $ echo small > small
  $ hg commit -Aqm first
  $ echo small2 > small
  $ hg commit -qm second
  $ hg clone -q --shallow ssh://user@dummy/server ../plain
  $ cd ../plain
  $ hg status
  $ echo more > small
  $ hg status
  M small
  $ hg diff | tail -n 2
  -small2
  +more
  $ hg commit -qm third
  $ hg files 'set:size("<20")'
  small
  $ hg files -r . 'set:lfs()'
  [1]
  $ hg update -q 0
  $ hg update -q tip
  $ hg annotate small
  2: more
  $ grep -c lfs .hg/requires .hg/store/requires
  .hg/requires:0
  .hg/store/requires:0
  [1]

With large files, too:

  $ cd ../server
  $ echo 'a large file' > large
  $ hg commit -Aqm large
  $ echo 'another large file' > large
  $ hg commit -qm larger
  $ hg clone -q --shallow ssh://user@dummy/server ../clone
  $ cd ../clone
  $ cat large
  another large file
  $ hg files -r . 'set:lfs()'
  large
  $ hg log -T '{rev}:{lfs_files} '
  3:large 2:large 1: 0:  (no-eol)
  $ hg files 'set:size("<12")'
  small
  $ hg update -q 2
  $ hg update -q tip
  $ hg annotate large
  3: another large file

New commits are pushed to the server with their blobs, and are the same as in a full
clone:

  $ echo 'with more' >> large
  $ hg status
  M large
  $ hg diff | tail -n 2
   another large file
  +with more
  $ echo 'an added file' > added
  $ hg commit -Aqm fourth
  $ hg copy added copied
  $ hg rename large renamed
  $ echo small > large
  $ hg commit -Aqm fifth
  $ hg status -C --change .
  M large
  A copied
    added
  A renamed
    large
  $ hg push
  pushing to ssh://user@dummy/server
  searching for changes
  lfs: uploaded 2 files (43 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 2 changesets with 5 changes to 4 files
  $ hg -R ../server log -r 4: -T '{rev}:{lfs_files}\n'
  4:added large
  5:copied renamed
  $ hg -R ../server cat -r tip ../server/copied ../server/renamed
  an added file
  another large file
  with more
  $ hg -R ../server verify -q --config extensions.remotefilelog=!

Blobs that are missing are fetched together:

  $ rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  $ hg update -q null
  $ hg update tip
  lfs: downloaded 2 files (43 bytes)
  5 files updated, 0 files merged, 0 files removed, 0 files unresolved
