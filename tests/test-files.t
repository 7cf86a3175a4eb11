A new user looks which files are large, and where their content is.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/users.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [lfs]
  > track = none()
  > EOS
  $ content() { for n in `seq $1`; do echo "line $n"; done; }
  $ hg init server
  $ hg init work
  $ cd work
  $ hg lfs-files
  no large files
  $ mkdir art docs
  $ content 300 > art/logo.psd
  $ content 200 > art/sky.psd
  $ content 300 > art/copy.psd
  $ echo words > docs/words.txt
  $ cat > .hglfs <<EOS
  > [track]
  > **.psd = all()
  > path:docs = size(">1KB")
  > EOS

What is not committed has no object id yet. The rules decide.

  $ hg lfs-files
  no large files
  $ hg add -q
  $ hg lfs-files
  added             2.53 KB art/copy.psd
  added             2.53 KB art/logo.psd
  added             1.65 KB art/sky.psd
  $ hg commit -qm 'first'
  $ hg lfs-files
  77ed7fe0c7ed *    2.53 KB art/copy.psd
  77ed7fe0c7ed *    2.53 KB art/logo.psd
  b9ef72302ace *    1.65 KB art/sky.psd
  $ hg lfs-files -v art/sky.psd
  b9ef72302ace *    1.65 KB art/sky.psd  (.hglfs:2: **.psd = all())

Patterns are as in all commands, and relative to where one is.

  $ cd art
  $ hg lfs-files 'glob:s*'
  b9ef72302ace *    1.65 KB sky.psd
  $ hg lfs-files -X 'glob:s*' -T '{path} {relpath(path)}\n'
  art/copy.psd copy.psd
  art/logo.psd logo.psd
  $ hg lfs-files ../docs
  no large file matches
  [1]
  $ hg lfs-files no-such-file
  no-such-file: $ENOENT$
  no large file matches
  [1]
  $ hg lfs-files -I path:docs
  no large file matches
  [1]
  $ cd ..
  $ hg lfs-files path:art/sky.psd path:docs/words.txt -q
  b9ef72302ace *    1.65 KB art/sky.psd

Changes: to the size, to the rules, to what there is.

  $ content 400 > art/sky.psd
  $ content 250 > docs/words.txt
  $ echo 'no longer' > art/note.txt
  $ hg add -q art/note.txt
  $ rm art/logo.psd
  $ hg mv art/copy.psd art/moved.psd
  $ hg lfs-files
  77ed7fe0c7ed *    2.53 KB art/logo.psd  (deleted)
  added             2.53 KB art/moved.psd
  modified          3.41 KB art/sky.psd
  modified          2.09 KB docs/words.txt
  $ hg lfs-files -T '{path}: {state} {present} {size} {rule}\n'
  art/logo.psd: deleted store 2592 .hglfs:2: **.psd = all()
  art/moved.psd: added  2592 .hglfs:2: **.psd = all()
  art/sky.psd: modified  3492 .hglfs:2: **.psd = all()
  docs/words.txt: modified  2142 .hglfs:3: path:docs = size(">1KB")
  $ hg files 'set:lfs()'
  art/logo.psd
  art/moved.psd
  art/sky.psd
  docs/words.txt
  $ hg status 'set:lfs()'
  M art/sky.psd
  M docs/words.txt
  A art/moved.psd
  R art/copy.psd
  ! art/logo.psd
  $ hg status 'set:not lfs()'
  A art/note.txt
  $ hg files 'set:**.txt & lfs()'
  docs/words.txt
  $ hg files 'set:lfs() & modified()'
  art/sky.psd
  docs/words.txt

