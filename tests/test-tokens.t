Code that reads a large file's text gets a text, and code that streams it gets all of it
or an error.

  $ . "$TESTDIR/helpers.sh"
  $ hg init repo
  $ cd repo
  $ printf 'find me\n' > words
  $ printf 'other\n' > more
  $ hg commit -Aqm first

Filesets and templates within an archive:

  $ hg archive -I 'set:grep("find")' ../found
  $ ls ../found
  words
  $ hg archive --config 'experimental.archivemetatemplate={diffstat}\n' ../told
  $ cat ../told/.hg_archival.txt
  2: +2/-0

The keyword extension:

  $ printf '$Id$\n' > keys
  $ hg add -q keys
  $ hg commit -qm 'keys' --config extensions.keyword= --config 'keyword.keys='
  $ cat keys
  $Id: keys,v * test $ (glob)
  $ hg cat -r tip keys
  $Id$

Mercurial never takes its own files for pointers:

  $ hg tag -r 0 one
  $ rm -rf .hg/cache
  $ hg log -r 1 -T '{latesttag}\n' --config lfs.diff=summary
  one
  $ hg tags -q
  tip
  one

A damaged blob is in no archive, neither whole nor in part:

  $ blob=.hg/store/lfs/objects/`hg debugdata words 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'`
  $ cp $blob ../sound
  $ printf 'find us\n' > damaged
  $ for kind in tar tgz zip files; do
  >     cp damaged $blob
  >     hg archive -t $kind ../damaged-$kind 2>&1 | grep -v '^('
  >     rm -rf .hg/lfs/quarantine
  > done
  lfs: words: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  abort: words: lfs object * is not here (glob)
  lfs: words: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  abort: words: lfs object * is not here (glob)
  lfs: words: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  abort: words: lfs object * is not here (glob)
  lfs: words: its blob is damaged, and was moved to $TESTTMP*/quarantine/* (glob)
  abort: words: lfs object * is not here (glob)
  $ cat ../damaged-*/words 2> /dev/null | grep 'find us'
  [1]
  $ cp ../sound $blob
  $ rm damaged

A file replaces a symbolic link, with the mode of a file:

  $ rm words
  $ ln -s more words
  $ umask 022
  $ hg revert -q --no-backup words
  $ ls -l words | cut -c1-10
  -rw-r--r--

A broken history is reported by verify:

  $ cp -R . ../broken
  $ cd ../broken
  $ printf '\377\377\377\377' | dd of=.hg/store/data/more.i bs=1 conv=notrunc 2> dd.log
  $ hg verify -q 2>&1 | grep -c 'more'
  [1-9][0-9]* (re)
  $ cd ..

A server does not show blobs from its user's cache:

  $ hg init private
  $ printf 'secret\n' > private/secret
  $ hg -R private commit -Aqm secret
  $ hg init public
  $ hg -R private push -q public --config lfs.url=null://
  $ hg -R public serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log
  $ cat hg.pid >> $DAEMON_PIDS
  $ "$PYTHON" "$TESTDIR/get-with-headers.py" localhost:$HGPORT 'raw-file/tip/secret' > got
  [1]
  $ grep secret got
  error: secret: lfs object * is not here (glob)
