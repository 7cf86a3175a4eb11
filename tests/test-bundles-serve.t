#require hg66

Clone bundles: a server makes and advertises them, and clients of every kind clone. Here
the server has the extension; the client has it only where the test enables it.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > [devel]
  > all-warnings = yes
  > EOF

The configuration takes three lines.

  $ repository server
  $ cat >> server/.hg/hgrc <<EOF
  > [clone-bundles]
  > auto-generate.formats = gzip-v2, zstd-v2
  > auto-generate.on-change = yes
  > EOF
  $ hg -R server admin::clone-bundles-status
  gzip-v2
    next:      make one with the next change: there is no bundle
  zstd-v2
    next:      make one with the next change: there is no bundle
  $ grow server second
  $ made server
  $ hg -R server admin::clone-bundles-status | grep -v 'made:\|size:'
  gzip-v2
    has:       2 of 2 changesets, lacks about 0 bytes
    published: store
    published: inline peer-bundle-cache://full-gzip-v2-2_revs-ebb2021d848a_tip-*.hg (glob)
    next:      nothing: it is recent enough
  zstd-v2
    has:       2 of 2 changesets, lacks about 0 bytes
    published: store
    published: inline peer-bundle-cache://full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg (glob)
    next:      nothing: it is recent enough
  $ hg -R server admin::clone-bundles-status -T '{format} {revs}/{publicrevs} {join(places % "{word(0, place)}", "+")} {tries} {error}\n'
  gzip-v2 2/2 store+inline 0 
  zstd-v2 2/2 store+inline 0 
  $ hg -R server admin::clone-bundles-status -T json | "$PYTHON" -c 'import json, sys; print(sorted(json.load(sys.stdin)[0]))'
  ['age', 'chainlength', 'chainrevs', 'chainsize', 'digest', 'error', 'format', 'lackingbytes', 'next', 'places', 'problems', 'publicrevs', 'revs', 'size', 'spec', 'tries']

Every line has the attributes for clients, the best format first. Any Mercurial can
serve the file; over HTTP the blobs are advertised first.

  $ cat server/.hg/clonebundles.manifest
  peer-bundle-cache://full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  peer-bundle-cache://full-gzip-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=gzip-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  $ serve server
  $ advertised
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  peer-bundle-cache://full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=gzip-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  peer-bundle-cache://full-gzip-v2-2_revs-ebb2021d848a_tip-*.hg BUNDLESPEC=gzip-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  $ advertised clonebundles
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  http://localhost:$HGPORT/.hg/lfs/objects/* BUNDLESPEC=gzip-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)

A client without the extension: from the blobs, with a digest that it verifies. The
large file comes with the checkout, as usual.

  $ stock clone http://localhost:$HGPORT/ stock
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/* (glob)
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 3 changes to 2 files
  finished applying clone bundle
  searching for changes
  no changes found
  2 local changesets published
  updating to branch default
  lfs: downloaded 1 files (2.34 KB)
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cmp server/large stock/large
  $ stock -R stock verify -q

Changesets added since the bundle are pulled afterwards.

  $ grow server third --config clone-bundles.auto-generate.on-change=no
  $ stock clone -U http://localhost:$HGPORT/ later | grep 'added'
  added 2 changesets with 3 changes to 2 files
  added 1 changesets with 1 changes to 1 files
  $ rm -r later

Over ssh the bundle is sent over the same connection.

  $ stock clone -U ssh://user@dummy/server overssh | grep -v '^adding'
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from peer-bundle-cache://full-zstd-v2-2_revs-ebb2021d848a_tip-*.hg (glob)
  added 2 changesets with 3 changes to 2 files
  finished applying clone bundle
  searching for changes
  added 1 changesets with 1 changes to 1 files
  new changesets * (glob)
  2 local changesets published

A clone without bundles shows a hint, unless the operator disables it. A clone of named
revisions never asks for bundles, and shows no hint.

  $ stock clone -U http://localhost:$HGPORT/ without --config ui.clonebundles=no | grep remote:
  remote: this repository has clone bundles, by which it is cloned faster
  remote: (set ui.clonebundles to use them)
  $ rm -r without
  $ stock clone -U http://localhost:$HGPORT/ without -r 0 | grep remote:
  [1]
  $ stock -R without pull -q
  $ rm -r without
  $ stop
  $ serve server --config ui.clonebundleadvertise=no
  $ stock clone -U http://localhost:$HGPORT/ without --config ui.clonebundles=no | grep remote:
  [1]

In a repository with restricted read permission, a client has no password for the URL.

  $ stop
  $ serve server --config web.allow_read=alice
  $ hg -R server admin::clone-bundles-status -T '{join(places % "{word(0, place)}", "+")}\n'
  store+inline
  store+inline
  $ stop

Several destinations, in their order: a folder that a web server serves, commands, and
attributes by which clients prefer near ones.

  $ mkdir cdn far
  $ cat >> server/.hg/hgrc <<EOF
  > auto-generate.on-change = no
  > publish = far, cdn, inline
  > publish.cdn.directory = $TESTTMP/cdn
  > publish.cdn.url-template = http://localhost:$HGPORT1/cdn/{basename}
  > publish.cdn.attributes = region=home datacenter=cellar
  > publish.far.upload-command = cp "\$HGCB_BUNDLE_PATH" "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > publish.far.delete-command = rm -f "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > publish.far.url-template = http://localhost:$HGPORT1/far/{basename}
  > publish.far.attributes = region=away
  > EOF
  $ web
  $ hg -R server admin::clone-bundles-refresh
  clone bundles: making gzip-v2 of 3 changesets
  clone bundles: published full-gzip-v2-3_revs-*.hg, *, at far, cdn, inline (glob)
  clone bundles: making zstd-v2 of 3 changesets
  clone bundles: published full-zstd-v2-3_revs-*.hg, *, at far, cdn, inline (glob)
  $ hg -R server admin::clone-bundles-refresh
  $ urls() { advertised | sed -e 's/-3_revs[^ ]*.hg .*SIZE=[0-9]*//'; }
  $ serve server
  $ urls
  http://localhost:$HGPORT1/far/full-zstd-v2 region=away
  http://localhost:$HGPORT1/cdn/full-zstd-v2 region=home datacenter=cellar
  peer-bundle-cache://full-zstd-v2
  http://localhost:$HGPORT1/far/full-gzip-v2 region=away
  http://localhost:$HGPORT1/cdn/full-gzip-v2 region=home datacenter=cellar
  peer-bundle-cache://full-gzip-v2
  $ stop
  $ serve server --config clone-bundles.regions='192.0.2.0/24=away, 127.0.0.0/8=home, ::1/128=home'
  $ urls
  http://localhost:$HGPORT1/cdn/full-zstd-v2 region=home datacenter=cellar
  http://localhost:$HGPORT1/cdn/full-gzip-v2 region=home datacenter=cellar
  peer-bundle-cache://full-zstd-v2
  peer-bundle-cache://full-gzip-v2
  http://localhost:$HGPORT1/far/full-zstd-v2 region=away
  http://localhost:$HGPORT1/far/full-gzip-v2 region=away
  $ web
  $ stock clone -U http://localhost:$HGPORT/ near | grep '^applying'
  applying clone bundle from http://localhost:$HGPORT1/cdn/full-zstd-v2-3_revs-*.hg (glob)
  $ stock clone -U http://localhost:$HGPORT/ chosen --config ui.clonebundleprefers=region=away,COMPRESSION=gzip | grep '^applying'
  applying clone bundle from http://localhost:$HGPORT1/far/full-gzip-v2-3_revs-*.hg (glob)
  $ stop
  $ web

