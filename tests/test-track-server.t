A server refuses big files that are not tracked as large ones.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [lfs]
  > track = none()
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > large-file-limit = 0
  > [extensions]
  > strip =
  > EOS
  $ hg init server
  $ cat >> server/.hg/hgrc <<EOS
  > [lfs]
  > maxplainsize = 10000
  > EOS
  $ serve server
  $ http=http://localhost:$HGPORT/
  $ ssh=ssh://user@dummy/server
  $ hg init work
  $ cd work
  $ size() { "$PYTHON" -c 'import sys; open(sys.argv[1], "w").write("x" * int(sys.argv[2]))' $1 $2; }
  $ size most 10000
  $ hg commit -Aqm 'as much as may be'
  $ hg push -q $http
  $ hg copy -q most copy
  $ hg commit -qm 'a copy, whose text begins with what it was copied from'
  $ hg push -q $http
  $ size big 20000
  $ hg commit -Aqm 'too much'
  $ hg remove big
  $ hg commit -qm 'too late'
  $ hg push $http
  pushing to http://localhost:$HGPORT/
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: transaction abort!
  remote: rollback completed
  remote: big in changeset 009b216962aa has 19.5 KB and is not a large file
  remote: (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  abort: push failed on remote
  [100]
  $ hg push $ssh
  pushing to ssh://user@dummy/server
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: transaction abort!
  remote: rollback completed
  remote: big in changeset 009b216962aa has 19.5 KB and is not a large file
  remote: (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  abort: push failed on remote
  [100]
  $ hg push ../server
  pushing to ../server
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  transaction abort!
  rollback completed
  abort: big in changeset 009b216962aa has 19.5 KB and is not a large file
  (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  [255]
  $ hg bundle -q --base 1 -r tip ../big.hg
  $ hg -R ../server unbundle ../big.hg
  adding changesets
  adding manifests
  adding file changes
  transaction abort!
  rollback completed
  abort: big in changeset 009b216962aa has 19.5 KB and is not a large file
  (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  [255]
  $ hg -R ../server log -T '{rev} {desc}\n'
  1 a copy, whose text begins with what it was copied from
  0 as much as may be
  $ hg -R ../server verify -q

The files of a changeset count, not the list of files that it claims to change:

  $ cat > $TESTTMP/forged.py <<EOS
  > from mercurial import changelog, encoding, exthelper, extensions, metadata
  > from mercurial.utils import storageutil
  > eh = exthelper.exthelper()
  > cmdtable = eh.cmdtable
  > def add(orig, self, manifest, files, *args, **kwargs):
  >     claimed = encoding.environ.get(b'FILES', b'').split()
  >     files = metadata.ChangingFiles(touched=claimed)
  >     return orig(self, manifest, files, *args, **kwargs)
  > def extsetup(ui):
  >     extensions.wrapfunction(changelog.changelog, 'add', add)
  > def opened(repo):
  >     try:
  >         return repo.file(b'most', writable=True)._revlog
  >     except TypeError:  # hg <= 7.1
  >         return repo.file(b'most')._revlog
  > @eh.command(b'flag', [])
  > def flag(ui, repo):
  >     """adds a changeset with a long text that is said to be a pointer"""
  >     null, parent, link = repo.nullid, repo[b'.'], len(repo)
  >     with repo.lock(), repo.transaction(b'flag') as tr:
  >         p1 = parent.filenode(b'most')
  >         fnode = storageutil.hashrevisionsha1(b'what it stood for', p1, null)
  >         opened(repo).addrawrevision(b'x' * 2000000, tr, link, p1, null, fnode, 0x2000)
  >         manifest = parent.manifestctx().copy()
  >         manifest.read()[b'most'] = fnode
  >         mnode = manifest.write(tr, link, parent.manifestnode(), null, [b'most'], [])
  >         repo.changelog.add(mnode, None, b'flagged', tr, parent.node(), null, b'test', (0, 0))
  > EOS
  $ hg update -q 1
  $ size other 20000
  $ hg add -q other
  $ forged="--config extensions.forged=$TESTTMP/forged.py"
  $ FILES=most hg commit -qm 'adds other' $forged
  $ hg branch -q elsewhere
  $ FILES=other hg commit -qm 'adds nothing' $forged
  $ hg log -r '.^ + .' -T '{desc}: {files}\n'
  adds other: most
  adds nothing: other
  $ hg push -qf -r . $http
  remote: other in changeset dc40f71b53a4 has 19.5 KB and is not a large file
  remote: (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  abort: push failed on remote
  [100]

Nor does a flag without a pointer count:

  $ hg update -q 1
  $ FILES=most hg flag $forged
  $ hg bundle -q -r tip --base 1 ../flagged.hg -t 'none-v2;cg.version=03'
  $ hg -R ../server unbundle ../flagged.hg
  adding changesets
  adding manifests
  adding file changes
  transaction abort!
  rollback completed
  abort: most in changeset a2425c6e372c has 1.91 MB and is not a large file
  (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  [255]

Many files:

  $ for number in 1 2 3 4 5 6 7 8 9 10 11 12; do size file$number 2000$number; done
  $ hg commit -Aqm 'many'
  $ hg push -f -r tip $ssh
  pushing to ssh://user@dummy/server
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: file10 in changeset a85fe224dda0 has 195 KB and is not a large file
  remote: file11 in changeset a85fe224dda0 has 195 KB and is not a large file
  remote: file12 in changeset a85fe224dda0 has 195 KB and is not a large file
  remote: file2 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: file3 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: file4 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: file5 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: file6 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: file7 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: and 2 more
  remote: transaction abort!
  remote: rollback completed
  remote: file1 in changeset a85fe224dda0 has 19.5 KB and is not a large file
  remote: (the limit is 9.77 KB (lfs.maxplainsize); to commit it as a large file, see 'hg help -v lfs-track')
  abort: push failed on remote
  [100]

With a rule they are large files, and can be pushed:

  $ hg strip -q --keep -r .
  $ echo '[track]' > .hglfs
  $ echo '** = size(">10000")' >> .hglfs
  $ hg commit -Aqm 'large'
  $ hg push -q -f -r tip $http
  $ hg -R ../server log -r tip -T '{desc}: {files}\n'
  large: .hglfs file1 file10 file11 file12 file2 file3 file4 file5 file6 file7 file8 file9

Files that the repository itself commits or pulls may be larger:

  $ cd ../server
  $ hg update -q
  $ size own 20000
  $ rm .hglfs
  $ hg commit -Aqm 'own'
  $ hg log -r tip -T '{desc}: {files}\n'
  own: .hglfs own
  $ hg pull -q ../work -r 2
  $ hg log -r tip -T '{desc}: {files}\n'
  too much: big
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat ../errors.log