Data.

  $ hg lfs-files -T json art/sky.psd art/logo.psd
  [
   {
    "oid": "77ed7fe0c7ed51724075284fbb2a4f75fb9eace379d92542d82982a95b4d787f",
    "path": "art/logo.psd",
    "present": "store",
    "rule": ".hglfs:2: **.psd = all()",
    "size": 2592,
    "state": "deleted"
   },
   {
    "oid": null,
    "path": "art/sky.psd",
    "present": null,
    "rule": ".hglfs:2: **.psd = all()",
    "size": 3492,
    "state": "modified"
   }
  ]
  $ hg lfs-files -r . -T json art/sky.psd
  [
   {
    "oid": "b9ef72302ace71cdbbc1bfb2294be49b8349cbd19391a44e0f6493a7a76565e5",
    "path": "art/sky.psd",
    "present": "store",
    "rule": ".hglfs:2: **.psd = all()",
    "size": 1692,
    "state": "committed"
   }
  ]

A revision is listed by its own rules.

  $ hg revert -q --all --no-backup
  $ rm art/moved.psd art/note.txt
  $ printf '[track]\n**.exr = all()\n' > .hglfs
  $ echo more >> art/sky.psd
  $ hg commit -qm 'other rules'
  $ hg lfs-files -v
  77ed7fe0c7ed *    2.53 KB art/copy.psd
  77ed7fe0c7ed *    2.53 KB art/logo.psd
  $ hg lfs-files -v -r 0
  77ed7fe0c7ed *    2.53 KB art/copy.psd  (.hglfs:2: **.psd = all())
  77ed7fe0c7ed *    2.53 KB art/logo.psd  (.hglfs:2: **.psd = all())
  b9ef72302ace *    1.65 KB art/sky.psd  (.hglfs:2: **.psd = all())
  $ hg lfs-files -r 0 -T '{path}: {state} {rule}\n' art/sky.psd
  art/sky.psd: committed .hglfs:2: **.psd = all()
  $ hg lfs-files -r null
  no large files
  $ hg lfs-files -r 0 no-such-file
  no-such-file: no such file in rev d65160ae68fe
  no large file matches
  [1]
  $ hg lfs-files -r no-such-revision
  abort: unknown revision 'no'
  [10]

Rules that are invalid are reported in the working directory. In history, they are a
warning.

  $ echo 'nonsense' > .hglfs
  $ hg lfs-files
  config error at .hglfs:1: nonsense
  [30]
  $ printf '[track]\n**.psd = nonsense()\n' > .hglfs
  $ hg lfs-files
  abort: parse error in .hglfs: unknown identifier: nonsense
  (see .hglfs:2; did you mean none?)
  [255]
  $ hg revert -q --no-backup .hglfs
  $ hg import -q --bypass - <<EOS
  > # HG changeset patch
  > invalid rules
  > diff --git a/.hglfs b/.hglfs
  > --- a/.hglfs
  > +++ b/.hglfs
  > @@ -1,2 +1,2 @@
  >  [track]
  > -**.exr = all()
  > +**.psd = nonsense()
  > EOS
  $ hg lfs-files -r tip -T '{path} {rule}\n'
  warning: the rules in .hglfs of bf054851b689 are not shown: parse error in .hglfs: unknown identifier: nonsense
  art/copy.psd 
  art/logo.psd 
  $ hg --config extensions.strip= strip -q --no-backup tip

