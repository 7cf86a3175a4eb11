Locks managed by the server's administrator, and servers without locks.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ hg clone -q server work
  $ cd work
  $ mkdir art
  $ for name in art/one.bin art/two.bin art/three.bin text; do echo $name > $name; done
  $ hg commit -Aqm files
  $ hg push -q
  $ hg lfs-lock -q .
  $ cd ..
  $ locks() { hg -R work lfs-locks -T '{path}\n' | sort; }

Unlock by name and by pattern, from the root of the repository and without a working
copy.

  $ mkdir elsewhere
  $ cd elsewhere
  $ hg -R ../server admin::lfs-locks --break art/one.bin 'glob:te*' no-such-file
  unlocked art/one.bin: it was locked by * since * UTC (glob)
  unlocked text: it was locked by * since * UTC (glob)
  no-such-file: nothing to unlock
  [1]
  $ cd ..
  $ locks
  art/three.bin
  art/two.bin
  $ hg -R server admin::lfs-locks --break art -q
  $ locks
  $ hg -R server admin::lfs-locks --break
  abort: --break needs files, and --repair takes none
  [10]
  $ hg -R server admin::lfs-locks
  abort: specify either --break or --repair
  [10]
  $ hg -R work admin::lfs-locks --break text
  abort: $TESTTMP/work keeps no locks
  (run this in the repository that pushes go to)
  [10]

An intact database is left alone; of a damaged one the readable locks are kept.

  $ hg -R work lfs-lock -q work/text work/art/one.bin
  $ hg -R server admin::lfs-locks --repair
  the locks are sound
  $ "$PYTHON" - <<EOS
  > import sqlite3
  > db = sqlite3.connect('server/.hg/lfs/locks.sqlite3')
  > # an index without the rows
  > db.execute('PRAGMA writable_schema = 1')
  > db.execute("DELETE FROM sqlite_master WHERE type = 'index'")
  > db.commit()
  > EOS
  $ echo more >> work/text
  $ hg -R work commit -qm more
  $ hg -R server admin::lfs-locks --repair
  kept: art/one.bin is locked by * since * UTC (glob)
  kept: text is locked by * since * UTC (glob)
  the damaged database was moved to $TESTTMP/server/.hg/lfs/locks.sqlite3.damaged-1
  2 locks were kept; others, if there were any, have to be made again
  $ locks
  art/one.bin
  text
  $ printf 'no database at all' > server/.hg/lfs/locks.sqlite3
  $ hg -R work push -q
  transaction abort!
  rollback completed
  abort: the locks are out of reach: file is not a database
  (see 'hg admin::lfs-locks --repair', in the repository that has them)
  [50]
  $ hg -R server admin::lfs-locks --repair
  the damaged database was moved to $TESTTMP/server/.hg/lfs/locks.sqlite3.damaged-2
  0 locks were kept; others, if there were any, have to be made again
  $ cat server/.hg/lfs/locks.sqlite3.damaged-2
  no database at all (no-eol)
  $ hg -R work push -q
  $ hg -R work lfs-lock -q work/text
  $ locks
  text

A lock that no other user could see is refused, with the missing setting.

  $ hg -R server update -q
  $ hg -R server lfs-lock server/text
  config error: no other user would see a lock: there is nowhere to push to
  (set paths.default to the repository that has the locks, or lfs.url)
  [30]
  $ hg -R server lfs-locks -T '{path}\n'
  text

A user of the server's repository itself can declare it, and shares see each other's
locks.

  $ hg -R server --config paths.default=server lfs-lock server/art/one.bin
  locked server/art/one.bin
  $ hg --config extensions.share= share -q server shared
  $ hg -R shared lfs-lock shared/art/two.bin
  locked shared/art/two.bin
  $ locks
  art/one.bin
  art/two.bin
  text
  $ hg -R server admin::lfs-locks --break -q .

A server without users has no locks, and reports which setting it needs.

  $ serve server
  $ cd work
  $ hg lfs-lock text --config paths.default=http://localhost:$HGPORT/
  abort: http://localhost:$HGPORT/.git/info/lfs has no locks
  (locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server')
  [50]
  $ hg lfs-locks --config paths.default=http://localhost:$HGPORT/
  abort: http://localhost:$HGPORT/.git/info/lfs has no locks
  (locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server')
  [50]
