The user's cache has limits.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [lfs]
  > usercache = $TESTTMP/cache
  > END
  $ age() {
  >     find "$TESTTMP/cache" -type f -links 1 | xargs touch -d "$1 days ago"
  > }
  $ cached() {
  >     find "$TESTTMP/cache" -type f -size +0 | wc -l | tr -d ' '
  > }

Three blobs of a repository that is gone, with uses on three days:

  $ for number in 1 2 3; do
  >     hg init gone
  >     printf "content $number" > gone/file
  >     hg -R gone commit -Aqm one
  >     rm -r gone
  >     [ $number = 1 ] && age 30
  >     [ $number = 2 ] && find cache -type f -links 1 -mtime -1 | xargs touch -d '10 days ago'
  >     true
  > done
  $ cached
  3
  $ hg lfs-prune --cache -n --age 20 -T '{size}\n'
  9
  $ hg lfs-prune --cache -n --age 5 -T '{size}\n'
  9
  9
  $ hg lfs-prune --cache -n --age 0 -T '{size}\n'
  9
  9
  $ hg lfs-prune --cache -n --size 20 -T '{size}\n'
  9
  $ hg lfs-prune --cache -n --size 0 -T '{size}\n'
  9
  9
  $ hg lfs-prune --cache -n --all -T '{size}\n'
  9
  9
  9
  $ hg lfs-prune --cache -n --config lfs.usercache-age=20 -T '{size}\n'
  9
  $ hg lfs-prune --cache --size many
  abort: not a size: many
  [10]
  $ hg lfs-prune --cache --age 20
  ????????????  20*  9 bytes (glob)
  1 blob removed (9 bytes), which freed 9 bytes
  $ cached
  2

What a repository has as well takes nothing, and stays. What a repository needs becomes
its own first:

  $ hg init repo
  $ cd repo
  $ printf 'content 2' > file
  $ hg commit -Aqm one
  $ hg lfs-prune --cache --all -T '{size}\n'
  9
  $ rm -r .hg/store/lfs/objects/*
  $ cached
  1
  $ hg lfs-prune --cache --all
  nothing to remove
  $ blobs . | grep -vc guard
  1
  $ hg verify -q
  $ cd ..

The limits are kept after updates and pushes, when the command has ended:

  $ printf 'more content' > repo/other
  $ hg -R repo commit -Aqm two
  $ hg init gone
  $ printf "content 4" > gone/file
  $ hg -R gone commit -Aqm one
  $ rm -r gone
  $ age 30
  $ cached
  3
  $ hg -R repo update 0 --config lfs.usercache-age=20
  0 files updated, 0 files merged, 1 files removed, 0 files unresolved
  lfs: pruned 1 blob (9 bytes freed)
  $ cached
  2

Not again at once, and not in hooks:

  $ hg init gone
  $ printf "content 4" > gone/file
  $ hg -R gone commit -Aqm one
  $ rm -r gone
  $ age 30
  $ hg -R repo update -q tip --config lfs.usercache-age=20
  $ cached
  3
  $ rm repo/.hg/lfs/autopruned
  $ HG_HOOKTYPE=changegroup hg -R repo update 0 --config lfs.usercache-age=20
  0 files updated, 0 files merged, 1 files removed, 0 files unresolved
  $ cached
  3

With lfs.autoprune, the repository is pruned as well, of what was not used for long. It
never fails the command:

  $ cat >> "$HGRCPATH" <<END
  > [lfs]
  > autoprune = yes
  > END
  $ rm -r cache
  $ hg init server
  $ hg clone -q server work
  $ cd work
  $ for number in 5 6; do
  >     printf "content $number" > file
  >     hg commit -Aqm $number -d 2020-01-01
  > done
  $ hg push
  pushing to $TESTTMP/server
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 2 changes to 1 files
  $ blobs . | grep -vc guard
  2
  $ rm .hg/lfs/autopruned
  $ find .hg/store/lfs/objects -type f | xargs touch -d '40 days ago'
  $ mv ../server ../elsewhere
  $ hg update -q 1
  $ hg update -q 1 --debug | grep pruned
  [1]
  $ rm .hg/lfs/autopruned
  $ hg update -q 1 --debug 2>&1 | grep pruned
  lfs: not pruned: * (glob)
  $ mv ../elsewhere ../server
  $ rm .hg/lfs/autopruned
  $ hg update -q 1
  $ blobs . | grep -vc guard
  1
