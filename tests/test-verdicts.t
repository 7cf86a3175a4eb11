A large revision is verified once: that its blob matches its node. Later the blob's own
hash is enough, and that is always computed.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > track = size('>1M')
  > EOF
  $ hg init repo
  $ cd repo
  $ "$PYTHON" -c "open('big', 'wb').write(b'0123456789abcdef' * 200000)"
  $ printf 'small\n' > small
  $ hg commit -Aqm first

A commit records it; small revisions are not recorded:

  $ hg debugdata big 0 | sed -n 's/oid sha256://p' > oid
  $ grep . .hg/lfs/verdicts | sed "s/ $(cat oid)$/ OID/"
  [0-9a-f]{40} OID (re)
  $ hg manifest --debug | grep 'big$' | cut -c 1-40 > node
  $ grep -c "^$(cat node) " .hg/lfs/verdicts
  1

A revision from elsewhere is verified by the first read:

  $ rm -r .hg/lfs
  $ hg cat -o ../copy big
  $ cmp big ../copy
  $ grep -c "^$(cat node) " .hg/lfs/verdicts
  1
  $ hg cat -o ../copy big
  $ grep -c . .hg/lfs/verdicts
  1

Damage is still detected, and no partial file is written:

  $ blob=$(find .hg/store/lfs/objects -type f)
  $ cp "$blob" ../sound
  $ rm "$blob"
  $ "$PYTHON" -c "open('damaged', 'wb').write(b'0123456789abcdeF' * 200000)"
  $ cp damaged "$blob"
  $ hg cat -o ../copy big
  lfs: big: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  $ wc -c < ../copy | sed 's/ //g'
  3200000
  $ cp damaged "$blob"
  $ hg cat big | wc -c | sed 's/ //g'
  lfs: big: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  abort: big: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; a damaged copy is in $TESTTMP*/quarantine/*; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:big DIR" exports the other files) (glob)
  0
  $ hg update -q null
  $ cp damaged "$blob"
  $ hg update -q tip
  lfs: big: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  abort: big: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; a damaged copy is in $TESTTMP*/quarantine/*; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:big DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ ls big
  ls: *big*: $ENOENT$ (glob)
  [2]
  $ cp ../sound "$blob"

A share uses the same records, and users who may not write there work without them:

  $ cd ..
  $ hg --config extensions.share= share -q repo shared
  $ ls shared/.hg/lfs
  ls: *: $ENOENT$ (glob)
  [2]
  $ rm -r repo/.hg/lfs
  $ printf 'in the way\n' > repo/.hg/lfs
  $ hg -R shared cat -o copy shared/big
  $ cmp sound copy
