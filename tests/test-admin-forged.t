A changeset with a forged list of files neither blocks a collection nor hides blobs.

  $ . "$TESTDIR/helpers.sh"
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
  $ hg init repo
  $ cd repo
  $ printf needed > a
  $ hg commit -Aqm one
  $ printf 'needed as well' > b
  $ hg add b
  $ FILES=no-such-file hg --config extensions.forge=../forge.py commit -qm two
  $ find .hg/store/lfs/objects -type f | xargs touch -d '30 days ago'
  $ hg admin::lfs-gc
  nothing to remove
  $ hg admin::lfs-stats -T '{path}\n' > /dev/null

Changesets that arrive during a collection are read by their manifests:

  $ cat > since.py <<EOS
  > from mercurial import registrar
  > from hgext3rd.hglfs.actions.maintenance import references
  > cmdtable = {}
  > command = registrar.command(cmdtable)
  > @command(b'since', [], b'')
  > def since(ui, repo):
  >     for reference in references.since(repo, 1):
  >         ui.write(b'%s\n' % reference.path)
  > EOS
  $ hg --config extensions.since=since.py since
  b

A file whose history is really missing is still an error.

  $ rm .hg/store/data/a.i
  $ hg admin::lfs-gc
  abort: cannot tell which blobs are named by a: its history is missing
  (see 'hg verify'; a bundle that is damaged can be moved away)
  [20]
