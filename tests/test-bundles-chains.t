#require hg69

Chains of clone bundles: a base, and increments that start where it ends.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > [devel]
  > all-warnings = yes
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > auto-generate.delay = 1
  > trigger.revs = 1
  > chain-length = 8
  > EOF
  $ status() { hg -R server admin::clone-bundles-status -T '{revs}+{chainrevs}/{publicrevs} {chainlength}\n' "$@"; }
  $ refresh() { hg -R server admin::clone-bundles-refresh "$@"; }

The first bundle is large enough; then each of six pushes adds an increment to it.
The manifest for all clients lists the first, and nothing else.

  $ repository server
  $ "$PYTHON" -c 'import os; open("server/noise", "wb").write(os.urandom(50000))'
  $ grow server noise --config lfs.track='none()'
  $ refresh
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: published full-zstd-v2-2_revs-*.hg, *, at store, inline (glob)
  $ cp server/.hg/clonebundles.manifest first
  $ serve server --config clone-bundles.auto-generate.on-change=yes
  $ hg clone -qU http://localhost:$HGPORT/ work
  $ hg -R work update -q
  $ for n in 1 2 3 4 5 6; do
  >     grow work $n
  >     hg -R work push -q http://localhost:$HGPORT/
  >     for _try in `seq 60`; do
  >         [ "`status`" = "2+$n/$((2 + n)) $n" ] && break
  >         sleep 0.5
  >     done
  >     status
  > done
  2+1/3 1
  2+2/4 2
  2+3/5 3
  2+4/6 4
  2+5/7 5
  2+6/8 6
  $ made server
  $ cmp first server/.hg/clonebundles.manifest
  $ hg -R server admin::clone-bundles-status | grep -v 'made:\|size:'
  zstd-v2
    has:       2 of 8 changesets, lacks about 0 bytes
    chain:     6 increments with 6 changesets, * (glob)
    published: store
    published: inline peer-bundle-cache://full-zstd-v2-2_revs-*.hg (glob)
    next:      nothing: it is recent enough
  $ cat errors.log

A client with the extension applies all of them, and nothing is left to pull.

  $ rm access.log; stop; serve server
  $ hg clone -U http://localhost:$HGPORT/ copy
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 4 changes to 3 files
  finished applying clone bundle
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  finished applying clone bundle
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  finished applying clone bundle
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  finished applying clone bundle
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  finished applying clone bundle
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  finished applying clone bundle
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  finished applying clone bundle
  searching for changes
  no changes found
  $ hg -R copy log -T '{rev}:{phase} '
  7:public 6:public 5:public 4:public 3:public 2:public 1:public 0:public  (no-eol)
  $ hg -R copy verify -q
  $ hg -R copy update -q
  $ cmp server/large copy/large
  $ grep -o 'cmd=getbundle\|[&:]cg=[01]' access.log
  cmd=getbundle
  &cg=0
  $ grep -o 'cmd=hglfs_bundles' access.log
  cmd=hglfs_bundles
  $ ls .cache/lfs/bundles
  $ rm -r copy
  $ hg clone -U ssh://user@dummy/server copy | grep 'applying\|no changes'
  applying clone bundle from peer-bundle-cache://full-zstd-v2-2_revs-*.hg (glob)
  finished applying clone bundle
  applying clone bundle from peer-bundle-cache://part-zstd-v2-3_revs-*.hg (glob)
  finished applying clone bundle
  applying clone bundle from peer-bundle-cache://part-zstd-v2-4_revs-*.hg (glob)
  finished applying clone bundle
  applying clone bundle from peer-bundle-cache://part-zstd-v2-5_revs-*.hg (glob)
  finished applying clone bundle
  applying clone bundle from peer-bundle-cache://part-zstd-v2-6_revs-*.hg (glob)
  finished applying clone bundle
  applying clone bundle from peer-bundle-cache://part-zstd-v2-7_revs-*.hg (glob)
  finished applying clone bundle
  applying clone bundle from peer-bundle-cache://part-zstd-v2-8_revs-*.hg (glob)
  finished applying clone bundle
  no changes found
  $ rm -r copy

