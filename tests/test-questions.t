The questions of docs/questions.rst, each with the commands of its answer.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/users.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > track = none()
  > EOF
  $ elsewhere="lfs.usercache=$TESTTMP/elsewhere"

How do I install it with pip?

  $ hg version --verbose | grep hglfs
    hglfs *external* (glob)

How do I install it for Debian's ``hg``, whose Python is externally managed?

  $ place=`"$PYTHON" -c 'import hgext3rd.hglfs as package; print(package.__path__[0])'`
  $ hg --config extensions.hglfs=$place version --verbose | grep hglfs
    hglfs *external* (glob)

How do I install it on Windows?

  $ HGRCPATH= hg --config extensions.hglfs=$place version --verbose | grep hglfs
    hglfs *external* (glob)

How do I upgrade?

  $ hg version --verbose | grep -c 'hglfs.*[0-9]\.[0-9]'
  1

How do I make all files of a kind large?

  $ hg init server
  $ hg clone -q server work
  $ cd work
  $ mkdir art
  $ echo 'a logo' > art/logo.psd
  $ echo 'notes' > notes.txt
  $ hg lfs-track '*.psd'
  .hglfs: + **.psd = all()
  large when committed:
    art/logo.psd (7 bytes)
  $ hg add .
  adding art/logo.psd
  adding notes.txt
  $ hg commit -m 'a logo'

Which commands are there?

  $ hg lfs | grep '^lfs-track '
  lfs-track     make files large by rules in .hglfs, or list the rules

Which files are large?

  $ hg lfs-files
  * *    7 bytes art/logo.psd (glob)

Is the content of a large file on this machine?

  $ hg lfs-files art/logo.psd
  * *    7 bytes art/logo.psd (glob)

Which changesets have changed large files?

  $ hg log -r 'lfs()' -T '{desc}\n'
  a logo

What will my commit store as large files?

  $ echo 'an icon' > art/icon.psd
  $ hg add -q art/icon.psd
  $ hg lfs-status
  large when committed (1 file, 8 bytes):
    art/icon.psd (8 bytes, .hglfs:2: **.psd = all())
  uploaded by a push, unless the server has them (1 file, 7 bytes):
    art/logo.psd (7 bytes)

How much will a push upload, or an update download?

  $ hg commit -m 'an icon'
  $ hg lfs-status
  uploaded by a push, unless the server has them (2 files, 15 bytes):
    art/icon.psd (8 bytes)
    art/logo.psd (7 bytes)
  $ hg push -q

I committed a big file without a rule. What now?

  $ echo 'an image of a disk' > disk.iso
  $ hg commit -Aqm 'a disk' --config lfs.warnsize=10B
  warning: disk.iso (19 bytes) is committed as it is, not as a large file
  (no rule in .hglfs matches: see 'hg help -v lfs-track' for how to change that)
  $ hg --config extensions.strip= strip --keep -r . -q
  $ hg lfs-track '*.iso'
  .hglfs: + **.iso = all()
  large when committed:
    disk.iso (19 bytes)
  $ hg add disk.iso
  $ hg commit -m 'a disk'
  $ hg files -r . 'set:lfs()'
  art/icon.psd
  art/logo.psd
  disk.iso
  $ hg push -q

How do I merge a binary file?

  $ printf 'mine\0' > art/logo.psd
  $ hg commit -qm 'my logo'
  $ hg update -q '.^'
  $ printf 'theirs\0' > art/logo.psd
  $ hg commit -qm 'their logo'
  $ hg update -q '.^'
  $ hg update -q 'desc("my logo")'
  $ hg merge -q --tool :fail
  [1]
  $ hg resolve --tool :other art/logo.psd
  (no more unresolved files)
  $ hg commit -m 'merge'
  $ hg cat -r . art/logo.psd | tr '\0' '\n'
  theirs
  $ hg push -q
  $ cd ..

How do I come from git-lfs?

What follows the export is tested here, with a repository that is as it leaves it;
tests/real has git-lfs itself.

#if git
  $ git init -q old.git
  $ cd old.git
  $ git config user.name test
  $ git config user.email test@example.com
  $ echo 'a picture' > picture.psd
  $ git add picture.psd
  $ git commit -qm 'a picture'
  $ cd ..
  $ hg convert --config extensions.convert= --config lfs.track='**.psd' old.git new -q
  $ hg -R new files -r tip 'set:lfs()'
  new/picture.psd
  $ rm -r new
#endif

How do I come from ``largefiles``?

  $ largefiles='--config extensions.largefiles= --config extensions.hglfs=!'
  $ hg $largefiles init old
  $ echo 'a picture' > old/picture.psd
  $ hg $largefiles -R old add --large old/picture.psd
  $ hg $largefiles -R old commit -m 'a picture'
  $ hg --config extensions.largefiles= lfconvert --to-normal old new --config lfs.track='**.psd' -q
  $ hg -R new files -r tip 'set:lfs()'
  new/picture.psd
  $ hg -R new cat -r tip new/picture.psd
  a picture
  $ rm -r new old

