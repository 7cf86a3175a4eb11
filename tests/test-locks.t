Locks: kept by the server, visible to all users, and enforced for pushes.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/users.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > EOS
  $ ids() { sed 's/[0-9a-f]\{32\}/ID/'; }
  $ hg init server
  $ hg init work
  $ cd work
  $ mkdir art
  $ for name in one two three; do echo $name > art/$name.bin; done
  $ echo text > text
  $ hg commit -Aqm files
  $ hg push -q ../server
  $ cd ..

Over HTTP
=========

  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ for user in alice bob; do
  >     hg clone -q http://$user:secret@localhost:$HGPORT/ $user
  >     printf "[auth]\nx.prefix = http://localhost:$HGPORT\nx.username = $user\nx.password = secret\n" >> $user/.hg/hgrc
  > done
  $ bob=http://bob:secret@localhost:$HGPORT/

Nothing is locked yet, and there is no database.

  $ cd alice
  $ hg lfs-locks
  $ hg lfs-locks --mine
  $ hg lfs-unlock text
  text: nothing to unlock
  [1]
  $ test -e ../server/.hg/lfs/locks.sqlite3
  [1]

Alice locks files, by name and by pattern, relative to her current folder.

  $ cd art
  $ hg lfs-lock one.bin
  locked one.bin
  $ cd ..
  $ hg lfs-lock 'glob:art/t*.bin'
  locked art/three.bin
  locked art/two.bin
  $ hg lfs-lock
  abort: no files to lock specified
  [10]
  $ hg lfs-lock no-such-file art/four.bin
  art/four.bin: not a tracked file
  no-such-file: not a tracked file
  [1]
  $ hg lfs-lock text art/one.bin
  art/one.bin: already locked by alice since * UTC (glob)
  locked text
  [1]

All users see the locks.

  $ cd ../bob
  $ hg lfs-locks | ids
  text                      alice         ????-??-?? ??:?? +0000  ID (glob)
  art/two.bin               alice         ????-??-?? ??:?? +0000  ID (glob)
  art/three.bin             alice         ????-??-?? ??:?? +0000  ID (glob)
  art/one.bin               alice         ????-??-?? ??:?? +0000  ID (glob)
  $ hg lfs-locks -l 2 -T '{path} {owner}\n'
  text alice
  art/two.bin alice
  $ hg lfs-locks --path art/one.bin -T json | ids
  [
   {
    "date": [*, 0], (glob)
    "id": "ID",
    "owner": "alice",
    "path": "art/one.bin"
   }
  ]
  $ hg lfs-locks --path bob
  $ hg lfs-locks --id no-such-id
  $ hg lfs-lock art/one.bin
  art/one.bin: already locked by alice since * UTC (glob)
  [1]
  $ hg --cwd ../work lfs-lock text --config paths.default=$bob
  text: already locked by alice since * UTC (glob)
  [1]

Bob cannot lock her files, and sees his own.

  $ echo mine > mine
  $ hg add -q mine
  $ hg lfs-lock mine
  locked mine
  $ hg lfs-locks --mine -T '{path} {ours}\n'
  mine True
  $ hg lfs-locks --verify | ids
  O mine                      bob           ????-??-?? ??:?? +0000  ID (glob)
    text                      alice         ????-??-?? ??:?? +0000  ID (glob)
    art/two.bin               alice         ????-??-?? ??:?? +0000  ID (glob)
    art/three.bin             alice         ????-??-?? ??:?? +0000  ID (glob)
    art/one.bin               alice         ????-??-?? ??:?? +0000  ID (glob)
  $ hg lfs-locks --mine --path x
  abort: --verify and --mine cannot be used with --path or --id
  [10]

