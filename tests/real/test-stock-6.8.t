Mercurial 6.8, without the extension, clones from a server with all features enabled:
bundles in the store and inline, chains, packs of large files, signed actions.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [lfs]
  > usercache = $TESTTMP/servercache
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ hg init server
  $ "$PYTHON" -c 'print("a long line\n" * 200)' > server/large
  $ grow() { # MESSAGE: adds a public changeset
  >     echo "$1" > server/small
  >     hg -R server commit -Aqm "$1" --config phases.new-commit=public \
  >         --config 'lfs.track=size(">1k")'
  > }
  $ grow first
  $ cat >> server/.hg/hgrc <<EOF
  > [lfs]
  > signed-actions = yes
  > [clone-bundles]
  > auto-generate.formats = zstd-v2, gzip-v2, none-streamv2
  > trigger.revs = 1
  > chain-length = 8
  > pullbundles = yes
  > blobs = auto
  > EOF
  $ hg -R server admin::clone-bundles-refresh -q
  $ grow second
  $ hg -R server admin::clone-bundles-refresh -q
  $ hg -R server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log
  $ cat hg.pid >> "$DAEMON_PIDS"

  $ cat > old.rc <<EOF
  > [ui]
  > username = alice
  > [extensions]
  > lfs =
  > [lfs]
  > usercache = $TESTTMP/oldcache
  > EOF
  $ old() { env -u PYTHONPATH HGRCPATH="$TESTTMP/old.rc" "$TESTDIR/../../hg-6.8/bin/hg" "$@"; }
  $ old version -q
  Mercurial Distributed SCM (version 6.8.2)
  $ old clone http://localhost:$HGPORT/ plain | grep bundle | sed 's#/objects/.*#/objects/...#'
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/...
  finished applying clone bundle
  $ old -R plain log -T '{rev} {phase} {desc}\n'
  1 public second
  0 public first
  $ old -R plain verify -q
  $ cmp server/large plain/large

Its own lfs extension treats a stream of a repository with large files as unreadable; the
clone then falls back to a pull.

  $ old clone -q --stream -U http://localhost:$HGPORT/ stream
  no compatible clone bundles available on server; falling back to regular clone
  (you may want to report this to the server operator)
  $ old -R stream log -T '{rev} {phase} {desc}\n'
  1 public second
  0 public first
  $ old clone -q -U http://localhost:$HGPORT/ inline --config ui.clonebundleprefers=COMPRESSION=gzip
  $ old -R inline verify -q

It pushes to the server as to any other.

  $ "$PYTHON" -c 'print("a third line\n" * 300)' > plain/large
  $ old -R plain commit -qm third
  $ old -R plain push -q
  $ hg clone -q http://localhost:$HGPORT/ ours
  $ cmp plain/large ours/large
  $ cat errors.log