How do I come from Mercurial's own ``lfs``?

  $ stock='--config extensions.hglfs=! --config extensions.lfs='
  $ hg $stock init stock
  $ cd stock
  $ echo 'a picture' > picture.psd
  $ hg $stock commit -Aqm 'a picture' --config 'lfs.track=all()'
  $ hg files -r . 'set:lfs()'
  picture.psd
  $ hg verify -q

How do I go back to it?

  $ hg admin::clone-bundles-clear
  $ hg $stock verify -q
  $ hg $stock cat -r . picture.psd
  a picture
  $ cd ..

How do I make old revisions of a plain history large?

  $ hg init old
  $ echo 'a picture' > old/picture.psd
  $ hg -R old commit -Aqm 'a picture'
  $ hg -R old files -r . 'set:lfs()'
  [1]
  $ hg convert --config extensions.convert= --config lfs.track='**.psd' old new -q
  $ hg -R new files -r tip 'set:lfs()'
  new/picture.psd
  $ cd work

How do I free the disk?

  $ hg lfs-du | grep '^store'
  store                         5    46 bytes  $TESTTMP/work/.hg/store/lfs/objects
  $ echo 'a mistake' > art/mistake.psd
  $ hg commit -Aqm 'a mistake'
  $ hg --config extensions.strip= strip -q --no-backup -r .
  $ hg admin::lfs-gc --delete --grace 0s
  * 10 bytes (glob)
  1 blob removed (10 bytes)
  $ hg admin::lfs-gc --delete --grace 0s
  nothing to remove

Which files are so big?

  $ hg lfs-du --by extension
    files        size        here  extension
        1    19 bytes    19 bytes  .iso
        2    15 bytes    15 bytes  .psd
        3    34 bytes    34 bytes  (all)
  $ hg lfs-du --by folder
    files        size        here  folder
        1    19 bytes    19 bytes  .
        2    15 bytes    15 bytes  art
        3    34 bytes    34 bytes  (all)

Where is the cache?

  $ hg lfs-du | grep cache
  user cache                    7    66 bytes  $TESTTMP/.cache/lfs
    in the cache alone          1    10 bytes
  $ rm -r "`hg debug::lfs-local-cache -T '{path}'`"

Why does it not connect?

  $ hg lfs-env | tail -n 4
    lfs.usercache = $TESTTMP/.cache/lfs ($HGRCPATH:*) (glob)
  checks:
    $TESTTMP/server: ok
      locks: yes

What should a report of a bug have?

  $ hg lfs-env --no-check | head -n 1
  hg-lfs:       [0-9.]+ (re)

How do I clone only a part?

  $ mkdir src
  $ echo 'text' > src/text
  $ hg commit -Aqm 'a text'
  $ hg push -q
  $ cd ..
  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ cat >> "$HGRCPATH" <<EOF
  > [auth]
  > here.prefix = localhost
  > here.schemes = http
  > here.username = alice
  > here.password = secret
  > EOF
  $ hg clone --config lfs.fetchexclude='*.psd' http://localhost:$HGPORT/ part --config $elsewhere -q
  $ cd part
  $ cat src/text
  text
  $ head -n 1 art/logo.psd
  version https://git-lfs.github.com/spec/v1

How do I get the content of a placeholder?

  $ hg lfs-checkout art/logo.psd -q --config $elsewhere
  $ head -n 1 art/logo.psd | grep -c version
  0
  [1]
  $ cd ..

How do I make a mirror?

  $ hg clone --noupdate http://localhost:$HGPORT/ mirror -q
  $ hg -R mirror lfs-fetch --all -q --config $elsewhere
  $ blobs mirror | wc -l | tr -d ' '
  5

No server has a blob. How do I go on?

  $ hg -R mirror update -q --config lfs.missing=placeholder
  $ rm -rf mirror part "$TESTTMP/elsewhere"

How do I work offline?

  $ hg clone -q --noupdate http://localhost:$HGPORT/ away
  $ cd away
  $ hg update 0 --config $elsewhere
  lfs: downloaded 1 files (7 bytes)
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg lfs-fetch -r 'all()' -q --config $elsewhere
  $ hg lfs-fetch --all
  lfs: nothing to download
  $ blobs . | wc -l | tr -d ' '
  5
  $ for rev in 0 1 2; do hg update -q -r $rev --config paths.default= || exit 1; done

How do I limit bandwidth?

  $ hg update null -q
  $ rm -r .hg/store/lfs "$TESTTMP/elsewhere"
  $ hg update --config lfs.bandwidth=2MB -r 0 --config $elsewhere
  lfs: downloaded 1 files (7 bytes)
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved

