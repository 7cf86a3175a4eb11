#require no-chg

The requirement is added with the first large file, and removed if the transaction
fails.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> $HGRCPATH <<EOF
  > [lfs]
  > track = size(">10B")
  > EOF
  $ required() {
  >     for file in requires store/requires; do
  >         grep -qx lfs "$1/.hg/$file" 2>/dev/null && echo "in $file"
  >     done
  >     return 0
  > }

Small files need nothing.

  $ hg init repo
  $ cd repo
  $ echo small > small
  $ hg commit -Aqm small
  $ required .
  $ echo 'large enough for it' > large
  $ cp .hg/store/requires ../before

Nothing is left of a commit that a hook refuses, or that cannot be finished.

  $ hg commit -Aqm large --config hooks.pretxncommit=false
  transaction abort!
  rollback completed
  abort: pretxncommit hook exited with status 1
  [40]
  $ required .
  $ cmp .hg/store/requires ../before
  $ hg commit -Aqm large --config hooks.pretxnclose='grep -q lfs .hg/store/requires; exit 1'
  transaction abort!
  rollback completed
  abort: pretxnclose hook exited with status 1
  [40]
  $ required .
  $ cmp .hg/store/requires ../before
  $ cat > $TESTTMP/dies.py <<'EOF'
  > def hook(ui, repo, **kwargs):
  >     import os
  >     os._exit(9)
  > EOF
  $ hg commit -Aqm large --config hooks.pretxncommit=python:$TESTTMP/dies.py:hook
  [9]
  $ hg recover -q 2> /dev/null
  $ required .
  $ cmp .hg/store/requires ../before

A hook sees the requirement already.

  $ hg commit -Aqm large --config hooks.pretxncommit='grep -x lfs .hg/store/requires'
  lfs
  $ required .
  in store/requires

Without share-safe it is in another file.

  $ cd ..
  $ hg init old --config format.use-share-safe=no
  $ cd old
  $ echo 'large enough for it' > large
  $ cp .hg/requires ../before
  $ hg commit -Aqm large --config hooks.pretxncommit=false
  transaction abort!
  rollback completed
  abort: pretxncommit hook exited with status 1
  [40]
  $ required .
  $ cmp .hg/requires ../before
  $ test -e .hg/store/requires
  [1]
  $ hg commit -Aqm large
  $ required .
  in requires

A pull, a push and an unbundle that bring the first large file, in both formats.

  $ cd ..
  $ hg -R repo bundle -q --all bundle.hg
  $ for safe in yes no; do
  >     echo "share-safe: $safe"
  >     hg init into --config format.use-share-safe=$safe
  >     cat into/.hg/requires into/.hg/store/requires > before 2>/dev/null
  >     hg -R into unbundle -q bundle.hg --config hooks.pretxnchangegroup.zz=false
  >     hg -R into pull -q repo --config hooks.pretxnchangegroup=false
  >     hg -R into pull -q repo --config hooks.pretxnclose=false
  >     cat into/.hg/requires into/.hg/store/requires 2>/dev/null | cmp - before
  >     required into
  >     hg -R into pull -q repo -r 0
  >     required into
  >     hg -R into pull -q repo
  >     required into
  >     rm -rf into
  >     hg init into --config format.use-share-safe=$safe
  >     hg -R into unbundle -q bundle.hg
  >     required into
  >     rm -rf into
  > done
  share-safe: yes
  transaction abort!
  rollback completed
  abort: pretxnchangegroup.zz hook exited with status 1
  transaction abort!
  rollback completed
  abort: pretxnchangegroup hook exited with status 1
  transaction abort!
  rollback completed
  abort: pretxnclose hook exited with status 1
  in store/requires
  in store/requires
  share-safe: no
  transaction abort!
  rollback completed
  abort: pretxnchangegroup.zz hook exited with status 1
  transaction abort!
  rollback completed
  abort: pretxnchangegroup hook exited with status 1
  transaction abort!
  rollback completed
  abort: pretxnclose hook exited with status 1
  in requires
  in requires

One process may see it fail, and then do something else.

  $ cat > twice.py <<'EOF'
  > import struct, subprocess, sys
  > server = subprocess.Popen(
  >     ['hg', '-R', 'one', 'serve', '--cmdserver', 'pipe'],
  >     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
  > def reply():
  >     channel, size = struct.unpack('>cI', server.stdout.read(5))
  >     return channel, server.stdout.read(size)
  > reply()
  > def pull(*args):
  >     text = '\0'.join(['pull', '-q', 'repo', *args]).encode()
  >     server.stdin.write(b'runcommand\n' + struct.pack('>I', len(text)) + text)
  >     server.stdin.flush()
  >     while reply()[0] != b'r':
  >         pass
  >     with open('one/.hg/store/requires') as requires:
  >         print(*args, 'lfs\n' in requires.readlines())
  > pull('--config', 'hooks.pretxnchangegroup.aa=false')
  > pull('--rev', '0')
  > pull('--rev', '1')
  > server.stdin.close()
  > EOF
  $ hg init one
  $ "$PYTHON" twice.py
  --config hooks.pretxnchangegroup.aa=false False
  --rev 0 False
  --rev 1 True
  $ required one
  in store/requires

A share adds it to its source, and a conversion to its destination.

  $ hg init source
  $ hg --config extensions.share= share -q source sharing
  $ cd sharing
  $ echo 'large enough for it' > large
  $ hg commit -Aqm large
  $ cd ..
  $ required source
  in store/requires
  $ hg init plain
  $ echo 'large enough for it' > plain/large
  $ hg -R plain commit -Aqm large --config extensions.hglfs=!
  $ required plain
  $ hg --config extensions.convert= convert -q plain converted
  $ required converted
  in store/requires
  $ hg -R converted debugdata large 0 | head -n 1
  version https://git-lfs.github.com/spec/v1

Other processes that had opened the repository see it later.

  $ hg --config extensions.hglfs=! --config extensions.lfs=! -R source log 2>&1 | head -n 1
  abort: repository requires features unknown to this Mercurial: lfs

A server whose repository has it advertises it, and every clone has it from the start.

  $ serve repo
  $ hg clone -q -r 0 http://localhost:$HGPORT/ nothing
  $ required nothing
  in store/requires
  $ hg clone -q --stream http://localhost:$HGPORT/ streamed
  $ required streamed
  in store/requires
  $ hg clone -q http://localhost:$HGPORT/ pulled
  $ required pulled
  in store/requires
  $ hg init pushed
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ serve pushed --config lfs.requireblobs=no
  $ hg -R repo push -q http://localhost:$HGPORT/ --config lfs.url=null://
  $ required pushed
  in store/requires
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
