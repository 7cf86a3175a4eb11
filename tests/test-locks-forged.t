Locks hold against changesets with a forged list of files.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/users.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > EOS
  $ cat > forge.py <<EOS
  > # commits with a list of files from the environment, instead of the true one
  > from mercurial import changelog, encoding, extensions, metadata
  > def add(orig, self, manifest, files, *args, **kwargs):
  >     claimed = encoding.environ.get(b'FILES', b'').split()
  >     files = metadata.ChangingFiles(touched=claimed)
  >     return orig(self, manifest, files, *args, **kwargs)
  > def extsetup(ui):
  >     extensions.wrapfunction(changelog.changelog, 'add', add)
  > EOS
  $ forge() { hg --config extensions.forge="$TESTTMP/forge.py" commit -q "$@"; }
  $ hg init server
  $ hg clone -q server work
  $ cd work
  $ mkdir art
  $ for name in art/one.bin art/two.bin free.bin; do echo $name > $name; done
  $ hg commit -Aqm files
  $ hg push -q
  $ cd ..
  $ serve server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ hg -R work lfs-lock work/art/one.bin work/art/two.bin \
  >     --config paths.default=http://alice:secret@localhost:$HGPORT/
  locked work/art/one.bin
  locked work/art/two.bin

Every way of transfer is tried.

  $ cat > bob.sh <<EOS
  > #!/bin/sh
  > REMOTE_USER=bob exec hg "\$@"
  > EOS
  $ chmod +x bob.sh
  $ tryall() {
  >     echo '= http'
  >     hg push -fq http://bob:secret@localhost:$HGPORT/ -r . || echo "[$?]"
  >     echo '= ssh'
  >     hg push -fq ssh://user@dummy/server -r . --remotecmd "$TESTTMP/bob.sh" || echo "[$?]"
  >     echo '= path'
  >     hg push -fq ../server -r . || echo "[$?]"
  >     echo '= unbundle'
  >     hg bundle -q -r . --base 'ancestors(.) and public()' ../forged.hg
  >     hg -R ../server unbundle -q ../forged.hg || echo "[$?]"
  >     hg update -qC 0
  >     hg -R ../server log -r tip -T 'the tip there is {rev}\n'
  > }
  $ trypush() {
  >     hg push -fq ../server -r . || echo "[$?]"
  >     hg update -qC 0
  > }
  $ cd work

A changed file, in a changeset that lists no files, and in one that lists another:

  $ echo more >> art/one.bin
  $ forge -m 'without files'
  $ hg log -r . -T '{files}\n'
  
  $ tryall
  = http
  remote: art/one.bin is locked by alice since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  = ssh
  remote: art/one.bin is locked by alice since * UTC (glob)
  remote: (see 'hg help lfs-locks')
  abort: push failed on remote
  [100]
  = path
  transaction abort!
  rollback completed
  abort: art/one.bin is locked by alice since * UTC (glob)
  (see 'hg help lfs-locks')
  [255]
  = unbundle
  transaction abort!
  rollback completed
  abort: art/one.bin is locked by alice since * UTC (glob)
  (see 'hg help lfs-locks')
  [255]
  the tip there is 0
  $ echo more >> art/one.bin
  $ echo more >> free.bin
  $ FILES=free.bin forge -m 'with the other file'
  $ tryall 2>&1 | grep -c 'art/one.bin is locked by alice'
  4

