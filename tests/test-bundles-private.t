Clone bundles of a repository with restricted read permission: their URLs are signed,
and valid for a while, so that clients need no password for them.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ . "$TESTDIR/users.sh"

The server in front requires a password, but not for .hg/lfs/.

  $ cat > front.py <<EOF
  > from mercurial import extensions
  > from mercurial.hgweb import hgweb_mod
  > def extsetup(ui):
  >     extensions.wrapfunction(hgweb_mod.hgweb, '__call__', partly)
  > def partly(orig, self, environ, respond):
  >     known = extensions.find(b'basicauth').known
  >     if environ['PATH_INFO'].startswith('/.hg/lfs/'):
  >         return orig(self, environ, respond)
  >     return known(orig, self, environ, respond)
  > EOF
  $ sed -i.bak 's/^def extsetup/def unused/' basicauth.py
  $ repository private
  $ cat >> private/.hg/hgrc <<EOF
  > [web]
  > allow_read = alice
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > publish = store
  > EOF
  $ hg -R private admin::clone-bundles-refresh -q
  $ private() { # ITEM...: serves it
  >     hg -R private serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log \
  >         --config extensions.basicauth=$TESTTMP/basicauth.py \
  >         --config extensions.front=$TESTTMP/front.py "$@"
  >     cat hg.pid >> "$DAEMON_PIDS"
  > }

Without signatures there is no URL to advertise, and the clone works as usual.

  $ private
  $ hg clone -qU http://alice:secret@localhost:$HGPORT/ plain --debug 2>&1 | grep -i bundle.from
  [1]
  $ stop

With signatures hg-lfs and Mercurial's own client download the file by the URL.

  $ private --config lfs.signed-actions=yes
  $ hg clone -U http://alice:secret@localhost:$HGPORT/ ours | sed 's/[0-9a-f]\{64\}/OID/'
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/OID?...
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 2 changes to 2 files
  finished applying clone bundle
  searching for changes
  no changes found
  1 local changesets published
  $ stock clone -qU http://alice:secret@localhost:$HGPORT/ stock
  $ hg -R stock log -T '{desc}\n'
  first

hg-lfs sends the token in a header, and no log contains the token.

  $ sed -n 's/.* "\(GET [^ ]*objects\)[^ ?]*\([^ ]*\) .* \([0-9]*\) .*/\1 \2 \3/p' access.log | uniq
  GET /.hg/lfs/objects  200
  GET /.hg/lfs/objects ?hglfs-token=*** 200
  $ hg clone -U http://alice:secret@localhost:$HGPORT/ verbose --debug -v 2>&1 | grep -i '[-]token'
  [1]

The URL is refused without its token, or with that of another object; users who may not
read the repository get no token.

  $ get() { "$PYTHON" "$TESTDIR/get-with-headers.py" --bodyfile body "localhost:$HGPORT" "$@" | sed -n 1p; }
  $ oid=`cd private/.hg/lfs/keep && cat bundles`
  $ large=`hg -R private debugdata large 0 | sed -n 's/^oid sha256://p'`
  $ token=`stock clone -U http://alice:secret@localhost:$HGPORT/ again | sed -n 's/.*hglfs-token=//p'`
  $ get ".hg/lfs/objects/$oid?hglfs-token=$token"
  200 OK
  $ get ".hg/lfs/objects/$oid"
  401 read not authorized
  $ get ".hg/lfs/objects/$large?hglfs-token=$token"
  403 the token has expired or does not match the request
  $ hg clone -qU http://bob:secret@localhost:$HGPORT/ bob
  abort: authorization failed
  [255]
  $ stop

In a public repository with signed actions, the URL is signed as well, as it has to be.

  $ sed -i.bak '/^allow_read/d' private/.hg/hgrc
  $ private --config lfs.signed-actions=yes
  $ stock clone -U http://alice:secret@localhost:$HGPORT/ public | sed -n 's/[0-9a-f]\{64\}/OID/; s/token=.*/token=.../p'
  applying clone bundle from http://localhost:$HGPORT/.hg/lfs/objects/OID?hglfs-token=...
  $ get ".hg/lfs/objects/$oid"
  401 no token: get one with a batch request
  $ cat errors.log