The manifest that clients get:

  $ hg -R server admin::clone-bundles-status --check | grep wrong
  [1]
  $ chmod u+w cdn/*
  $ for file in cdn/full-zstd*; do echo garbage > $file; done
  $ rm far/full-gzip*
  $ hg -R server admin::clone-bundles-status --check | grep 'v2$\|wrong'
  gzip-v2
    wrong:     far: * (glob)
  zstd-v2
    wrong:     cdn: what is at "cdn" has 8 bytes instead of * (glob)

Lines written by hand stay, and come after the generated ones. Lines that would break
clients are not advertised: the log gives the reason, and so does the status.

  $ cat >> server/.hg/clonebundles.manifest <<EOF
  > http://localhost:$HGPORT1/mine.hg BUNDLESPEC=gzip-v2 REQUIREDRAM=1MB mine=yes
  > http://localhost:$HGPORT1/bad.hg BUNDLESPEC
  > http://localhost:$HGPORT1/bad.hg BUNDLESPEC=gzip-v2%zz
  > http://localhost:$HGPORT1/bad.hg BUNDLESPEC=gzip
  > http://localhost:$HGPORT1/bad.hg DIGEST=sha256:12
  > 
  > mine.hg BUNDLESPEC=gzip-v2
  > http://localhost:$HGPORT1/new.hg BUNDLESPEC=lz5-v7
  > EOF
  $ hg -R server admin::clone-bundles-status | grep manifest
  clonebundles.manifest, line 8: "BUNDLESPEC" has no "="
  clonebundles.manifest, line 9: "BUNDLESPEC=gzip-v2%zz" has a "%" without two hex digits
  clonebundles.manifest, line 10: invalid bundle specification; must be prefixed with compression: gzip
  clonebundles.manifest, line 11: bad DIGEST: "sha256:12"
  clonebundles.manifest, line 13: "mine.hg" is not a URL that clients can use
  $ serve server
  $ urls | tail -n 3
  peer-bundle-cache://full-gzip-v2
  http://localhost:$HGPORT1/mine.hg BUNDLESPEC=gzip-v2 REQUIREDRAM=1MB mine=yes
  http://localhost:$HGPORT1/new.hg BUNDLESPEC=lz5-v7
  $ grep -c 'manifest, line .*; the line is not sent to clients' errors.log
  5
  $ stop

Where bundles are disabled they are not advertised, then removed; written lines stay.

  $ hg -R server admin::clone-bundles-clear
  $ head -n 1 server/.hg/clonebundles.manifest
  http://localhost:$HGPORT1/mine.hg BUNDLESPEC=gzip-v2 REQUIREDRAM=1MB mine=yes
  $ ls cdn far server/.hg/bundle-cache
  cdn:
  
  far:
  
  server/.hg/bundle-cache:
  $ hg -R server admin::clone-bundles-status | grep next
    next:      run hg admin::clone-bundles-refresh: there is no bundle
    next:      run hg admin::clone-bundles-refresh: there is no bundle

Without formats there is nothing to make.

  $ hg -R server admin::clone-bundles-refresh --config clone-bundles.auto-generate.formats=
  config error: there are no formats for clone bundles
  (set clone-bundles.auto-generate.formats = zstd-v2, gzip-v2)
  [30]