His push is refused if it changes her files, and nothing of it is stored.

  $ echo more >> text
  $ hg commit -qm 'a change of text'
  $ hg push
  pushing to http://bob@localhost:$HGPORT/
  searching for changes
  lfs: uploaded 2 files (15 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: transaction abort!
  remote: rollback completed
  remote: text is locked by alice since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  $ echo more >> art/one.bin
  $ hg commit -qm 'a change of one'
  $ hg push -q
  remote: art/one.bin is locked by alice since * UTC; text is locked by alice since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  $ hg -R ../server log -T '{rev} {desc}\n'
  0 files

So is hers if it changes his. Her own locks do not affect her.

  $ cd ../alice
  $ echo other > mine
  $ hg commit -Aqm 'the same name'
  $ hg push -q
  remote: mine is locked by bob since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  $ hg strip -q --config extensions.strip= --no-backup tip
  $ echo 'by alice' >> text
  $ hg commit -qm 'by alice'
  $ hg push -q

Unlocking: one's own locks, and those of others by force.

  $ cd ../bob
  $ hg lfs-unlock art/one.bin
  art/one.bin: locked by alice since * UTC: force is needed (glob)
  [1]
  $ hg lfs-unlock art
  art: nothing to unlock
  [1]
  $ hg lfs-unlock 'glob:**'
  unlocked mine
  $ hg lfs-unlock -f art/one.bin text
  unlocked text
  unlocked art/one.bin
  $ hg push -q -f
  $ two=`hg lfs-locks --path art/two.bin -T '{id}'`
  $ hg lfs-unlock --id $two
  *: locked by alice since * UTC: force is needed (glob)
  [1]
  $ hg lfs-unlock --force --id $two
  unlocked art/two.bin
  $ hg lfs-unlock --force --id $two
  *: there is no such lock (glob)
  [1]
  $ hg lfs-unlock
  abort: specify either files or --id
  [10]
  $ hg lfs-unlock --id x text
  abort: specify either files or --id
  [10]
  $ hg lfs-locks -T '{path}\n'
  art/three.bin
  $ cd ../alice
  $ hg lfs-unlock no/such/file art/three.bin
  unlocked art/three.bin
  no/such/file: nothing to unlock
  [1]
  $ cd ..
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log

Force for some users only:

  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py" --config lfs.lockadmins=alice
  $ hg -R alice lfs-lock alice/text
  locked alice/text
  $ hg -R bob lfs-unlock --force bob/text
  bob/text: locked by alice since * UTC: that is for lfs.lockadmins, or 'hg admin::lfs-locks --break' on the server (glob)
  [1]
  $ hg -R bob lfs-lock bob/art/two.bin
  locked bob/art/two.bin
  $ hg -R alice lfs-unlock --force alice/art/two.bin
  unlocked alice/art/two.bin
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS

Anonymous users cannot lock, and cannot unlock the locks of others.

  $ serve server
  $ hg clone -q http://localhost:$HGPORT/ anyone
  $ cd anyone
  $ hg lfs-lock art/one.bin
  art/one.bin: locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server'
  [1]
  $ hg lfs-unlock --force text
  text: locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server'
  [1]
  $ hg lfs-locks --verify -T '{path} {owner} {ours}\n'
  text alice False
  $ echo more >> text
  $ hg commit -qm 'by anyone'
  $ hg push -q
  remote: text is locked by alice since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  $ cd ..
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS

Without enforcement locks are only shown.

  $ serve server --config lfs.enforcelocks=no
  $ hg -R anyone push -q
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log

Over ssh
========

The owner is the user of the server: from the environment, set by a forced command, or
from the configuration. The client's user name has no effect.

  $ hg clone -q ssh://user@dummy/server far
  $ cd far
  $ as() { # USER [SECTION ITEM]: what makes the server's process that user's
  >     printf '[%s]\n%s\n' "${2:-lfs}" "$3" > "$TESTTMP/rc-$1"
  >     printf '#!/bin/sh\nREMOTE_USER=%s HGRCPATH=%s exec hg "$@"\n' \
  >         "$1" "$HGRCPATH:$TESTTMP/rc-$1" > "$TESTTMP/as-$1"
  >     chmod +x "$TESTTMP/as-$1"
  >     echo "ui.remotecmd=$TESTTMP/as-$1"
  > }
  $ hg lfs-lock art/one.bin --config "`as carol`" --config lfs.user=eve
  locked art/one.bin
  $ hg lfs-lock art/two.bin --config "`as nobody lfs user=dave`"
  locked art/two.bin
  $ REMOTE_USER= HGUSER=eve hg lfs-lock art/three.bin
  locked art/three.bin
  $ hg lfs-locks -T '{path} {owner}\n' | sed "s/`id -un`/SYSTEM/"
  art/three.bin SYSTEM
  art/two.bin dave
  art/one.bin carol
  text alice
  $ hg lfs-locks --mine -T '{path}\n' --config "`as carol`"
  art/one.bin
  $ hg lfs-lock art/one.bin
  art/one.bin: already locked by carol since * UTC (glob)
  [1]
  $ hg lfs-unlock art/one.bin
  art/one.bin: locked by carol since * UTC: force is needed (glob)
  [1]

Pushes:

  $ echo far >> art/two.bin
  $ hg commit -qm 'by carol'
  $ hg push -q --config "`as carol`"
  remote: art/two.bin is locked by dave since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  $ hg push -q --config "`as dave`"

Users who may only read cannot lock.

  $ hg lfs-lock text --config "`as frank hooks pretxnopen.readonly=false`"
  text: pretxnopen.readonly hook exited with status 1
  [1]
  $ hg lfs-locks --config "`as frank hooks pretxnopen.readonly=false`" --path text -T '{owner}\n'
  alice

A server without support for locks:

  $ hg lfs-locks --config "`as frank extensions hglfs=!`"
  abort: ssh://user@dummy/server has no locks
  [255]
  $ cd ..

On this machine
===============

The owner is the user of the system.

  $ hg clone -q server near
  $ cd near
  $ hg lfs-unlock -q --force 'glob:**'
  $ hg lfs-lock text
  locked text
  $ hg lfs-locks -T '{path} {owner}\n' | sed "s/`id -un`/SYSTEM/"
  text SYSTEM
  $ echo near >> text
  $ hg commit -qm 'near'
  $ hg push -q
  $ hg lfs-lock art/one.bin --config paths.default=ssh://user@dummy/server --config "`as carol`"
  locked art/one.bin
  $ echo near >> art/one.bin
  $ hg commit -qm 'near one'
  $ hg push
  pushing to $TESTTMP/server
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  transaction abort!
  rollback completed
  abort: art/one.bin is locked by carol since * UTC (glob)
  (see 'hg help lfs-locks')
  [255]

A bundle does not bypass locks.

  $ hg bundle -q -r tip --base 'tip^' ../near.hg
  $ hg -R ../server unbundle -q ../near.hg
  transaction abort!
  rollback completed
  abort: art/one.bin is locked by carol since * UTC (glob)
  (see 'hg help lfs-locks')
  [255]

The server itself, and a repository without locks:

  $ hg -R ../server lfs-locks -T '{path}\n'
  art/one.bin
  text
  $ hg -R ../server lfs-unlock -f ../server/art/one.bin
  unlocked ../server/art/one.bin
  $ hg push -q
  $ hg lfs-locks --config lfs.url=null://
  abort: null:// has no locks
  (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  [255]
  $ hg lfs-locks --config lfs.url=file:///some/where
  abort: file:///some/where has no locks
  (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  [255]
  $ hg lfs-locks --config lfs.url=http://localhost:$HGPORT1/
  abort: LFS error: $ECONNREFUSED$
  [50]
  $ hg lfs-locks --config paths.default=$TESTTMP/nowhere
  abort: LFS error: repository $TESTTMP/nowhere not found
  [50]
  $ cd ..

A damaged database refuses pushes with the reason; it never counts as empty.

  $ hg -R near lfs-lock near/text
  near/text: already locked by * since * UTC (glob)
  [1]
  $ printf 'not a database, not even in the slightest' > server/.hg/lfs/locks.sqlite3
  $ echo again >> near/text
  $ hg -R near commit -qm again
  $ hg -R near push -q
  transaction abort!
  rollback completed
  abort: the locks are out of reach: file is not a database
  (see 'hg admin::lfs-locks --repair', in the repository that has them)
  [50]
  $ hg -R near lfs-locks
  abort: the locks are out of reach: file is not a database
  [50]

Over HTTP the same.

  $ hg -R server serve -d -p $HGPORT2 --pid-file=hg.pid -E errors.log --config 'web.allow-push=*' --config web.push_ssl=no
  $ cat hg.pid >> $DAEMON_PIDS
  $ hg -R near push -q http://localhost:$HGPORT2/
  remote: the locks are out of reach: file is not a database
  remote: (see 'hg admin::lfs-locks --repair', in the repository that has them)
  abort: push failed on remote
  [100]
  $ cat errors.log
