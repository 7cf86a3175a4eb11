#require no-hg66

Clone bundles on a Mercurial that cannot send them over its own connection: as blobs, in
folders and by commands they are served nevertheless.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > EOF
  $ repository server
  $ cat >> server/.hg/hgrc <<EOF
  > [clone-bundles]
  > auto-generate.formats = none-streamv2, gzip-v2, zstd-v2
  > EOF
  $ refresh() { hg -R server admin::clone-bundles-refresh "$@"; }

Unsupported settings are reported, with an alternative:

  $ refresh --config clone-bundles.publish=inline
  config error: this Mercurial can not send clone bundles over its own connection
  (remove "inline" from clone-bundles.publish)
  [30]
  $ refresh --config clone-bundles.auto-generate.serve-inline=yes
  config error: this Mercurial can not send clone bundles over its own connection
  (remove "inline" from clone-bundles.publish)
  [30]

Without a destination they become blobs.

  $ refresh
  clone bundles: making none-streamv2 of 1 changeset
  clone bundles: published full-none-streamv2-1_revs-355f8001f42f_tip-*.hg, *, at store (glob)
  clone bundles: making gzip-v2 of 1 changeset
  clone bundles: published full-gzip-v2-1_revs-355f8001f42f_tip-*.hg, *, at store (glob)
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-355f8001f42f_tip-*.hg, *, at store (glob)
  $ hg -R server admin::clone-bundles-status | grep -v 'made:\|size:'
  none-streamv2
    has:       1 of 1 changeset, lacks about 0 bytes
    published: store
    next:      nothing: it is recent enough
  gzip-v2
    has:       1 of 1 changeset, lacks about 0 bytes
    published: store
    next:      nothing: it is recent enough
  zstd-v2
    has:       1 of 1 changeset, lacks about 0 bytes
    published: store
    next:      nothing: it is recent enough
  $ serve server
  $ advertised clonebundles
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=gzip-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=none-v2;stream%3Dv2;requirements%3D* DIGEST=sha256:* SIZE=* (glob)
  $ stock clone http://localhost:$HGPORT/ stock
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 2 changes to 2 files
  finished applying clone bundle
  searching for changes
  no changes found
  1 local changesets published
  updating to branch default
  lfs: downloaded 1 files (2.34 KB)
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cmp server/large stock/large
  $ stock -R stock verify -q
  $ grow server second --config clone-bundles.auto-generate.on-change=no
  $ hg clone -U http://localhost:$HGPORT/ ours
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 2 changes to 2 files
  finished applying clone bundle
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  new changesets ebb2021d848a
  1 local changesets published
  $ hg -R ours verify -q
  $ hg clone -U --stream http://localhost:$HGPORT/ streamed | grep 'applying\|added'
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  finished applying clone bundle
  added 1 changesets with 1 changes to 1 files
  $ hg -R streamed log -T '{desc}\n'
  second
  first
  $ rm -r stock ours streamed

Over ssh nothing can be advertised to clients.

  $ stock clone -U ssh://user@dummy/server overssh | grep 'applying\|added'
  added 2 changesets with 3 changes to 2 files
  $ stop

In a folder, and by commands:

  $ mkdir cdn far
  $ cat >> server/.hg/hgrc <<EOF
  > publish = far, cdn
  > publish.cdn.directory = $TESTTMP/cdn
  > publish.cdn.url-template = http://localhost:$HGPORT1/cdn/{basename}
  > publish.far.upload-command = cp "\$HGCB_BUNDLE_PATH" "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > publish.far.delete-command = rm -f "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > publish.far.url-template = http://localhost:$HGPORT1/far/{basename}
  > EOF
  $ web
  $ refresh
  clone bundles: making none-streamv2 of 2 changesets
  clone bundles: published full-none-streamv2-2_revs-ebb2021d848a_tip-*.hg, *, at far, cdn (glob)
  clone bundles: making gzip-v2 of 2 changesets
  clone bundles: published full-gzip-v2-2_revs-ebb2021d848a_tip-*.hg, *, at far, cdn (glob)
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: published full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg, *, at far, cdn (glob)
  $ serve server
  $ advertised clonebundles | sed -e 's/DIGEST.*//'
  http://localhost:$HGPORT1/far/full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03  (glob)
  http://localhost:$HGPORT1/cdn/full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03  (glob)
  http://localhost:$HGPORT1/far/full-gzip-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=gzip-v2;cg.version%3D03  (glob)
  http://localhost:$HGPORT1/cdn/full-gzip-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=gzip-v2;cg.version%3D03  (glob)
  http://localhost:$HGPORT1/far/full-none-streamv2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=none-v2;stream%3Dv2;requirements%3D*  (glob)
  http://localhost:$HGPORT1/cdn/full-none-streamv2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=none-v2;stream%3Dv2;requirements%3D*  (glob)
  $ stock clone -U http://localhost:$HGPORT/ copy --config ui.clonebundlefallback=no | grep 'applying\|added'
  applying clone bundle from http://localhost:$HGPORT1/far/full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg (glob)
  added 2 changesets with 3 changes to 2 files
  finished applying clone bundle
  $ stock clone -U ssh://user@dummy/server copy2 --config ui.clonebundlefallback=no | grep 'applying\|added'
  applying clone bundle from http://localhost:$HGPORT1/far/full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg (glob)
  added 2 changesets with 3 changes to 2 files
  finished applying clone bundle
  $ stop

A stream has only public changesets, and no obsolescence markers:

  $ echo secret > server/secret
  $ hg -R server commit -Aqm secret --config phases.new-commit=secret
  $ hg -R server admin::clone-bundles-clear
  $ refresh --config clone-bundles.auto-generate.formats=none-streamv2
  clone bundles: making none-streamv2 of 2 changesets
  clone bundles: none-streamv2: a stream would have 1 changeset that is not public
  [1]
  $ hg -R server phase --public -r tip
  $ hg debugobsolete -R server 0123456789012345678901234567890123456789 --config experimental.evolution.createmarkers=yes
  1 new obsolescence markers
  $ refresh --config clone-bundles.auto-generate.formats=none-streamv2
  clone bundles: making none-streamv2 of 3 changesets
  obsolete feature not enabled but 1 markers found!
  clone bundles: none-streamv2: a stream would have obsolescence markers, which clients refuse
  [1]

Files that are no longer advertised are removed.

  $ rm server/.hg/store/obsstore
  $ web
  $ refresh --config clone-bundles.auto-generate.formats=zstd-v2
  clone bundles: making zstd-v2 of 3 changesets
  clone bundles: published full-zstd-v2-3_revs-63cf865e0763_tip-*.hg, *, at far, cdn (glob)
  $ ls cdn far
  cdn:
  full-zstd-v2-3_revs-63cf865e0763_tip-*.hg (glob)
  
  far:
  full-zstd-v2-3_revs-63cf865e0763_tip-*.hg (glob)
  $ hg -R server admin::clone-bundles-clear
  $ ls cdn far
  cdn:
  
  far:
