The settings of Mercurial's own clonebundles extension, as in existing configurations: a
command that copies into a folder, and URLs of that folder on a network drive.

  $ . "$TESTDIR/helpers.sh"
  $ mkdir drive
  $ hg init server
  $ cd server
  $ echo a > a
  $ hg commit -qAm a
  $ hg phase --public tip
  $ cat >> .hg/hgrc <<EOS
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > upload-command = cp "\$HGCB_BUNDLE_PATH" $TESTTMP/drive/
  > delete-command = rm $TESTTMP/drive/"\$HGCB_BUNDLE_BASENAME"
  > url-template = file://$TESTTMP/drive/{basename}
  > EOS
  $ hg admin::clone-bundles-refresh
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at command (glob)
  $ ls ../drive
  full-zstd-v2-1_revs-*.hg (glob)
  $ cat .hg/clonebundles.manifest
  file:/*/drive/full-zstd-v2-1_revs-*.hg BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE=* (glob)
  $ hg admin::clone-bundles-status --check > ../status
  $ grep manifest ../status
  [1]
  $ hg admin::clone-bundles-clear
  $ ls ../drive

A clone skips URLs of that kind, as with Mercurial's own extension:

  $ hg admin::clone-bundles-refresh -q
  $ serve .
  $ hg clone -q http://localhost:$HGPORT/ ../clone
  no compatible clone bundles available on server; falling back to regular clone (?)
  (you may want to report this to the server operator) (?)
  $ cat ../clone/a
  a

An uploaded bundle that cannot be fetched by its URL is removed again:

  $ hg admin::clone-bundles-clear
  $ hg admin::clone-bundles-refresh --config clone-bundles.url-template=http://localhost:$HGPORT1/{basename}
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: zstd-v2: command: can not be fetched: * (glob)
  [1]
  $ ls ../drive
