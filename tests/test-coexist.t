One of two extensions handles a repository with large files: hg-lfs, wherever it is
enabled.

  $ cat >> $HGRCPATH <<EOF
  > [lfs]
  > track = all()
  > [extensions]
  > share =
  > EOF
  $ BASERC=$HGRCPATH

Prints which of them is active: "stock" has a store of another kind.

  $ cat > who.py <<'EOF'
  > from mercurial import registrar
  > cmdtable = {}
  > command = registrar.command(cmdtable)
  > @command(b'who', norepo=False)
  > def who(ui, repo):
  >     stock = hasattr(repo.svfs, 'lfslocalblobstore')
  >     ours = b'hglfs' in repo.svfs.options
  >     ui.write(b'%s%s\n' % (b'stock' * stock, b'ours' * ours))
  > EOF
  $ cat >> $HGRCPATH <<EOF
  > [extensions]
  > who = $TESTTMP/who.py
  > EOF
  $ path=`"$PYTHON" -c 'import hgext3rd.hglfs; print(hgext3rd.hglfs.__path__[0])'`
  $ for ext in lfs hglfs; do
  >     hg --config extensions.$ext= init made-by-$ext
  >     echo 'a large file' > made-by-$ext/file
  >     hg --config extensions.$ext= -R made-by-$ext commit -Aqm 'a large file'
  > done

Both enabled, in either order; hg-lfs alone; by path, under any name.

  $ for lines in 'lfs= hglfs=' 'hglfs= lfs=' 'hglfs=' "lfs=$path" \
  >     "other=$path" "lfs=$path hglfs=!" "lfs= other=$path" "other=$path lfs="; do
  >     echo "[extensions] $lines" | sed -e "s#$path#PATH#"
  >     { echo '[extensions]'; printf '%s\n' $lines; } > both.rc
  >     for repo in made-by-lfs made-by-hglfs; do
  >         HGRCPATH=$BASERC:both.rc hg -R $repo who
  >         HGRCPATH=$BASERC:both.rc hg -R $repo cat $repo/file
  >         HGRCPATH=$BASERC:both.rc hg -R $repo verify -q
  >     done
  >     HGRCPATH=$BASERC:both.rc hg clone -q made-by-lfs clone
  >     cat clone/file
  >     rm -r clone
  > done
  [extensions] lfs= hglfs=
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] hglfs= lfs=
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] hglfs=
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] lfs=PATH
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] other=PATH
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] lfs=PATH hglfs=!
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] lfs= other=PATH
  ours
  a large file
  ours
  a large file
  a large file
  [extensions] other=PATH lfs=
  ours
  a large file
  ours
  a large file
  a large file

hg-lfs enabled in the configuration of a repository only: for one with large files, for
one that gets its first, and through a share, a clone and a subrepository.

  $ hg init fresh
  $ for repo in made-by-lfs made-by-hglfs fresh; do
  >     printf '[extensions]\nhglfs =\n' > $repo/.hg/hgrc
  >     hg -R $repo who
  > done
  ours
  ours
  ours
  $ echo 'first' > fresh/file
  $ hg -R fresh commit -Aqm first
  $ hg -R fresh debugdata file 0 | head -n 1
  version https://git-lfs.github.com/spec/v1
  $ grep lfs fresh/.hg/store/requires
  lfs
  $ hg share -q made-by-lfs sharing
  $ cat sharing/file
  a large file
  $ hg -R sharing status
  $ hg clone -q made-by-lfs clone
  $ cat clone/file
  a large file
  $ hg -R fresh pull -q made-by-hglfs --force
  warning: repository is unrelated
  $ hg -R fresh cat -r tip fresh/file
  a large file
  $ hg init parent
  $ cd parent
  $ hg clone -q ../made-by-hglfs sub
  $ cp ../fresh/.hg/hgrc sub/.hg/hgrc
  $ echo 'sub = sub' > .hgsub
  $ hg add .hgsub
  $ hg commit -qm 'with a subrepository'
  $ echo 'changed there' > sub/file
  $ hg commit -qSm 'changed there'
  $ hg archive -S ../archived
  $ cat ../archived/sub/file
  changed there
  $ cd ..

