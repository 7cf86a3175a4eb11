The real git-lfs client and locks in hg serve, for two users.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [web]
  > push_ssl = no
  > allow-push = alice, bob
  > EOF
  $ cat > basicauth.py <<EOF
  > import base64
  > from mercurial import extensions
  > from mercurial.hgweb import hgweb_mod
  > def extsetup(ui):
  >     extensions.wrapfunction(hgweb_mod.hgweb, '__call__', known)
  > def known(orig, self, environ, respond):
  >     kind, _space, text = environ.get('HTTP_AUTHORIZATION', '').partition(' ')
  >     user, _colon, password = base64.b64decode(text).decode().partition(':')
  >     if kind == 'Basic' and password == 'secret':
  >         return orig(self, {**environ, 'REMOTE_USER': user}, respond)
  >     environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
  >     challenge = ('WWW-Authenticate', 'Basic realm="test"')
  >     respond('401 Unauthorized', [challenge, ('Content-Length', '0')])
  >     return []
  > EOF
  $ hg init server
  $ hg -R server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log \
  >     --config extensions.basicauth=basicauth.py
  $ cat hg.pid >> $DAEMON_PIDS
  $ HOME=$TESTTMP; export HOME
  $ GIT_CONFIG_NOSYSTEM=1; export GIT_CONFIG_NOSYSTEM
  $ GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT
  $ git config --global user.name test
  $ git config --global user.email test@example.com
  $ git config --global init.defaultBranch main
  $ git lfs install --skip-repo
  Git LFS initialized.
  $ ids() { sed -e 's/ID:[0-9a-f]\{32\}/ID/' -e 's/[ 	]\{1,\}/ /g'; }
  $ for user in alice bob carol; do echo "http://$user:secret@localhost:$HGPORT" >> .git-credentials; done
  $ git config --global credential.helper store
  $ lfs() { echo "http://$1@localhost:$HGPORT/.git/info/lfs"; }

  $ git init -q --bare history.git
  $ git clone -q -c lfs.url=`lfs alice` history.git alice 2> clone.log
  $ cd alice
  $ git lfs track --lockable '*.bin' > track.log
  $ for name in one two 'drei ü'; do echo $name > "$name.bin"; done
  $ git add .gitattributes *.bin
  $ git commit -qm 'things'
  $ git push -q origin main > push.log 2>&1
  $ grep -o 'Locking support detected' push.log
  Locking support detected
  $ cd ..
  $ git clone -q -c lfs.url=`lfs bob` history.git bob
  $ for user in alice bob; do git -C $user config lfs.locksverify true; done

Lock and list.

  $ cd alice
  $ git lfs lock one.bin
  Locked one.bin
  $ git lfs lock 'drei ü.bin'
  Locked drei ü.bin
  $ cd ../bob
  $ git lfs locks | ids
  drei ü.bin alice ID
  one.bin alice ID
  $ git lfs lock two.bin
  Locked two.bin
  $ git lfs lock one.bin
  Locking one.bin failed: already locked by alice since * UTC (glob)
  [2]
  $ git lfs locks --verify | ids
   drei ü.bin alice ID
   one.bin alice ID
  O two.bin bob ID
  $ git lfs locks --path 'drei ü.bin' | ids
  drei ü.bin alice ID
  $ git lfs locks --limit 1 | ids
  two.bin bob ID

A push of a file that another user has locked is refused by the client.

  $ chmod u+w one.bin
  $ echo more >> one.bin
  $ git commit -qam 'by bob'
  $ git push origin main 2>&1 | grep -v '^error: failed'
  Unable to push locked files:
  * one.bin - alice (refs: main)
  Cannot update locked files.
  $ git -C ../history.git log --format=%s main
  things
  $ git reset -q --hard HEAD^
  $ echo more >> two.bin
  $ git commit -qam 'two by bob'
  $ git push origin main > push.log 2>&1
  $ grep -v '^Uploading' push.log
  Consider unlocking your own locked files: (`git lfs unlock <path>`)
  * two.bin
  To $TESTTMP/history.git
     *..*  main -> main (glob)

Unlock, by path and by id, and by force.

  $ git lfs unlock one.bin
  locked by alice since * UTC: force is needed (glob)
  [2]
  $ git lfs unlock --force 'drei ü.bin'
  Unlocked drei ü.bin
  $ git lfs unlock --force --id=no-such-id
  Unable to unlock no-such-id: there is no such lock
  [2]
  $ git lfs unlock two.bin
  Unlocked two.bin
  $ cd ../alice
  $ git lfs locks | ids
  one.bin alice ID
  $ git lfs unlock --id=`git lfs locks --json | sed 's/.*"id":"\([^"]*\)".*/\1/'`
  Unlocked Lock * (glob)
  $ git lfs locks
  $ cd ..

Mercurial's clients and git-lfs share the same locks, which hold for pushes of either.

  $ hg clone -q http://alice:secret@localhost:$HGPORT/ work
  $ cd work
  $ echo one > one.bin
  $ hg commit -Aqm one
  $ hg push -q http://alice:secret@localhost:$HGPORT/
  $ git -C ../bob lfs lock one.bin
  Locked one.bin
  $ hg lfs-locks --config paths.default=http://alice:secret@localhost:$HGPORT/ -T '{path} {owner}\n'
  one.bin bob
  $ echo more >> one.bin
  $ hg commit -qm two
  $ hg push -q http://alice:secret@localhost:$HGPORT/
  remote: one.bin is locked by bob since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  $ hg push -q http://bob:secret@localhost:$HGPORT/
  $ cd ..

Users without push permission have no locks.

  $ git -C alice config lfs.url `lfs carol`
  $ cd alice
  $ git lfs lock two.bin 2>&1
  Locking two.bin failed: push not authorized
  [2]
  $ git lfs locks | ids
  one.bin bob ID
  $ cd ..
  $ cat errors.log

A server without users has no locks: a push does not mention them, and other commands
say what has to be configured.

  $ hg init open
  $ hg -R open serve -d -p $HGPORT1 --pid-file=hg.pid -E errors.log --config web.allow-push='*'
  $ cat hg.pid >> $DAEMON_PIDS
  $ GIT_LFS_SKIP_SMUDGE=1 git clone -q -c lfs.url=http://localhost:$HGPORT1/.git/info/lfs history.git open-work
  $ cd open-work
  $ git config lfs.locksverify true
  $ chmod u+w one.bin
  $ echo open > one.bin
  $ git commit -qam 'open'
  $ git push origin main > push.log 2>&1
  $ grep -i locking push.log
  [1]
  $ git lfs lock one.bin
  Locking one.bin failed: locks are for users that the server knows: * (glob)
  [2]
  $ git lfs locks
  Error while retrieving locks: locks are for users that the server knows: * (glob)
  [2]
  $ cd ..
  $ cat errors.log