A client without the extension pulls the changesets that are not in the first, or gets
the same files if the server may send them.

  $ stock clone -U http://localhost:$HGPORT/ stock | grep 'added\|applying'
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  added 2 changesets with 4 changes to 3 files
  finished applying clone bundle
  added 6 changesets with 6 changes to 1 files
  $ rm -r stock
  $ stop
  $ ls server/.hg/pullbundles.manifest
  ls: cannot access 'server/.hg/pullbundles.manifest': $ENOENT$
  [2]
  $ echo 'pullbundles = yes' >> "$HGRCPATH"
  $ refresh
  $ cut -c 1-100 server/.hg/pullbundles.manifest
  store/lfs/objects/* BUNDLESPEC=zstd- (glob)
  bundle-cache/part-zstd-v2-3_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 (glob)
  store/lfs/objects/* BUNDLESPEC=zstd- (glob)
  bundle-cache/part-zstd-v2-4_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 (glob)
  store/lfs/objects/* BUNDLESPEC=zstd- (glob)
  bundle-cache/part-zstd-v2-5_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 (glob)
  store/lfs/objects/* BUNDLESPEC=zstd- (glob)
  bundle-cache/part-zstd-v2-6_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 (glob)
  store/lfs/objects/* BUNDLESPEC=zstd- (glob)
  bundle-cache/part-zstd-v2-7_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 (glob)
  store/lfs/objects/* BUNDLESPEC=zstd- (glob)
  bundle-cache/part-zstd-v2-8_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 (glob)
  $ hg -R server bookmark -r 7 there
  $ rm access.log; serve server
  $ stock clone -U http://localhost:$HGPORT/ stock
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 4 changes to 3 files
  finished applying clone bundle
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  adding changesets
  adding manifests
  adding file changes
  adding changesets
  adding manifests
  adding file changes
  adding changesets
  adding manifests
  adding file changes
  adding changesets
  adding manifests
  adding file changes
  adding changesets
  adding manifests
  adding file changes
  added 6 changesets with 6 changes to 6 files
  new changesets * (glob)
  2 local changesets published
  $ stock -R stock log -T '{rev}:{phase} '
  7:public 6:public 5:public 4:public 3:public 2:public 1:public 0:public  (no-eol)
  $ stock -R stock verify -q
  $ grep -c cmd=getbundle access.log
  6

Mercurial does not transfer bookmarks there, until the next pull.

  $ stock -R stock bookmarks
  no bookmarks set
  $ stock -R stock pull -q
  $ stock -R stock bookmarks
     there                     7:* (glob)
  $ rm -r stock
  $ stock clone -qU http://localhost:$HGPORT/ stock -r 4
  $ stock -R stock pull | grep added
  added 3 changesets with 3 changes to 3 files
  $ rm -r stock
  $ stop

Lines written by hand stay as they are; without increments there are none of ours.

  $ printf '# mine\r\nmine.hg BUNDLESPEC=gzip-v2 heads=%040d\n' 1 > mine
  $ cat mine server/.hg/pullbundles.manifest > both; mv both server/.hg/pullbundles.manifest
  $ hg -R server admin::clone-bundles-clear
  $ ls server/.hg/bundle-cache
  $ cmp mine server/.hg/pullbundles.manifest
  $ rm server/.hg/pullbundles.manifest

A chain has the configured length, or half the size of its base: then a new base is
made. The old files stay for a while, for clients that are downloading them.

  $ cat >> "$HGRCPATH" <<EOF
  > [clone-bundles]
  > publish = inline
  > chain-length = 2
  > EOF
  $ refresh
  clone bundles: making zstd-v2 of 8 changesets
  clone bundles: published full-zstd-v2-8_revs-*.hg, *, at inline (glob)
  $ for n in 1 2 3; do grow server next$n; refresh; status; done
  clone bundles: making zstd-v2 of 1 more changeset
  clone bundles: published part-zstd-v2-9_revs-*.hg, *, at inline (glob)
  8+1/9 1
  clone bundles: making zstd-v2 of 1 more changeset
  clone bundles: published part-zstd-v2-10_revs-*.hg, *, at inline (glob)
  8+2/10 2
  clone bundles: making zstd-v2 of 11 changesets
  clone bundles: published full-zstd-v2-11_revs-*.hg, *, at inline (glob)
  11+0/11 0
  $ ls server/.hg/bundle-cache | sed 's/_tip.*//'
  full-zstd-v2-11_revs-* (glob)
  full-zstd-v2-8_revs-* (glob)
  part-zstd-v2-10_revs-* (glob)
  part-zstd-v2-9_revs-* (glob)
  $ hg -R server admin::clone-bundles-refresh --config clone-bundles.grace=0
  $ ls server/.hg/bundle-cache | sed 's/_tip.*//'
  full-zstd-v2-11_revs-* (glob)
  $ "$PYTHON" -c 'import os; open("server/noise", "wb").write(os.urandom(30000))'
  $ grow server noise2 --config lfs.track='none()'
  $ refresh
  clone bundles: making zstd-v2 of 1 more changeset
  clone bundles: published part-zstd-v2-12_revs-*.hg, *, at inline (glob)
  $ grow server next4
  $ refresh
  clone bundles: making zstd-v2 of 13 changesets
  clone bundles: published full-zstd-v2-13_revs-*.hg, *, at inline (glob)

