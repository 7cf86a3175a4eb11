What large files take: on the disk, and in history.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [extensions]
  > share =
  > [lfs]
  > usercache = $TESTTMP/cache
  > END

Where there are none:

  $ hg init repo
  $ cd repo
  $ hg lfs-du
  store                         0     0 bytes  $TESTTMP/repo/.hg/store/lfs/objects
  user cache                    0     0 bytes  $TESTTMP/cache
  really on the disk            0     0 bytes
  $ hg lfs-du --by extension
  $ hg lfs-du -T '{place} '
  store bundles packs cache linked cacheonly unfinished quarantine bundlefiles disk  (no-eol)

A user has pictures and films. What takes the room?

  $ make() { "$PYTHON" -c "open('$1', 'wb').truncate($2)"; }
  $ mkdir -p art/sub films
  $ make art/logo.psd 3000
  $ make art/sub/sky.psd 5000
  $ make art/README 10
  $ make films/one.mov 100000
  $ echo text > notes.txt
  $ hg commit -Aqm first
  $ make art/logo.psd 4000
  $ cp films/one.mov films/copy.mov
  $ hg commit -Aqm second
  $ hg lfs-du
  store                         6      109 KB  $TESTTMP/repo/.hg/store/lfs/objects
  user cache                    6      109 KB  $TESTTMP/cache
    in this store, too          6      109 KB
  really on the disk            6      109 KB
  $ hg lfs-du --by extension
    files        size        here  extension
        2     97.7 KB     97.7 KB  .mov
        2     8.79 KB     8.79 KB  .psd
        1    10 bytes    10 bytes  (none)
        1     5 bytes     5 bytes  .txt
        6      106 KB      106 KB  (all)
  $ hg lfs-du --by folder
    files        size        here  folder
        2     97.7 KB     97.7 KB  films
        3     8.80 KB     8.80 KB  art
        1     5 bytes     5 bytes  .
        6      106 KB      106 KB  (all)
  $ hg lfs-du --depth 2
    files        size        here  folder
        2     97.7 KB     97.7 KB  films
        1     4.88 KB     4.88 KB  art/sub
        2     3.92 KB     3.92 KB  art
        1     5 bytes     5 bytes  .
        6      106 KB      106 KB  (all)
  $ hg lfs-du art
    files        size        here  extension
        2     8.79 KB     8.79 KB  .psd
        1    10 bytes    10 bytes  (none)
        3     8.80 KB     8.80 KB  (all)
  $ cd art
  $ hg lfs-du --by folder 'glob:*.psd'
    files        size        here  folder
        1     3.91 KB     3.91 KB  art
  $ cd ..

Which changesets brought it?

  $ hg lfs-du -r 0
    files  revisions        size        here  extension
        1          1     97.7 KB     97.7 KB  .mov
        2          2     7.81 KB     7.81 KB  .psd
        1          1    10 bytes    10 bytes  (none)
        1          1     5 bytes     5 bytes  .txt
        5          5      105 KB      105 KB  (all)
  $ hg lfs-du -r 'all()' --by folder
    files  revisions        size        here  folder
        2          2     97.7 KB     97.7 KB  films
        3          4     11.7 KB     11.7 KB  art
        1          1     5 bytes     5 bytes  .
        6          7      109 KB      109 KB  (all)
  $ hg lfs-du -r 0 -r 1 art/logo.psd
    files  revisions        size        here  extension
        1          2     6.84 KB     6.84 KB  .psd
  $ hg lfs-du -r 'all()' -T '{name} {files} {revisions} {blobs} {bytes} {here}\n'
  .mov 2 2 1 100000 100000
  .psd 2 3 3 12000 12000
   1 1 1 10 10
  .txt 1 1 1 5 5

