Invalid rules, which arrive with the history of others.

  $ . "$TESTDIR/helpers.sh"
  $ hg init evil
  $ cd evil
  $ echo 1 > a
  $ hg commit -qAm 'no rules'
  $ ln -s "$TESTTMP/secret" .hglfs
  $ printf 'key = of another user\nsecret words\n' > "$TESTTMP/secret"

A symbolic link is not followed, and nothing of its target is shown:

  $ hg commit -qAm 'a link'
  abort: cannot read .hglfs: it is a symbolic link
  (it selects the large files: replace it with a regular file of at most 1048576 bytes)
  [255]
  $ ln -sf a .hglfs
  $ hg commit -qAm 'a link' 2>&1 | head -1
  abort: cannot read .hglfs: it is a symbolic link

Rules in a file that is large itself are read:

  $ rm .hglfs
  $ printf '[track]\n** = all()\n' > .hglfs
  $ hg commit -qAm 'rules'
  $ echo b > b
  $ hg commit -qAm 'more'
  $ hg files -r . 'set:lfs()'
  .hglfs
  a
  b

Such a changeset, made without hg-lfs, can be checked out; commands that need the rules
fail, and work again once they are repaired:

  $ cd ..
  $ hg init plain --config extensions.hglfs=!
  $ cd plain
  $ echo 1 > a
  $ hg --config extensions.hglfs=! commit -qAm 'no rules'
  $ ln -s /dev/zero .hglfs
  $ hg --config extensions.hglfs=! commit -qAm 'a link'
  $ rm .hglfs
  $ "$PYTHON" -c 'print("[track]\n** = " + "(" * 2000 + "all()" + ")" * 2000)' > .hglfs
  $ hg --config extensions.hglfs=! commit -qm 'deep'
  $ "$PYTHON" -c 'open(".hglfs", "w").write("#" * (1 << 20) + "\n")'
  $ hg --config extensions.hglfs=! commit -qm 'long'
  $ cd ..
  $ hg clone -q plain clone
  $ cd clone
  $ echo 2 > a
  $ hg commit -m 'more'
  abort: cannot read .hglfs: it is larger than 1048576 bytes
  (it selects the large files: replace it with a regular file of at most 1048576 bytes)
  [255]
  $ hg update -q 2
  $ hg commit -m 'more'
  abort: parse error in .hglfs: rules are nested more than 100 levels deep
  (see .hglfs:2)
  [255]
  $ hg update -q 1
  $ hg commit -m 'more'
  abort: cannot read .hglfs: it is a symbolic link
  (it selects the large files: replace it with a regular file of at most 1048576 bytes)
  [255]
  $ hg status
  M a
  $ hg diff -q a > /dev/null
  $ hg cat -r 1 .hglfs
  /dev/zero (no-eol)
  $ hg archive -r 1 ../archived
  $ hg bundle -q --all ../all.hg
  $ hg revert -q -r 0 a
  $ hg verify -q

A named pipe does not block the command:

  $ hg remove .hglfs
  $ mkfifo .hglfs
  $ echo 2 > a
  $ hg commit -m 'more' a
  abort: cannot read .hglfs: it is not a regular file
  (it selects the large files: replace it with a regular file of at most 1048576 bytes)
  [255]
  $ rm .hglfs

Without rules everything works:

  $ hg commit -m 'more'
  created new head

A rebase onto such rules stops, and can be aborted:

  $ hg update -q 0
  $ echo b > b
  $ hg commit -qAm 'mine'
  $ hg update -q 1
  $ hg --config extensions.rebase= rebase -q -r 'desc(mine)' -d 1
  abort: cannot read .hglfs: it is a symbolic link
  (it selects the large files: replace it with a regular file of at most 1048576 bytes)
  [255]
  $ hg --config extensions.rebase= rebase --abort
  rebase aborted
