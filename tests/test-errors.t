Errors of users: each says what failed and what to do, has the exit code of its kind,
and leaves the repository as it was.

  $ . "$TESTDIR/helpers.sh"
  $ state() { # REPO: what must not change
  >     hg -R "$1" log -r tip -T 'tip {rev}\n'
  >     hg -R "$1" id -n
  >     hg -R "$1" status -v 2>&1 | grep -v assuming
  >     hg -R "$1" recover
  > }
  $ fresh() { rm -rf "$1/.hg/store/lfs" `hg config lfs.usercache`; }
  $ hg init server
  $ serve server
  $ hg init work
  $ cd work
  $ echo 'first words' > story
  $ hg commit -Aqm 'first'
  $ echo 'second words' > story
  $ hg commit -qm 'second'
  $ hg push -q http://localhost:$HGPORT/
  $ cd ..
  $ hg clone -q -r 0 http://localhost:$HGPORT/ clone
  $ hg -R clone pull -q
  $ state clone
  tip 1
  0
  no interrupted transaction available
  [1]

Blob missing on the server:

  $ oid=`hg -R work debugdata story 1 | sed -n 's/^oid sha256://p'`
  $ object=server/.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ mv $object sound
  $ fresh clone
  $ hg -R clone update tip
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R clone cat -r tip clone/story
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files) (glob)
  [50]
  $ hg -R clone archive -r tip archived
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R clone diff -r 0 -r 1
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files) (glob)
  [50]
  $ hg -R clone export -r 1
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files) (glob)
  [50]
  $ state clone
  tip 1
  0
  no interrupted transaction available
  [1]

Blob corrupt on the server:

  $ echo noise > $object
  $ hg -R clone update tip
  abort: LFS server error for "story": Validation error: The object is corrupt
  [50]
  $ hg -R clone cat -r tip clone/story
  abort: LFS server error for "story": Validation error: The object is corrupt
  [50]
  $ state clone
  tip 1
  0
  no interrupted transaction available
  [1]
  $ cp sound $object

Blob corrupt in the cache: it is not used, and comes from the server.

  $ hg -R clone cat -r tip clone/story
  lfs: downloaded 1 files (13 bytes)
  second words
  $ rm -r clone/.hg/store/lfs
  $ echo noise > `hg config lfs.usercache`/`echo $oid | sed 's#^..#&/#'`
  $ hg -R clone cat -r tip clone/story
  lfs: downloaded 1 files (13 bytes)
  second words

Blob corrupt locally: verify reports it, and no command sends it.

  $ echo noise > clone/.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ hg -R clone verify
  checking changesets
  checking manifests
  crosschecking files in changesets and manifests
  lfs: fetching 1 blob (12 bytes) that is not here
  lfs: downloaded 1 files (12 bytes)
  checking files
   story@1: unpacking 4e5d5be53bb5: integrity check failed on *story:1 (glob)
  not checking dirstate because of previous errors (?)
  checked 2 changesets with 2 changes to 1 files
  1 integrity errors encountered!
  (first damaged changeset appears to be 1)
  [1]
  $ mv $object sound
  $ hg -R clone debuglfsupload -r tip
  abort: detected corrupt lfs object: 16a394ec8277d8c5c2275b4573cd342a68f2dd0976783e97751d37b3f7522490
  (run hg verify)
  [255]