Blobs that are not here yet; no cache, and none that was looked into:

  $ hg clone -q -U . ../clone
  $ cd ../clone
  $ rm -r "$TESTTMP/cache"
  $ hg lfs-du -r 'all()'
    files  revisions        size        here  extension
        2          2     97.7 KB     0 bytes  .mov
        2          3     11.7 KB     0 bytes  .psd
        1          1    10 bytes     0 bytes  (none)
        1          1     5 bytes     0 bytes  .txt
        6          7      109 KB     0 bytes  (all)
  $ hg lfs-du --by folder
  $ hg update -q 0
  $ hg lfs-du -r 'all()'
    files  revisions        size        here  extension
        2          2     97.7 KB     97.7 KB  .mov
        2          3     11.7 KB     7.81 KB  .psd
        1          1    10 bytes    10 bytes  (none)
        1          1     5 bytes     5 bytes  .txt
        6          7      109 KB      105 KB  (all)
  $ hg lfs-du
  store                         5      105 KB  $TESTTMP/clone/.hg/store/lfs/objects
  user cache                    5      105 KB  $TESTTMP/cache
    in this store, too          5      105 KB
  really on the disk            5      105 KB
  $ hg lfs-du --config experimental.lfs.disableusercache=yes
  store                         5      105 KB  $TESTTMP/clone/.hg/store/lfs/objects
  really on the disk            5      105 KB
  $ cd ../repo

Other repositories use the cache as well, and what only the cache has goes with it:

  $ make ../other 700
  $ hg init ../third
  $ cp ../other ../third/b
  $ hg -R ../third commit -Aqm b
  $ hg lfs-du
  store                         6      109 KB  $TESTTMP/repo/.hg/store/lfs/objects
  user cache                    6      106 KB  $TESTTMP/cache
    in this store, too          5      105 KB
  really on the disk            7      110 KB
  $ rm -r ../third
  $ hg lfs-du
  store                         6      109 KB  $TESTTMP/repo/.hg/store/lfs/objects
  user cache                    6      106 KB  $TESTTMP/cache
    in this store, too          5      105 KB
    in the cache alone          1   700 bytes
  really on the disk            7      110 KB

What was left over, and what was put aside:

  $ make .hg/store/lfs/objects/partial-0123 30
  $ make "$TESTTMP/cache/incoming-0123" 3
  $ mkdir -p .hg/lfs/quarantine "$TESTTMP/cache/bundles/ab"
  $ make .hg/lfs/quarantine/damaged 20
  $ make "$TESTTMP/cache/bundles/ab/cdef" 40
  $ hg lfs-du -T '{place} {within}: {files} {bytes}\n'
  store : 6 112015
  bundles store: 0 0
  packs store: 0 0
  cache : 6 108715
  linked cache: 5 108015
  cacheonly cache: 1 700
  unfinished : 2 33
  quarantine : 1 20
  bundlefiles : 1 40
  disk : 11 112808

A share has the store of its source:

  $ hg share -qU . ../shared
  $ hg -R ../shared lfs-du -T '{place}: {files} {bytes}\n' | head -1
  store: 6 112015

Clone bundles and packs in the store:

  $ cat >> .hg/hgrc <<END
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > blobs = all()
  > END
  $ hg phase --public -r 'all()'
  $ hg admin::clone-bundles-refresh -q
  $ hg lfs-du | sed -e 's/[0-9.]* KB/KB/' -e 's/[0-9]* bytes/bytes/'
  store                         8      KB  $TESTTMP/repo/.hg/store/lfs/objects
    clone bundles               1     KB
    packs                       1      KB
  user cache                    6      KB  $TESTTMP/cache
    in this store, too          5      KB
    in the cache alone          1   bytes
  unfinished transfers          2    bytes
  damaged blobs                 1    bytes  $TESTTMP/repo/.hg/lfs/quarantine
  files of clone bundles        ?     KB (glob)
  really on the disk           1?      KB (glob)

Nothing is hashed: a damaged blob of the cache stays where it is.

  $ rm -r .hg/store/lfs/objects/partial-0123 ../clone/.hg/store/lfs
  $ find "$TESTTMP/cache" -size +50 -exec sh -c 'chmod u+w "$0" && echo damage >> "$0"' {} \;
  $ hg -R ../clone lfs-du --by folder
    files        size        here  folder
        1     97.7 KB     97.7 KB  films
        3     7.82 KB     7.82 KB  art
        1     5 bytes     5 bytes  .
        5      105 KB      105 KB  (all)
  $ hg -R ../clone lfs-du -T '{place}: {files}\n' | grep '^cache:'
  cache: 6

What makes no sense:

  $ hg lfs-du --by size
  abort: --by must be extension or folder
  [10]
  $ hg lfs-du --by extension --depth 2
  abort: --depth cannot be used with --by extension
  [10]
  $ hg lfs-du --depth -1
  abort: --depth must be positive
  [10]
  $ hg lfs-du nonsense
  nonsense: no such file in rev 824001084667
