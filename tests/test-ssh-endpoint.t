A Git LFS server whose HTTP endpoint is asked for over ssh: the user of the URL is the
one who logs in there, whichever setting has the URL.

  $ . "$TESTDIR/helpers.sh"
  $ cat > ssh.py <<EOS
  > import json, sys
  > with open('$TESTTMP/asked', 'a') as log:
  >     print(*sys.argv[1:], file=log)
  > print(json.dumps({'href': 'http://localhost:$HGPORT/.git/info/lfs'}))
  > EOS
  $ cat >> $HGRCPATH <<EOS
  > [ui]
  > ssh = "$PYTHON" $TESTTMP/ssh.py
  > EOS
  $ hg init server
  $ serve server
  $ hg init target
  $ hg init work
  $ cd work
  $ for name in one two three; do
  >   echo $name > $name
  >   hg commit -qAm $name
  > done
  $ url=ssh://git@example.com:2222/u/r.git
  $ hg push -q -r 0 ../target --config lfs.url=$url
  $ hg push -q -r 1 ../target --config lfs.pushurl=$url
  $ hg push -q -r 2 there --config paths.there=$TESTTMP/target --config paths.there:lfs.url=$url
  $ hg lfs-locks --config lfs.url=$url 2>&1 | grep abort
  abort: ssh://git@example.com:2222/u/r.git has no locks
  $ rm -r .hg/store/lfs "`hg config lfs.usercache`"
  $ hg update -q null
  $ hg update -q tip --config lfs.url=ssh://git:secret@example.com/u/r.git
  $ cat ../asked
  -p 2222 git@example.com git-lfs-authenticate /u/r.git upload
  -p 2222 git@example.com git-lfs-authenticate /u/r.git upload
  -p 2222 git@example.com git-lfs-authenticate /u/r.git upload
  -p 2222 git@example.com git-lfs-authenticate /u/r.git upload
  git@example.com git-lfs-authenticate /u/r.git download