Commands that read it move it aside and fetch it again, if possible:

  $ hg -R clone update tip
  lfs: story: its blob is damaged, and was moved to $TESTTMP/clone/.hg/lfs/quarantine/* (glob)
  abort: LFS server error for "story": The object does not exist
  (a damaged copy is in $TESTTMP/clone/.hg/lfs/quarantine/*; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ mv sound $object
  $ rm -r clone/.hg/lfs/quarantine
  $ state clone
  tip 1
  0
  # The repository is in an unfinished *update* state.
  
  # To continue:    hg update .
  
  no interrupted transaction available
  [1]
  $ fresh clone
  $ hg -R clone verify -q

Blob lost locally, before it was pushed:

  $ echo 'third words' > work/story
  $ hg -R work commit -m 'third'
  $ third=`hg -R work debugdata story 2 | sed -n 's/^oid sha256://p'`
  $ fresh work
  $ hg -R work push -q http://localhost:$HGPORT/
  abort: story: lfs object 3d2667a23f94878f24b0526c2fd6870c245810e9da74f5e5272e3aeb284810a3 is neither here nor on the server
  (find a repository that has it, and push it from there)
  [50]
  $ state work
  tip 2
  2
  no interrupted transaction available
  [1]
  $ hg -R server log -r tip -T '{desc}\n'
  second

Server down:

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
  $ fresh clone
  $ hg -R clone update tip
  abort: LFS error: $ECONNREFUSED$
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/.git/info/lfs)
  [50]
  $ hg -R clone cat -r tip clone/story
  abort: LFS error: $ECONNREFUSED$
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/.git/info/lfs)
  [50]
  $ hg -R work push server --config lfs.url=http://localhost:$HGPORT/.git/info/lfs
  pushing to server
  searching for changes
  abort: LFS error: $ECONNREFUSED$
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/.git/info/lfs)
  [50]
  $ state clone
  tip 1
  0
  no interrupted transaction available
  [1]

No endpoint is configured, or one of an unknown kind:

  $ hg -R clone update -q tip --config paths.default=
  abort: story: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R clone update -q tip --config paths.default=../gone
  abort: LFS error: repository */gone not found (glob)
  (check where "lfs.url" and the default path point to)
  [50]
  $ hg -R clone update -q tip --config lfs.url=gopher://localhost/
  abort: lfs: unknown url scheme: gopher
  [255]

