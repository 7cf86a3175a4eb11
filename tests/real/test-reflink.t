#require root

Where the file system can share blocks, a large file takes no additional space in the
repository: XFS, on a disk in a file.

  $ . "$TESTDIR/helpers.sh"

  $ truncate -s 400M disk.img
  $ mkfs.xfs -q -m reflink=1 disk.img || exit 80
  $ mkdir disk
  $ mount -o loop disk.img disk 2> /dev/null || exit 80
  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > usercache = $TESTTMP/disk/cache
  > EOF
  $ used() { sync; df --output=used -m disk | tail -1; }
  $ grown() { test $(($(used) - $before)) -lt 20 && echo 'no room taken'; }

  $ hg init disk/repo
  $ head -c 100M /dev/urandom > disk/repo/big
  $ before=$(used)
  $ hg -R disk/repo commit -Aqm first disk/repo/big
  $ grown
  no room taken
  $ hg -R disk/repo update -q null
  $ hg -R disk/repo update -q tip
  $ grown
  no room taken
  $ hg -R disk/repo cat -o disk/copy disk/repo/big
  $ hg -R disk/repo archive -t files disk/files
  $ grown
  no room taken
  $ cmp disk/copy disk/files/big
  $ cmp disk/copy disk/repo/big

A file that is written to changes alone:

  $ printf x | dd of=disk/repo/big bs=1 seek=1000 conv=notrunc 2> /dev/null
  $ hg -R disk/repo status
  M big
  $ hg -R disk/repo verify -q
  $ cmp disk/copy disk/files/big
  $ hg -R disk/repo revert --no-backup disk/repo/big
  $ cmp disk/copy disk/repo/big
  $ grown
  no room taken

Damage is detected, though nothing is copied:

  $ hg -R disk/repo update -q null
  $ blob=$(find disk/repo/.hg/store/lfs -type f)
  $ printf x | dd of="$blob" bs=1 seek=1000 conv=notrunc 2> /dev/null
  $ hg -R disk/repo update -q tip
  lfs: big: its blob is damaged, and was moved to */quarantine/* (glob)
  abort: big: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; a damaged copy is in */quarantine/*; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:big DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ umount disk
