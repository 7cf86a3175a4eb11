Free the disk of what the server has as well.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [extensions]
  > share =
  > shelve =
  > [lfs]
  > usercache = $TESTTMP/cache
  > END
  $ write() {
  >     head -c 1000000 /dev/zero | tr '\0' "$1" > "$2"
  > }
  $ hg init server
  $ serve server
  $ hg clone -q "http://localhost:$HGPORT/" mine
  $ cd mine
  $ for version in 1 2 3; do
  >     write $version video.bin
  >     hg commit -Aqm "version $version" -d "2020-01-0$version"
  > done

Nothing goes that was not pushed:

  $ hg lfs-prune
  nothing to remove
  $ hg push -q

The file of the working directory stays. A blob is one file with two names, in the
repository and in the cache:

  $ hg lfs-prune --dry-run
  ????????????  20*  977 KB  video.bin (glob)
  ????????????  20*  977 KB  video.bin (glob)
  2 blobs can be removed (1.91 MB), which frees 0 bytes
  the cache holds 1.91 MB: 'hg lfs-prune --cache --all' frees that
  $ blobs . | grep -vc guard
  3
  $ hg lfs-prune
  ????????????  20*  977 KB  video.bin (glob)
  ????????????  20*  977 KB  video.bin (glob)
  2 blobs removed (1.91 MB), which freed 0 bytes
  the cache holds 1.91 MB: 'hg lfs-prune --cache --all' frees that
  $ blobs . | grep -vc guard
  1
  $ hg lfs-prune
  nothing to remove
  $ hg lfs-prune --cache
  abort: the cache has no limits
  (give --age, --size or --all, or set lfs.usercache-size)
  [10]
  $ hg lfs-prune --cache --all
  ????????????  20*  977 KB (glob)
  ????????????  20*  977 KB (glob)
  2 blobs removed (1.91 MB), which freed 1.91 MB

What is gone is fetched when it is needed:

  $ hg update -q 0
  $ head -c 5 video.bin
  11111 (no-eol)

What is recent stays, too. How long can be set, or said:

  $ write 4 video.bin
  $ hg commit -qm 'version 4' -d now
  $ hg push -qf
  $ hg update -q 2
  $ hg lfs-prune -n | tail -2
  1 blob can be removed (977 KB), which frees 0 bytes
  the cache holds 977 KB: 'hg lfs-prune --cache --all' frees that
  $ hg lfs-prune -n --retention 0 | tail -2
  2 blobs can be removed (1.91 MB), which frees 0 bytes
  the cache holds 1.91 MB: 'hg lfs-prune --cache --all' frees that
  $ hg lfs-prune -n --retention often
  abort: not a number of days: often
  (use a number, or a number and one of s, m, h, d, w)
  [10]
  $ hg lfs-prune -n --config lfs.prune-retention=often
  config error: lfs.prune-retention is not a number of days ('often')
  [30]
  $ hg lfs-prune -q --retention 0 > /dev/null
  $ blobs . | grep -vc guard
  1

For scripts:

  $ hg update -q 1
  $ hg update -q 2
  $ hg lfs-prune -n -T '{oid|short} {size} {path} {deleted} {freed} {cached}\n'
  ???????????? 1000000 video.bin False 0 1000000 (glob)
  $ hg lfs-prune -n -T json
  [
   {
    "cached": 1000000,
    "date": [*, 0], (glob)
    "deleted": false,
    "freed": 0,
    "oid": "*", (glob)
    "path": "video.bin",
    "size": 1000000
   }
  ]

  $ hg lfs-du --prunable -T '{place} {within} {files} {bytes}\n' | grep prun
  prunable store 1 1000000
  prunablelinked prunable 1 1000000

A server of this very repository, or of its cache, is no other place:

  $ hg serve -d -p $HGPORT1 --pid-file ../pid
  $ cat ../pid >> "$DAEMON_PIDS"
  $ hg lfs-prune --config "paths.default=http://localhost:$HGPORT1/"
  abort: http://localhost:$HGPORT1/.git/info/lfs has the store or the cache of this repository, and is no other place
  (name another: "hg lfs-prune --config paths.default=URL")
  [255]
  $ cd ..
  $ hg -R server --config extensions.hglfs=! --config extensions.lfs= \
  >     serve -d -p $HGPORT2 --pid-file pid
  $ cat pid >> "$DAEMON_PIDS"
  $ cd mine
  $ hg lfs-prune --config "paths.default=http://localhost:$HGPORT2/"
  abort: http://localhost:$HGPORT2/.git/info/lfs has the store or the cache of this repository, and is no other place
  (name another: "hg lfs-prune --config paths.default=URL")
  [255]
  $ blobs . | grep -vc guard
  2

