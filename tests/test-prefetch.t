All blobs that a command will read are fetched together: one batch request, and one
transfer for each blob.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [experimental]
  > # so that each shows in the log
  > lfs.worker-enable = no
  > EOF
  $ hg init server
  $ serve server
  $ hg init work
  $ cd work
  $ printf '1\n2\n3\n4\n5\n6\n' > notes
  $ printf 'left alone\n' > other
  $ hg commit -Aqm base
  $ printf 'one\n2\n3\n4\n5\n6\n' > notes
  $ printf 'changed\n' > other
  $ hg commit -qm top
  $ hg update -q 0
  $ printf '1\n2\n3\n4\n5\nsix\n' > notes
  $ hg commit -qm bottom
  $ hg push -qf http://localhost:$HGPORT/
  $ cd ..
  $ hg clone -qU http://localhost:$HGPORT/ clone
  $ cd clone

  $ forget() {
  >   rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  >   > $TESTTMP/access.log
  > }
  $ requests() {
  >   sed -n 's/.*"\([A-Z]*\) .*lfs\/objects\/\(batch\)\{0,1\}.*/\1 \2/p' \
  >     $TESTTMP/access.log | sort | uniq -c | sed 's/^ *//; s/ $//'
  > }

An update:

  $ forget
  $ hg update -q 1
  $ requests
  2 GET
  1 POST batch

A merge needs the other side, and the ancestor as well:

  $ forget
  $ hg update -q 1
  $ rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  $ > $TESTTMP/access.log
  $ hg merge -q 2
  $ requests
  2 GET
  1 POST batch
  $ cat notes
  one
  2
  3
  4
  5
  six
  $ hg update -qC null

A grep through history, by file and by change:

  $ forget
  $ hg grep -r 'all()' six
  lfs: downloaded 5 files (59 bytes)
  notes:2:six
  $ requests
  5 GET
  1 POST batch
  $ forget
  $ hg grep --diff six
  lfs: downloaded 5 files (59 bytes)
  notes:2:+:six
  $ requests
  5 GET
  1 POST batch

A diff, a revert, cat, an archive:

  $ forget
  $ hg diff -q -r 0 -r 1 > /dev/null
  $ requests
  4 GET
  1 POST batch
  $ hg update -q 0
  $ forget
  $ hg revert -q --all -r 1
  $ requests
  2 GET
  1 POST batch
  $ hg update -qC null
  $ forget
  $ hg cat -q -r 2 notes other > /dev/null
  $ requests
  2 GET
  1 POST batch
  $ forget
  $ hg archive -q -r 1 ../archive
  $ requests
  2 GET
  1 POST batch

Verification:

  $ forget
  $ hg verify -q
  $ requests
  5 GET
  1 POST batch
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat $TESTTMP/errors.log