Where the content is: here, in the cache, or not on this machine.

  $ hg push -q ../server
  $ cd ..
  $ hg clone -qU server clone
  $ cd clone
  $ hg lfs-files -r 0
  77ed7fe0c7ed c    2.53 KB art/copy.psd
  77ed7fe0c7ed c    2.53 KB art/logo.psd
  b9ef72302ace c    1.65 KB art/sky.psd
  $ hg lfs-files
  no large files
  $ hg lfs-files -r 0 --config lfs.usercache=$TESTTMP/empty
  77ed7fe0c7ed -    2.53 KB art/copy.psd
  77ed7fe0c7ed -    2.53 KB art/logo.psd
  b9ef72302ace -    1.65 KB art/sky.psd
  $ hg files -r 0 'set:lfs(missing)'
  [1]
  $ hg files -r 0 'set:lfs(missing)' --config lfs.usercache=$TESTTMP/empty
  art/copy.psd
  art/logo.psd
  art/sky.psd
  $ hg update -q --config lfs.usercache=$TESTTMP/empty
  $ hg lfs-files --config lfs.usercache=$TESTTMP/empty
  77ed7fe0c7ed *    2.53 KB art/copy.psd
  77ed7fe0c7ed *    2.53 KB art/logo.psd
  $ hg lfs-files -r 0 -T '{path} {present}\n' --config lfs.usercache=$TESTTMP/empty
  art/copy.psd store
  art/logo.psd store
  art/sky.psd missing
  $ hg files 'set:lfs(missing)' --config lfs.usercache=$TESTTMP/empty
  [1]
  $ hg log -r 0 -T '{lfs_files % "{file} {lfssize} {lfspresent}\n"}' --config lfs.usercache=$TESTTMP/empty
  art/copy.psd 2592 store
  art/logo.psd 2592 store
  art/sky.psd 1692 missing

A blob of another size is not the content. No content is read.

  $ oid=`hg lfs-files -r . -T '{oid}' art/logo.psd`
  $ blob=.hg/store/lfs/objects/`echo $oid | cut -c1-2`/`echo $oid | cut -c3-`
  $ rm $blob
  $ echo damaged > $blob
  $ hg lfs-files art/logo.psd --config lfs.usercache=$TESTTMP/empty
  77ed7fe0c7ed c    2.53 KB art/logo.psd
  $ cd ..

Which changesets touch large files.

  $ cd work
  $ hg update -qC .
  $ hg rm -q art/logo.psd
  $ hg commit -qm 'remove a large one'
  $ echo more >> docs/words.txt
  $ hg commit -qm 'a change of a small one'
  $ hg log -r 'lfs()' -T '{rev} {desc}: {lfs_files}\n'
  0 first: art/copy.psd art/logo.psd art/sky.psd
  2 remove a large one: art/logo.psd
  $ hg log -r 'lfs("art/sky.psd")' -T '{rev}\n'
  0
  $ hg log -r 'lfs(art)' -T '{rev}\n'
  0
  2
  $ cd art
  $ hg log -r 'lfs("sky.psd")' -T '{rev}\n'
  0
  $ cd ..
  $ hg log -r 'lfs("glob:art/l*")' -T '{rev}\n'
  0
  2
  $ hg log -r 'lfs("set:size(\">2000\")")' -T '{rev}\n'
  0
  $ hg log -r 'lfs("docs")' -T '{rev}\n'
  $ hg log -r 'last(lfs())' -T '{rev}\n'
  2
  $ hg log -r 'lfs(a, b)'
  hg: parse error: lfs takes one or no arguments
  [10]
  $ echo changed > art/new.exr
  $ hg add -q art/new.exr
  $ hg log -r 'wdir() and lfs()' -T '{rev}\n'
  2147483647
  $ hg log -r 'wdir() and lfs("glob:*.psd")' -T '{rev}\n'
  $ hg help revisions | grep -A3 '"lfs('
      "lfs([pattern])"
        Changesets that add, modify or remove large files.
  
        The pattern selects files. Without a kind, such as "glob:", it is the

Filesets take no other arguments, and rules no such filesets.

  $ hg files -r . 'set:lfs(1)'
  hg: parse error: lfs takes no arguments
  [10]
  $ hg files 'set:lfs(missing, locked)'
  hg: parse error: lfs takes no arguments
  [10]
  $ hg files 'set:lfs("")'
  hg: parse error: lfs takes no arguments
  [10]
  $ for rule in 'lfs()' 'lfs(missing)'; do
  >     hg lfs-files --config "lfs.track=$rule" --cwd ../server
  > done
  hg: parse error: unknown identifier: lfs
  hg: parse error: unknown identifier: lfs
  [10]
  $ for rule in 'lfs()' 'lfs(missing)' 'lfs(locked)'; do
  >     printf '[track]\n** = %s\n' "$rule" > .hglfs
  >     hg lfs-track
  > done
  abort: parse error in .hglfs: unknown identifier: lfs
  (see .hglfs:2)
  abort: parse error in .hglfs: unknown identifier: lfs
  (see .hglfs:2)
  abort: parse error in .hglfs: unknown identifier: lfs
  (see .hglfs:2)
  [255]
  $ hg revert -q --no-backup .hglfs

