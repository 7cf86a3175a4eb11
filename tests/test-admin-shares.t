Shares that cannot be read, and the blobs that their shelves need.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [extensions]
  > share =
  > [lfs]
  > usercache = $TESTTMP/cache
  > END
  $ age() {
  >     find "$TESTTMP/repo/.hg/store/lfs/objects" -type f |
  >         xargs touch -d '30 days ago'
  > }
  $ hg init repo
  $ cd repo
  $ printf 'needed' > a
  $ hg commit -Aqm one
  $ cd ..

A share of a share belongs to the first repository, as in Mercurial:

  $ hg share -q repo one
  $ hg share -q one two
  $ cat repo/.hg/lfs/shares
  
  $TESTTMP/one/.hg
  
  $TESTTMP/two/.hg
  $ for share in one two; do
  >     printf "shelved in $share" > $share/a
  >     hg -R $share shelve -q
  > done
  $ age
  $ cd repo
  $ hg admin::lfs-gc --delete
  nothing to remove

The disk with a share is not mounted: nothing is removed, and the share is not
forgotten:

  $ mv ../two ../elsewhere
  $ hg admin::lfs-gc
  abort: cannot read the share $TESTTMP/two: $ENOENT$
  (make it readable again; if it is gone for good: hg admin::lfs-gc --forget $TESTTMP/two)
  [20]
  $ hg admin::lfs-gc --delete
  abort: cannot read the share $TESTTMP/two: $ENOENT$
  (make it readable again; if it is gone for good: hg admin::lfs-gc --forget $TESTTMP/two)
  [20]
  $ hg -R ../one admin::lfs-gc --delete
  abort: cannot read the share $TESTTMP/two: $ENOENT$
  (make it readable again; if it is gone for good: hg admin::lfs-gc --forget $TESTTMP/two)
  [20]

The same with an empty mount point, or with something else in its place:

  $ mkdir ../two
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot read the share $TESTTMP/two: $ENOENT$
  $ touch ../two/.hg
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot read the share $TESTTMP/two: $ENOTDIR$
  $ rm -r ../two
  $ ln -s nowhere ../two
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot read the share $TESTTMP/two: $ENOENT$
  $ rm ../two
  $ hg init ../two
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot read the share $TESTTMP/two: it is another repository now
  $ rm -r ../two
  $ hg init ../third
  $ hg share -qU ../third ../two
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot read the share $TESTTMP/two: it is a share of another repository now
  $ rm -r ../two

Blobs are not removed if a share's bundles cannot be read:

  $ mv ../elsewhere ../two
  $ mv ../two/.hg/shelved ../shelved
  $ touch ../two/.hg/shelved
  $ hg admin::lfs-gc --delete
  abort: cannot tell which blobs are named by $TESTTMP/two/.hg/shelved: $ENOTDIR$
  (see 'hg verify'; a bundle that is damaged can be moved away)
  [20]
  $ rm ../two/.hg/shelved
  $ ln -s nowhere ../two/.hg/shelved
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot tell which blobs are named by $TESTTMP/two/.hg/shelved: $ENOENT$
  $ rm ../two/.hg/shelved
  $ mv ../shelved ../two/.hg/shelved
  $ ln -s nowhere.hg ../two/.hg/shelved/link.hg
  $ hg admin::lfs-gc --delete 2>&1 | head -1
  abort: cannot tell which blobs are named by $TESTTMP/two/.hg/shelved/link.hg: $ENOENT$
  $ rm ../two/.hg/shelved/link.hg

Nor if the lists of blobs to keep, or the list of shares, cannot be read:

  $ ln -s nowhere .hg/lfs/keep
  $ hg admin::lfs-gc --delete
  abort: cannot read $TESTTMP/repo/.hg/lfs/keep: $ENOENT$
  [50]
  $ rm .hg/lfs/keep
  $ mkdir .hg/lfs/keep
  $ ln -s nowhere .hg/lfs/keep/list
  $ hg admin::lfs-gc --delete
  abort: cannot read $TESTTMP/repo/.hg/lfs/keep/list: $ENOENT$
  [50]
  $ rm -r .hg/lfs/keep
  $ mv .hg/lfs/shares ..
  $ mkdir .hg/lfs/shares
  $ hg admin::lfs-gc --delete
  abort: cannot read $TESTTMP/repo/.hg/lfs/shares: Is a directory
  (it names the shares whose bundles keep blobs: make it readable)
  [50]
  $ rmdir .hg/lfs/shares
  $ mv ../shares .hg/lfs

All blobs are still there:

  $ hg admin::lfs-gc --delete
  nothing to remove
  $ hg -R ../two --config lfs.usercache="$TESTTMP/empty" unshelve -q
  $ cat ../two/a
  shelved in two (no-eol)
  $ hg -R ../two shelve -q
  $ age

Deleted shares are forgotten by hand:

  $ rm -r ../one ../two
  $ hg admin::lfs-gc
  cannot read the share $TESTTMP/one: $ENOENT$
  cannot read the share $TESTTMP/two: $ENOENT$
  abort: cannot read 2 shares
  (make them readable again; those that are gone for good: hg admin::lfs-gc --forget $TESTTMP/one --forget $TESTTMP/two)
  [20]
  $ hg admin::lfs-gc --forget ../on
  abort: no share is registered as ../on
  (registered: $TESTTMP/one, $TESTTMP/two)
  [10]
  $ hg admin::lfs-gc --delete --forget ../one
  abort: cannot specify both --forget and --delete
  [10]
  $ hg admin::lfs-gc --forget ../one --forget "$TESTTMP/two/.hg"
  unregistered the share $TESTTMP/one
  unregistered the share $TESTTMP/two
  $ cat .hg/lfs/shares
  $ hg admin::lfs-gc --delete -T '{size}\n'
  14
  14
  $ hg admin::lfs-gc --forget ../one
  abort: no share is registered as ../one
  (registered: none)
  [10]

A share in use is not forgotten:

  $ hg share -q . ../three
  $ hg admin::lfs-gc --forget ../three
  abort: the share $TESTTMP/three is in use
  (remove it before, if it is not needed any more)
  [20]

A folder that is no longer a share still has its shelves:

  $ printf 'shelved in three' > ../three/a
  $ hg -R ../three shelve -q
  $ age
  $ hg -R ../three unshare
  $ hg admin::lfs-gc
  nothing to remove