A setting whose value is not a URL is reported before changesets are sent, for pushes to
any destination, and nothing is sent:

  $ hg init target
  $ for url in lfs.example.com/project git@host:user/r.git //host/x C:/lfs /some/path \
  >     foo ''; do
  >   hg -R work push -q target --config lfs.url="$url"
  > done
  abort: lfs.url needs to be configured
  (lfs.url is "lfs.example.com/project", not a URL such as https://HOST/PATH or file:///PATH)
  abort: lfs.url needs to be configured
  (lfs.url is "git@host:user/r.git", not a URL such as https://HOST/PATH or file:///PATH)
  abort: lfs.url needs to be configured
  (lfs.url is "//host/x", not a URL such as https://HOST/PATH or file:///PATH)
  abort: lfs.url needs to be configured
  (lfs.url is "C:/lfs", not a URL such as https://HOST/PATH or file:///PATH)
  abort: lfs.url needs to be configured
  (lfs.url is "/some/path", not a URL such as https://HOST/PATH or file:///PATH)
  abort: lfs.url needs to be configured
  (lfs.url is "foo", not a URL such as https://HOST/PATH or file:///PATH)
  abort: lfs.url needs to be configured
  (lfs.url is "", not a URL such as https://HOST/PATH or file:///PATH)
  [255]
  $ hg -R work push -q target --config lfs.pushurl=foo
  abort: lfs.url needs to be configured
  (lfs.pushurl is "foo", not a URL such as https://HOST/PATH or file:///PATH)
  [255]
  $ hg -R work push -q there --config paths.there=$TESTTMP/target \
  >     --config paths.there:lfs.url=foo
  abort: lfs.url needs to be configured
  (paths.there:lfs.url is "foo", not a URL such as https://HOST/PATH or file:///PATH)
  [255]
  $ hg -R work debuglfsupload -r 'all()' --config lfs.url=foo
  abort: lfs.url needs to be configured
  (lfs.url is "foo", not a URL such as https://HOST/PATH or file:///PATH)
  [255]
  $ hg -R work bundle -qa bundle.hg --config lfs.url=foo
  abort: lfs.url needs to be configured
  (lfs.url is "foo", not a URL such as https://HOST/PATH or file:///PATH)
  [255]
  $ hg -R work lfs-locks --config lfs.url=foo
  abort: foo has no locks
  (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  [255]
  $ hg -R target log
  $ hg init empty
  $ hg -R clone cat -r tip clone/story --config lfs.url=file://$TESTTMP/nowhere
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files) (glob)
  [50]
  $ hg -R clone update tip --config lfs.url=file://$TESTTMP/nowhere
  abort: LFS server error for "story": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ hg -R clone update -q tip --config lfs.url=null://
  abort: story: lfs object 16a394ec8277d8c5c2275b4573cd342a68f2dd0976783e97751d37b3f7522490 is not here
  (check where "lfs.url" and the default path point to; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:story DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ state clone
  tip 1
  0
  no interrupted transaction available
  [1]

An invalid .hglfs: the error has the line, and nothing is committed.

  $ hg init rules
  $ cd rules
  $ echo 'some words' > story
  $ printf '[track]\n**.bin = all()\nstory = size(\n' > .hglfs
  $ hg commit -Aqm 'first'
  abort: parse error in .hglfs: unsupported file pattern: story
  (see .hglfs:3; paths must be prefixed with "path:")
  [255]
  $ printf '[track\n' > .hglfs
  $ hg commit -Aqm 'first'
  config error at .hglfs:1: [track
  [30]
  $ printf '[track]\n** = nothing()\n' > .hglfs
  $ hg commit -Aqm 'first'
  abort: parse error in .hglfs: unknown identifier: nothing
  (see .hglfs:2)
  [255]
  $ printf '[track]\n** = size("many")\n' > .hglfs
  $ hg commit -Aqm 'first'
  abort: parse error in .hglfs: couldn't parse size: many
  (see .hglfs:2)
  [255]
  $ rm .hglfs
  $ mkdir .hglfs
  $ hg commit -Aqm 'first'
  abort: cannot read .hglfs: Is a directory
  (it selects the large files: make it readable)
  [255]
  $ rmdir .hglfs
  $ hg commit -Aqm 'first' --config 'lfs.track=all('
  hg: parse error at 4: not a prefix: end
  [10]
  $ hg id
  000000000000 tip
  $ hg log
#if no-root
  $ echo > .hglfs
  $ chmod 0 .hglfs
  $ hg commit -Aqm 'first'
  abort: cannot read .hglfs: $EACCES$
  (it selects the large files: make it readable)
  [255]
#endif
  $ cd ..

An invalid pointer in the history:

  $ cat > garble.py <<EOF
  > from mercurial import exthelper, node, revlog
  > from mercurial.utils import storageutil
  > eh = exthelper.exthelper()
  > cmdtable = eh.cmdtable
  > def opened(repo):
  >     try:
  >         return repo.file(b'story', writable=True)._revlog
  >     except TypeError:  # hg <= 7.1
  >         return repo.file(b'story')._revlog
  > @eh.command(b'garble', [], b'TEXT')
  > def garble(ui, repo, text):
  >     """adds a changeset in which a file has a broken pointer"""
  >     null, parent, link = repo.nullid, repo[b'tip'], len(repo)
  >     with repo.lock(), repo.transaction(b'garble') as tr:
  >         p1 = parent.filenode(b'story')
  >         fnode = storageutil.hashrevisionsha1(b'what it stood for', p1, null)
  >         flags = revlog.REVIDX_EXTSTORED
  >         opened(repo).addrawrevision(text, tr, link, p1, null, fnode, flags)
  >         manifest = parent.manifestctx().copy()
  >         manifest.read()[b'story'] = fnode
  >         mnode = manifest.write(tr, link, parent.manifestnode(), null, [b'story'], [])
  >         changed = [b'story']
  >         try:
  >             from mercurial import metadata
  >             changed = metadata.ChangingFiles(touched=[b'story'])
  >         except ImportError:
  >             pass
  >         repo.changelog.add(mnode, changed, b'garbled', tr, parent.node(), null, b'test', (0, 0))
  > EOF
  $ hg init garbage
  $ cd garbage
  $ echo 'some words' > story
  $ echo 'other words' > other
  $ hg commit -Aqm 'first'
  $ hg --config extensions.garble=$TESTTMP/garble.py garble 'not a pointer'
  $ hg update tip
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ hg cat -r tip story
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ hg archive -r tip ../garbled
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ hg push ../empty --config lfs.url=file://$TESTTMP/elsewhere
  pushing to ../empty
  searching for changes
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ hg diff -r 0 -r tip
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ hg log -r tip -T '{lfs_files}\n'
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ hg verify
  checking changesets
  checking manifests
  crosschecking files in changesets and manifests
  checking files
   story@1: unpacking b6b61aca5c32: missing lfs pointer keys: oid, size, version
  not checking dirstate because of previous errors (?)
  checked 2 changesets with 3 changes to 2 files
  1 integrity errors encountered!
  (first damaged changeset appears to be 1)
  [1]
  $ hg files -r tip 'set:lfs()'
  abort: lfs: corrupted pointer (story@3a420201010b): missing lfs pointer keys: oid, size, version
  
  [255]
  $ cat story other
  some words
  other words
  $ state .
  tip 1
  0
  no interrupted transaction available
  [1]
  $ hg -R ../empty log
  $ cd ..