A removal, a rename in either direction, and flags:

  $ hg remove art/two.bin
  $ forge -m 'removed'
  $ trypush 2>&1 | grep '^abort'
  abort: art/two.bin is locked by alice since * UTC (glob)
  $ hg move art/two.bin elsewhere.bin
  $ FILES=elsewhere.bin forge -m 'moved away'
  $ trypush 2>&1 | grep '^abort'
  abort: art/two.bin is locked by alice since * UTC (glob)
  $ hg move --force free.bin art/two.bin
  $ FILES=free.bin forge -m 'moved over'
  $ trypush 2>&1 | grep '^abort'
  abort: art/two.bin is locked by alice since * UTC (glob)
  $ chmod +x art/one.bin
  $ forge -m 'executable'
  $ trypush 2>&1 | grep '^abort'
  abort: art/one.bin is locked by alice since * UTC (glob)
  $ hg remove art
  removing art/one.bin
  removing art/two.bin
  $ echo file > art
  $ hg add art
  $ FILES=art forge -m 'a file in place of the folder'
  $ trypush 2>&1 | grep '^abort'
  abort: art/one.bin is locked by alice since * UTC; art/two.bin is locked by alice since * UTC (glob)

A change that is reverted in the same push is still a change:

  $ echo more >> art/one.bin
  $ forge -m 'changed'
  $ hg revert -q --no-backup -r 0 art/one.bin
  $ forge -m 'and back'
  $ trypush 2>&1 | grep '^abort'
  abort: art/one.bin is locked by alice since * UTC (glob)

A forged list that names a locked file is harmless:

  $ echo more >> free.bin
  $ FILES=art/one.bin forge -m 'only claimed'
  $ hg push -q http://bob:secret@localhost:$HGPORT/ -r .
  $ hg -R ../server log -r tip -T '{desc}\n'
  only claimed

Merges
======

Alice changes her file. Earlier branches may merge the change, but not drop it.

  $ hg update -qC 0
  $ echo "alice's" >> art/one.bin
  $ hg commit -qm 'by alice'
  $ hg push -fq http://alice:secret@localhost:$HGPORT/ -r .
  $ alice=`hg log -r . -T '{node}'`
  $ hg update -qC 0
  $ echo begun > before.bin
  $ hg commit -Aqm 'begun before'
  $ before=`hg log -r . -T '{node}'`
  $ hg merge -q $alice
  $ hg revert -q --no-backup -r $before art/one.bin
  $ forge -m 'merged away'
  $ trypush 2>&1 | grep '^abort'
  abort: art/one.bin is locked by alice since * UTC (glob)
  $ hg update -qC $alice
  $ hg merge -q $before
  $ hg remove -f art/one.bin
  $ forge -m 'merged and removed'
  $ trypush 2>&1 | grep '^abort'
  abort: art/one.bin is locked by alice since * UTC (glob)
  $ for order in "$before $alice" "$alice $before"; do
  >     set $order
  >     hg update -qC $1
  >     hg merge -q $2
  >     hg commit -qm "merged $1 $2"
  >     hg push -fq http://bob:secret@localhost:$HGPORT/ -r .
  > done
  $ hg -R ../server log -r 'merge()' -T '{rev}\n'
  4
  5

The same merges with the earlier revision of the file itself, which no regular client
puts into a manifest:

  $ cat > ../mergeaway.py <<EOS
  > # commits the revision of a file that the environment has, whatever its content is
  > from mercurial import encoding, extensions, manifest
  > from mercurial.node import bin
  > def write(orig, self, tr, link, p1, p2, added, *args, **kwargs):
  >     self.read()[b'art/one.bin'] = bin(encoding.environ[b'NODE'])
  >     return orig(self, tr, link, p1, p2, sorted({*added, b'art/one.bin'}), *args, **kwargs)
  > def extsetup(ui):
  >     extensions.wrapfunction(manifest.memmanifestctx, 'write', write)
  > EOS
  $ one() { hg manifest --debug -r $1 | grep one.bin | cut -c1-40; }
  $ for order in "$before $alice" "$alice $before"; do
  >     set $order
  >     hg update -qC $1
  >     hg merge -q $2
  >     NODE=`one $before` forge -m "as before $1" --config extensions.mergeaway=../mergeaway.py
  >     test "`one .`" = "`one $before`" || echo 'not what was wanted'
  >     trypush 2>&1 | grep '^abort'
  > done
  abort: art/one.bin is locked by alice since * UTC (glob)
  abort: art/one.bin is locked by alice since * UTC (glob)