No increments if they are disabled, and none of streams.

  $ grow server next5
  $ refresh | grep making
  clone bundles: making zstd-v2 of 1 more changeset
  $ status
  13+1/14 1
  $ refresh --config clone-bundles.chain-length=0
  clone bundles: making zstd-v2 of 14 changesets
  clone bundles: published full-zstd-v2-14_revs-*.hg, *, at inline (glob)
  $ grow server next6
  $ refresh --config clone-bundles.chain-length=0 | grep making
  clone bundles: making zstd-v2 of 15 changesets
  $ grow server next7
  $ refresh --config clone-bundles.auto-generate.formats='none-v2;stream=v2' | grep making
  clone bundles: making none-streamv2 of 16 changesets
  $ grow server next8
  $ refresh --config clone-bundles.auto-generate.formats='none-v2;stream=v2' | grep making
  clone bundles: making none-streamv2 of 17 changesets
  $ hg -R server admin::clone-bundles-clear

Draft and secret changesets are in no increment; changesets that are no longer public,
and stripped ones, end the chain.

  $ echo 'chain-length = 8' >> "$HGRCPATH"
  $ refresh | grep making
  clone bundles: making zstd-v2 of 17 changesets
  $ for n in 1 2 3; do
  >     grow server more$n
  >     echo draft > server/draft$n
  >     hg -R server commit -Aqm draft$n
  >     refresh | grep making
  >     hg -R server update -q 'max(public())'
  > done
  clone bundles: making zstd-v2 of 1 more changeset
  clone bundles: making zstd-v2 of 1 more changeset
  clone bundles: making zstd-v2 of 1 more changeset
  $ serve server
  $ ours() {
  >     rm -rf copy
  >     hg clone -U "$@" http://localhost:$HGPORT/ copy > out 2>&1 || cat out
  >     sed -n -e 's#applying clone bundle from .*/\(.*_revs\).*#\1#p' -e '/^no changes/p' \
  >         -e '/^error/p' -e '/^abort/p' -e '/^new changesets/s/ .*//p' out
  >     hg -R copy verify -q
  > }
  $ ours
  full-zstd-v2-17_revs
  part-zstd-v2-18_revs
  part-zstd-v2-19_revs
  part-zstd-v2-20_revs
  new
  $ grep 'added\|published' out
  added 17 changesets with 20 changes to 3 files (+1 heads)
  added 1 changesets with 1 changes to 1 files
  added 1 changesets with 1 changes to 1 files
  added 1 changesets with 1 changes to 1 files
  added 3 changesets with 3 changes to 3 files (+2 heads)
  6 local changesets published
  $ hg -R server phase --secret --force 'desc(more3)'
  $ ours
  full-zstd-v2-17_revs
  part-zstd-v2-18_revs
  part-zstd-v2-19_revs
  new
  $ hg -R server --config extensions.strip= strip -q --no-backup 'desc(more2)'
  $ ours
  full-zstd-v2-17_revs
  part-zstd-v2-18_revs
  new
  $ stock clone -qU http://localhost:$HGPORT/ stock
  $ stock -R stock log -T '{desc} '
  draft1 more1 next8 next7 next6 next5 next4 noise2 next3 next2 next1 6 5 4 3 2 1 noise first  (no-eol)
  $ rm -r stock
  $ refresh
  $ status
  17+1/18 1
  $ grow server again
  $ refresh | grep making
  clone bundles: making zstd-v2 of 1 more changeset
  $ ours
  full-zstd-v2-17_revs
  part-zstd-v2-18_revs
  part-zstd-v2-19_revs
  new
  $ stop