Changesets that are not public keep what they have: drafts, secret ones, shelves, hidden
ones. So does a share, and a merge that is not finished:

  $ hg lfs-prune > /dev/null
  $ write 5 secret.bin
  $ hg commit -Aqm secret -d 2020-02-01 --secret
  $ hg update -q 2
  $ write 6 video.bin
  $ hg shelve -q
  $ hg lfs-prune --retention 0
  nothing to remove
  $ hg share -qU . ../share
  $ hg -R ../share update -q 0
  $ hg lfs-prune --retention 0
  nothing to remove
  $ hg update -q 1
  $ hg update -q 2
  $ hg merge -q --tool :other 3
  $ hg lfs-prune --retention 0 -T '{path}\n'
  video.bin
  $ hg update -qC 2
  $ hg lfs-prune --retention 0 -T '{path}\n'
  video.bin

A graft that waits for its conflict to be resolved:

  $ hg graft -q --tool :dump 3 2>/dev/null
  [1]
  $ hg lfs-prune --retention 0 -T '{path}\n'
  $ hg graft --abort -q
  $ hg lfs-prune --retention 0 -T '{path}\n'
  video.bin

A share that can't be read may need anything:

  $ mv ../share ../elsewhere
  $ hg lfs-prune
  abort: cannot read the share $TESTTMP/share: $ENOENT$
  (make it readable again; if it is gone for good: hg admin::lfs-gc --forget $TESTTMP/share)
  [20]
  $ mv ../elsewhere ../share

What the server lost stays here:

  $ hg update -q 1
  $ hg update -q 2
  $ rm -r ../server/.hg/store/lfs/objects/*
  $ hg lfs-prune --retention 0
  1 blob is kept, because the remote does not have it
  nothing to remove

Without a server, the user has to say that others have the blobs:

  $ hg lfs-prune --config paths.default=
  abort: no server is named that could have the blobs as well
  (name one: "hg lfs-prune --config paths.default=URL", or lfs.url)
  [255]
  $ hg lfs-prune --config lfs.url=null://
  abort: no server is named that could have the blobs as well
  (name one: "hg lfs-prune --config paths.default=URL", or lfs.url)
  [255]
  $ hg lfs-prune --config "lfs.url=file://$TESTTMP/cache"
  abort: file:/*/$TESTTMP/cache is this repository or its cache, and no other place (glob)
  (name another: "hg lfs-prune --config paths.default=URL")
  [255]
  $ hg lfs-prune --config lfs.url=file://$TESTTMP/mine/.hg/store/lfs/objects
  abort: file:/*/$TESTTMP/mine/.hg/store/lfs/objects is this repository or its cache, and no other place (glob)
  (name another: "hg lfs-prune --config paths.default=URL")
  [255]
  $ hg lfs-prune --config paths.default=../share
  abort: $TESTTMP/share is this repository or its cache, and no other place
  (name another: "hg lfs-prune --config paths.default=URL")
  [255]
  $ hg lfs-prune --retention 0 --no-verify-remote --config paths.default= -T '{path}\n'
  warning: no server was asked whether it has the blobs
  video.bin
  $ cd ..

A repository on this machine only counts with what is its own. What it has by the same
file frees nothing:

  $ hg init near
  $ hg clone -q near far
  $ cd far
  $ for version in 7 8; do
  >     write $version a
  >     hg commit -Aqm $version -d 2020-01-01
  > done
  $ hg push -q
  $ hg lfs-prune -T '{path} {freed} {cached}\n'
  a 0 0
  $ hg update -q 0
  $ hg update -q 1
  $ mv ../near/.hg/store/lfs ../lost
  $ hg lfs-prune
  1 blob is kept, because the remote does not have it
  nothing to remove
  $ mv ../lost ../near/.hg/store/lfs
  $ cd ..

Outside of a repository there is the cache alone:

  $ hg lfs-prune
  abort: no repository found
  (--cache is for the user's cache)
  [10]
  $ hg lfs-prune --all
  abort: --all needs --cache
  [10]
  $ hg lfs-prune --cache --all --retention 1
  abort: cannot specify both --cache and --retention
  [10]
  $ hg lfs-prune --cache --all --config experimental.lfs.disableusercache=yes
  abort: there is no cache
  (it is turned off by experimental.lfs.disableusercache)
  [10]