A blob is damaged. What now?

  $ oid=`hg debugdata art/logo.psd 0 | sed -n 's/^oid sha256://p'`
  $ blob=.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ hg update -q null
  $ rm -r "$TESTTMP/elsewhere"
  $ rm -f $blob
  $ echo noise > $blob
  $ hg update -q 0 --config $elsewhere
  lfs: art/logo.psd: its blob is damaged, and was moved to $TESTTMP/away/.hg/lfs/quarantine/* (glob)
  $ cat art/logo.psd
  a logo
  $ rm ../server/$blob
  $ hg debuglfsupload -r 0
  lfs: uploaded 1 files (7 bytes)
  $ cat ../server/$blob
  a logo
  $ rm -f $blob
  $ echo noise > $blob
  $ hg lfs-fsck --repair -q --config $elsewhere
  art/logo.psd@*: damaged; repaired from * (glob)

What does this message mean?

  $ hg update -q 0 --config lfs.url=here
  $ hg debuglfsupload -r 0 --config lfs.url=here
  abort: lfs.url needs to be configured
  (lfs.url is "here", not a URL such as https://HOST/PATH or file:///PATH)
  [255]

How do I lock a file?

  $ hg lfs-lock art/logo.psd
  locked art/logo.psd
  $ hg lfs-unlock art/logo.psd
  unlocked art/logo.psd
  $ hg lfs-lock art/logo.psd
  locked art/logo.psd

Who has the lock?

  $ hg lfs-locks --path art/logo.psd -T '{path} {owner}\n'
  art/logo.psd alice
  $ hg lfs-files --locks -T '{path} {lock}\n' art/logo.psd
  art/logo.psd alice

Can files be read-only until I lock them?

  $ cd ..
  $ hg clone -q http://bob:secret@localhost:$HGPORT/ bob --config $elsewhere
  $ cd bob
  $ printf '[auth]\nhere.username = bob\n' >> .hg/hgrc
  $ hg lfs-locks --path art/logo.psd -T '{path} {owner}\n'
  art/logo.psd alice
  $ echo 'by bob' > art/logo.psd
  $ hg commit -m 'by bob'
  $ hg push -q
  remote: art/logo.psd is locked by alice since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]

How do I break a lock?

  $ hg lfs-unlock --force art/logo.psd
  unlocked art/logo.psd
  $ hg push -q
  $ cd ..

How do I use GitHub or GitLab?

  $ foreign() { # KIND PORT: start such a server
  >     "$PYTHON" "$TESTDIR/foreignserver.py" $1 $2 $1 $1.pid
  >     "$RUNTESTDIR/testlib/wait-on-file" 60 $1.pid
  >     cat $1.pid >> "$DAEMON_PIDS"
  > }
  $ foreign gitlab $HGPORT1
  $ hg clone -q server hosted
  $ cd hosted
  $ hg verify -q
  $ cat >> .hg/hgrc <<EOF
  > [lfs]
  > url = http://localhost:$HGPORT1/lfs
  > EOF
  $ hg debuglfsupload -r 'all()'
  lfs: uploaded 6 files (*) (glob)
  $ hg update -q null
  $ rm -r .hg/store/lfs "`hg debug::lfs-local-cache -T '{path}'`"
  $ hg update
  lfs: downloaded 3 files (*) (glob)
  6 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ hg verify -q
  $ cd ..
  $ test -e gitlab/log
  [1]

Can blobs be kept in S3?

  $ foreign signed $HGPORT2
  $ hg -R hosted debuglfsupload -r 'all()' --config lfs.url=http://localhost:$HGPORT2/lfs
  lfs: uploaded 6 files (*) (glob)
  $ test -e signed/log
  [1]

How do I fetch large files in CI?

  $ hg clone --noupdate http://localhost:$HGPORT/ job -q
  $ cd job
  $ hg update --clean 0 --config lfs.usercache=$TESTTMP/kept
  lfs: downloaded 1 files (7 bytes)
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cd ..
  $ rm -r job
  $ hg clone --noupdate http://localhost:$HGPORT/ job -q
  $ hg -R job update --clean 0 --config lfs.usercache=$TESTTMP/kept
  3 files updated, 0 files merged, 0 files removed, 0 files unresolved

How do I back up a server?

  $ hg clone -q --pull --noupdate server backup
  $ mkdir -p backup/.hg/store/lfs/objects
  $ hg -R backup pull -q
  $ cp -R server/.hg/store/lfs/objects/. backup/.hg/store/lfs/objects
  $ hg -R backup verify -q --config paths.default= --config $elsewhere-none

How do I monitor a server?

  $ cd server
  $ hg admin::lfs-scrub
  $ hg admin::clone-bundles-status --check

How do I set a quota?

  $ hg admin::lfs-stats | head -n 1
  objects:          6 (*) (glob)
  $ cd ..
  $ hg -R work pull -qu
  $ echo 'far too much' > work/art/big.psd
  $ hg -R work commit -Aqm 'big'
  $ hg -R work push -q server --config lfs.maxsize=5B
  abort: art/big.psd: lfs object * has 13 bytes; objects of over 5 bytes are not taken (glob)
  (the limit is lfs.maxsize in the configuration of the repository there)
  [50]