In a repository without large files nothing is large.

  $ hg init ../plain
  $ cd ../plain
  $ echo text > text
  $ hg commit -qAm text
  $ hg lfs-files
  no large files
  $ hg lfs-files text
  no large file matches
  [1]
  $ hg files 'set:lfs()'
  [1]
  $ hg log -r 'lfs()'
  $ hg files 'set:lfs(missing)'
  [1]
  $ cd ..

Locks
=====

  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ for user in alice bob; do
  >     hg clone -q http://$user:secret@localhost:$HGPORT/ $user
  >     printf "[auth]\nx.prefix = http://localhost:$HGPORT\nx.username = $user\nx.password = secret\n" >> $user/.hg/hgrc
  > done
  $ cd bob
  $ hg lfs-lock 'set:**.psd & lfs()'
  locked art/copy.psd
  locked art/logo.psd
  $ hg lfs-lock 'set:lfs() & added()'
  'set:lfs() & added()' matches no file
  [1]
  $ hg lfs-lock 'glob:*.doc' art/sky.psd
  'glob:*.doc' matches no file
  locked art/sky.psd
  [1]
  $ hg lfs-unlock 'glob:*.doc'
  glob:*.doc: nothing to unlock
  [1]
  $ hg lfs-unlock art/copy.psd
  unlocked art/copy.psd
  $ hg lfs-locks --path 'set:lfs()' -T '{path} {owner}\n'
  art/logo.psd bob
  $ hg lfs-locks --path 'glob:docs/**'
  $ hg lfs-locks --path 'glob:*.doc'
  'glob:*.doc' matches no file
  [1]
  $ cd ../alice
  $ hg lfs-files --locks
  77ed7fe0c7ed *    2.53 KB art/copy.psd
  77ed7fe0c7ed *    2.53 KB art/logo.psd  (locked by bob)
  $ hg lfs-files --locks -T '{path} {lock}\n'
  art/copy.psd 
  art/logo.psd bob
  $ hg lfs-files -T '{path} {lock}\n'
  art/copy.psd 
  art/logo.psd 
  $ hg files 'set:lfs(locked)'
  art/logo.psd
  $ hg files -r 0 'set:lfs(locked)'
  art/logo.psd
  art/sky.psd
  $ hg files 'set:docs/** & lfs(locked)'
  [1]
  $ hg log -r 0 -T '{lfs_files % "{file} {lfslock}\n"}'
  art/copy.psd 
  art/logo.psd bob
  art/sky.psd bob
  $ cd ..

The server is asked once in a command, and not at all unless it has to be.

  $ requests() { grep -c 'GET /.git/info/lfs/locks.* 200 ' access.log; }
  $ before=`requests`
  $ hg -R alice files 'set:lfs(locked) or not lfs(locked)' | wc -l | tr -d ' '
  5
  $ hg -R alice log -r 'all()' -T '{lfs_files % "{lfslock}"}\n' > /dev/null
  $ expr `requests` - $before
  2
  $ hg -R alice log -r 0 -T '{lfs_files % "{file} {lfspresent}"}\n' > /dev/null
  $ hg --cwd alice files 'set:docs/** & lfs(locked)'
  [1]
  $ hg -R alice lfs-files > /dev/null
  $ expr `requests` - $before
  2
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ hg -R alice files 'set:lfs(locked)'
  abort: LFS error: $ECONNREFUSED$
  [50]
  $ hg -R alice files 'set:lfs()'
  alice/art/copy.psd
  alice/art/logo.psd
  $ cat errors.log
