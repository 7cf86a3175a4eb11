#require hg69

Chains of clone bundles: increments that are missing or wrong, and workers that are
killed.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > [devel]
  > all-warnings = yes
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > auto-generate.delay = 1
  > trigger.revs = 1
  > chain-length = 8
  > EOF
  $ status() { hg -R server admin::clone-bundles-status -T '{revs}+{chainrevs}/{publicrevs} {chainlength}\n' "$@"; }
  $ refresh() { hg -R server admin::clone-bundles-refresh "$@"; }

  $ repository server
  $ "$PYTHON" -c 'import os; open("server/noise", "wb").write(os.urandom(90000))'
  $ grow server noise --config lfs.track='none()'
  $ ours() {
  >     rm -rf copy
  >     hg clone -U "$@" http://localhost:$HGPORT/ copy > out 2>&1 || cat out
  >     sed -n -e 's#applying clone bundle from .*/\(.*_revs\).*#\1#p' -e '/^no changes/p' \
  >         -e '/^error/p' -e '/^abort/p' -e '/^new changesets/s/ .*//p' out
  >     hg -R copy verify -q
  > }

An increment that cannot be fetched from one destination comes from the next one,
whatever the error. Without another destination, the client pulls.

  $ mkdir cdn
  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > retry = 0
  > [clone-bundles]
  > publish = cdn, inline
  > publish.cdn.directory = $TESTTMP/cdn
  > publish.cdn.url-template = http://localhost:$HGPORT1/cdn/{basename}
  > EOF
  $ web
  $ refresh | grep making
  clone bundles: making zstd-v2 of 2 changesets
  $ for n in 1 2; do grow server last$n; refresh | grep making; done
  clone bundles: making zstd-v2 of 1 more changeset
  clone bundles: making zstd-v2 of 1 more changeset
  $ serve server
  $ ours
  full-zstd-v2-2_revs
  part-zstd-v2-3_revs
  part-zstd-v2-4_revs
  no changes found
  $ chmod u+w cdn/*
  $ for file in cdn/part*; do
  >     "$PYTHON" -c 'import sys; f = open(sys.argv[1], "r+b"); f.seek(99); f.write(b"x")' $file
  > done
  $ hg -R server admin::clone-bundles-status --check | grep wrong
    wrong:     cdn: what is at "cdn" is not the bundle that was made
    wrong:     cdn: what is at "cdn" is not the bundle that was made
  $ ours
  full-zstd-v2-2_revs
  part-zstd-v2-3_revs
  error fetching bundle: it is not what the server announced
  part-zstd-v2-3_revs
  part-zstd-v2-4_revs
  error fetching bundle: it is not what the server announced
  part-zstd-v2-4_revs
  no changes found
  $ rm cdn/part*
  $ ours
  full-zstd-v2-2_revs
  part-zstd-v2-3_revs
  error fetching bundle: HTTP Error 404: File not found
  part-zstd-v2-3_revs
  part-zstd-v2-4_revs
  error fetching bundle: HTTP Error 404: File not found
  part-zstd-v2-4_revs
  no changes found
  $ stop
  $ serve server
  $ ours
  full-zstd-v2-2_revs
  error fetching bundle: $ECONNREFUSED$
  full-zstd-v2-2_revs
  part-zstd-v2-3_revs
  error fetching bundle: $ECONNREFUSED$
  part-zstd-v2-3_revs
  part-zstd-v2-4_revs
  error fetching bundle: $ECONNREFUSED$
  part-zstd-v2-4_revs
  no changes found
  $ rm server/.hg/bundle-cache/part*
  $ ours
  full-zstd-v2-2_revs
  error fetching bundle: $ECONNREFUSED$
  full-zstd-v2-2_revs
  part-zstd-v2-3_revs
  error fetching bundle: $ECONNREFUSED$
  part-zstd-v2-3_revs
  error fetching bundle: HTTP Error 500: Internal Server Error
  new
  $ hg -R copy log -r tip -T '{desc}\n'
  last2
  $ hg -R server admin::clone-bundles-clear

A server with wrong increments: nothing is applied that does not match, and a failure
half way leaves nothing.

  $ cat > wrong.py <<'EOF'
  > import glob, hashlib, json, os, sys
  > path = 'server/.hg/lfs/bundles/catalog.json'
  > catalog = json.load(open(path))
  > step = catalog['bundles'][-1]['chain'][0]
  > file, = glob.glob('server/.hg/bundle-cache/*' + step['digest'][:12] + '.hg')
  > def become(data):
  >     os.unlink(file)
  >     open(file, 'wb').write(data)
  >     step['size'], step['digest'] = len(data), hashlib.sha256(data).hexdigest()
  > data = open(file, 'rb').read()
  > if sys.argv[1] == 'bases': step['bases'] = ['1' * 40]
  > if sys.argv[1] == 'half': become(data[: len(data) * 2 // 3])
  > if sys.argv[1] == 'garbage': become(b'nothing')
  > if sys.argv[1] == 'stream': become(open('stream.hg', 'rb').read())
  > if sys.argv[1] == 'size': step['size'] += 1
  > json.dump(catalog, open(path, 'w'))
  > EOF
  $ printf 'publish = inline\npullbundles = no\n' >> "$HGRCPATH"
  $ hg -R server bundle -qa --type 'none-v2;stream=v2' stream.hg
  $ for what in bases half garbage stream size; do
  >     echo "# $what"
  >     refresh > /dev/null
  >     grow server $what
  >     refresh > /dev/null
  >     "$PYTHON" wrong.py $what
  >     ours
  >     hg -R copy log -r tip -T '{desc} {phase}\n'
  >     hg -R server admin::clone-bundles-clear
  >     rm -f server/.hg/bundle-cache/*
  > done
  # bases
  full-zstd-v2-4_revs
  part-zstd-v2-5_revs
  error fetching bundle: it needs changesets that are missing here
  new
  bases public
  # half
  full-zstd-v2-5_revs
  part-zstd-v2-6_revs
  error applying bundle: * (glob)
  new
  half public
  # garbage
  full-zstd-v2-6_revs
  part-zstd-v2-7_revs
  error applying bundle: peer-bundle-cache://part-zstd-v2-7_revs-*.hg: not a Mercurial bundle (glob)
  new
  garbage public
  # stream
  full-zstd-v2-7_revs
  part-zstd-v2-8_revs
  error applying bundle: cannot apply stream clone to non empty repository
  new
  stream public
  # size
  full-zstd-v2-8_revs
  part-zstd-v2-9_revs
  error fetching bundle: it ended after * of * bytes (glob)
  new
  size public
  $ stop

A worker that is killed during an increment leaves everything intact.

  $ cat > kill.py <<'EOF'
  > import os, signal
  > from mercurial import extensions
  > def die(orig, *args, **kwargs):
  >     if os.environ['STEP'].startswith('after'):
  >         orig(*args, **kwargs)
  >     os.kill(os.getpid(), signal.SIGKILL)
  > def extsetup(ui):
  >     from hgext3rd.hglfs.clonebundles.server import generate
  >     from hgext3rd.hglfs.clonebundles.server import refresh
  >     from hgext3rd.hglfs.clonebundles.server import catalogfile, publish
  >     when, what = os.environ['STEP'].split()
  >     owner = {'_write': generate, 'put': publish.Folder, '_advertise': refresh}
  >     owner['_writepullbundles'] = catalogfile.BundleCatalogFile
  >     extensions.wrapfunction(owner[what], what, die)
  > EOF
  $ echo 'pullbundles = yes' >> "$HGRCPATH"
  $ rm errors.log
  $ refresh | grep making
  clone bundles: making zstd-v2 of 9 changesets
  $ serve server
  $ for step in 'before _write' 'after _write' 'after put' 'before _advertise' \
  >         'before _writepullbundles' 'after _writepullbundles' 'after _advertise'; do
  >     echo "# $step"
  >     grow server "$step"
  >     STEP=$step hg -R server admin::clone-bundles-refresh --config extensions.kill=$TESTTMP/kill.py > /dev/null 2>&1
  >     ours | grep -v 'part\|full'
  >     stock clone -qU http://localhost:$HGPORT/ stock
  >     stock -R stock verify -q
  >     rm -r stock
  >     refresh > next.log || cat next.log
  >     status
  >     ours | tail -n 1
  >     ls server/.hg/lfs/bundles/making
  > done
  # before _write
  new
  9+1/10 1
  no changes found
  # after _write
  new
  9+2/11 2
  no changes found
  # after put
  new
  9+3/12 3
  no changes found
  # before _advertise
  new
  9+4/13 4
  no changes found
  # before _writepullbundles
  new
  9+5/14 5
  no changes found
  # after _writepullbundles
  new
  9+6/15 6
  no changes found
  # after _advertise
  no changes found
  9+7/16 7
  no changes found
  $ cat errors.log
  $ stop