Only the stock extension, which core loads for the repository's requirement, with hg-lfs
disabled: hg-lfs does not interfere.

  $ rm */.hg/hgrc
  $ hg -R made-by-hglfs who
  stock
  $ HGRCPATH=$BASERC hg -R made-by-hglfs who --config extensions.hglfs=!
  stock

A command server that opens repositories of every kind.

  $ hg init without
  $ cat > mixed.py <<'EOF'
  > import os, struct, subprocess, sys
  > env = dict(os.environ, HGPLAIN='1')
  > server = subprocess.Popen(
  >     ['hg', 'serve', '--cmdserver', 'pipe', *sys.argv[1:]],
  >     stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
  > def reply():
  >     channel, size = struct.unpack('>cI', server.stdout.read(5))
  >     return channel, server.stdout.read(size)
  > reply()
  > def run(*args):
  >     text = '\0'.join(args).encode()
  >     server.stdin.write(b'runcommand\n' + struct.pack('>I', len(text)) + text)
  >     server.stdin.flush()
  >     while True:
  >         channel, data = reply()
  >         if channel == b'r':
  >             break
  >         sys.stdout.write(data.decode())
  > for repo in ('without', 'made-by-lfs', 'made-by-hglfs', 'without', 'fresh'):
  >     sys.stdout.write(repo + ': ')
  >     run('-R', repo, 'who')
  >     run('-R', repo, 'cat', '-r', 'tip', 'path:file')
  > server.stdin.close()
  > EOF
  $ "$PYTHON" mixed.py --config extensions.hglfs=
  without: ours
  without/file: no such file in rev 000000000000
  made-by-lfs: ours
  a large file
  made-by-hglfs: ours
  a large file
  without: ours
  without/file: no such file in rev 000000000000
  fresh: ours
  a large file
  $ printf '[extensions]\nhglfs =\n' > made-by-hglfs/.hg/hgrc
  $ "$PYTHON" mixed.py
  without: 
  without/file: no such file in rev 000000000000
  made-by-lfs: stock
  a large file
  made-by-hglfs: *** failed to import extension "hglfs": the lfs extension that comes with Mercurial is already active
  *** (enable hglfs where lfs is enabled, or disable lfs there)
  stock
  a large file
  without: 
  without/file: no such file in rev 000000000000
  fresh: stock
  a large file
  $ rm made-by-hglfs/.hg/hgrc

One server for several repositories, of which one has no large files, and one enables
the extension in its own configuration.

  $ cat > web.conf <<EOF
  > [paths]
  > / = $TESTTMP/*
  > [web]
  > push_ssl = False
  > allow-push = *
  > EOF
  $ printf '[extensions]\nhglfs =\n' > fresh/.hg/hgrc
  $ for ext in hglfs share; do
  >     hg --config extensions.$ext= serve -d -p $HGPORT --web-conf web.conf \
  >         --pid-file hg.pid -E errors.log --config lfs.usercache=$TESTTMP/serves
  >     cat hg.pid >> $DAEMON_PIDS
  >     for repo in fresh made-by-lfs without made-by-hglfs; do
  >         hg --config extensions.hglfs= --config lfs.usercache=$TESTTMP/used \
  >             clone -q http://localhost:$HGPORT/$repo clones/$repo
  >         hg --config extensions.hglfs= -R clones/$repo cat -r tip path:file
  >     done
  >     cat errors.log
  >     "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  >     rm -rf clones used
  > done
  a large file
  a large file
  clones/without/file: no such file in rev 000000000000
  a large file
  a large file
  a large file
  clones/without/file: no such file in rev 000000000000
  a large file
