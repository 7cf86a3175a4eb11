What a client makes of a server's clone bundles.

  $ . "$TESTDIR/helpers.sh"
  $ mkdir host
  $ cd host
  $ "$PYTHON" "$TESTDIR/bundlehost.py" "$HGPORT1" host.pid
  $ cat host.pid >> "$DAEMON_PIDS"
  $ cd ..
  $ host=http://localhost:$HGPORT1
  $ manifest() { cat > server/.hg/clonebundles.manifest; }
  $ sha256() { "$PYTHON" -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$1"; }
  $ asked() { test ! -f host/host.log || sed 's/^/  /' host/host.log; rm -f host/host.log; }
  $ clone() { rm -rf copy; hg clone -U --config ui.timeout=1 "$@" http://localhost:$HGPORT copy; }

A server with two changesets in a bundle, and one that came later:

  $ hg init server --config lfs.track='none()'
  $ cd server
  $ echo '[lfs]' >> .hg/hgrc
  $ echo 'track = none()' >> .hg/hgrc
  $ echo one > a
  $ hg commit -Aqm first
  $ echo two > a
  $ hg commit -qm second
  $ hg bundle -q --all --type gzip-v2 ../host/full.hg
  $ hg bundle -q --all --type zstd-v2 ../host/zstd.hg
  $ hg bundle -q --all --type bzip2-v1 ../host/old.hg
  $ hg debugcreatestreamclonebundle ../host/packed.hg > /dev/null
  $ hg bundle -q --all --type 'none-v2;stream=v2' ../host/stream.hg
  $ echo three > a
  $ hg commit -qm third
  $ cd ..
  $ serve server --config extensions.clonebundles=
  $ digest=sha256:`sha256 host/full.hg`
  $ size=`wc -c < host/full.hg`

Without a bundle there is nothing to say; with one, it is applied, and what came
later is pulled.

  $ clone -q
  $ manifest <<EOF
  > $host/ok/full.hg BUNDLESPEC=gzip-v2 DIGEST=$digest SIZE=$size
  > EOF
  $ clone
  $ asked
  $ hg -R copy log -T '{rev} {phase} {desc}\n'

The kinds of bundles that there are, known by a digest or not:

  $ for name in full zstd old packed stream; do
  >     echo "# $name"
  >     for more in '' "DIGEST=sha256:`sha256 host/$name.hg`"; do
  >         echo "$host/ok/$name.hg $more" | manifest
  >         clone -q --config ui.clonebundlefallback=no
  >         hg -R copy log -T '{rev}:{desc} '
  >         hg -R copy verify -q
  >     done
  >     echo
  >     rm -f host/host.log
  > done

Nothing of a bundle is left:

  $ find . -path '*/bundles/*' -type f
  $ find copy/.hg -name 'tmp*'

Where nobody is to be asked for a bundle, or by whom nobody is:

  $ echo "$host/ok/full.hg" | manifest
  $ clone -q --config ui.clonebundles=no
  $ clone -q -r 0
  $ asked
  $ hg -R copy pull -q

Lines that make no sense are left out, and only those:

  $ manifest <<EOF
  > $host/ok/full.hg BUNDLESPEC=gzip-v2 what
  > 
  > ftp://localhost/full.hg BUNDLESPEC=gzip-v2
  > $host/ok/full.hg BUNDLESPEC=gzip-v9
  > $host/ok/full.hg REQUIREDRAM=lots
  > $host/ok/full.hg REQUIREDRAM=900TB
  > $host/ok/full.hg DELTA-COMPRESSION=a
  > $host/ok/zstd.hg REQUIRESNI=true
  > EOF
  $ clone
  $ asked

Where no line is left the clone goes the usual way:

  $ echo "$host/ok/full.hg BUNDLESPEC=gzip-v9" | manifest
  $ clone
  $ echo "$host/ok/full.hg nonsense" | manifest
  $ clone -v | grep bundle
  $ asked

What is preferred is tried first, whatever its place:

  $ manifest <<EOF
  > $host/ok/full.hg BUNDLESPEC=gzip-v2 datacenter=east
  > $host/ok/zstd.hg BUNDLESPEC=zstd-v2 datacenter=west
  > EOF
  $ clone -q
  $ clone -q --config ui.clonebundleprefers=COMPRESSION=zstd
  $ clone -q --config ui.clonebundleprefers=datacenter=west
  $ asked

The entries are tried in their order until one works:

  $ manifest <<EOF
  > http://localhost:$HGPORT2/full.hg BUNDLESPEC=gzip-v2
  > $host/missing/full.hg BUNDLESPEC=gzip-v2 DIGEST=$digest
  > $host/missing/full.hg?signature=secret BUNDLESPEC=gzip-v2
  > $host/html/full.hg
  > $host/more/full.hg DIGEST=$digest
  > $host/more/full.hg DIGEST=$digest SIZE=$size
  > $host/endless/full.hg DIGEST=$digest SIZE=$size
  > $host/endless/full.hg SIZE=$size
  > $host/ok/zstd.hg DIGEST=$digest
  > $host/ok/full.hg DIGEST=sha512:`printf '%0128d' 1`
  > $host/ok/full.hg SIZE=17592186044417
  > $host/ok/full.hg DIGEST=$digest SIZE=17592186044416
  > $host/ok/full.hg SIZE=100
  > $host/ok/zstd.hg
  > EOF
  $ clone --config lfs.retry=0
  $ asked
  $ hg -R copy log -T '{rev} {desc}\n'

One that is cut short is fetched again; without a digest it is known by its length:

  $ echo "$host/cut/full.hg" | manifest
  $ clone --config lfs.retry=1

When all have failed the clone fails, unless it is told to go the usual way:

  $ manifest <<EOF
  > $host/missing/full.hg
  > $host/ok/zstd.hg DIGEST=$digest
  > EOF
  $ clone
  $ test -d copy
  $ clone --config ui.clonebundlefallback=yes
  $ asked

A redirect does no harm, whatever is known of the bundle:

  $ echo "$host/moved/full.hg DIGEST=$digest" | manifest
  $ clone -q
  $ asked

What breaks off goes on where it was, and starts again where the host knows no ranges:

  $ cp host/full.hg host/broken.hg
  $ echo "$host/once/broken.hg" | manifest
  $ clone -q
  $ asked

Bundles that need a password get it from where Mercurial has it:

  $ echo "$host/private/full.hg DIGEST=$digest" | manifest
  $ clone
  $ clone -q --config auth.x.prefix=$host --config auth.x.username=alice \
  >     --config auth.x.password=secret
  $ echo "http://alice:secret@localhost:$HGPORT1/private/full.hg DIGEST=$digest" | manifest
  $ clone -q
  $ asked

What is not the bundle's fault is no reason to try another: a hook has the last word.

  $ manifest <<EOF
  > $host/ok/full.hg
  > $host/ok/zstd.hg
  > EOF
  $ clone -q --config hooks.pretxnclose.no=false
  $ asked

What fails while it is applied leaves nothing for the next one to stumble over, a
stream's files included:

  $ head -c 430 host/packed.hg > host/half-packed.hg
  $ head -c 900 host/stream.hg > host/half-stream.hg
  $ head -c 400 host/full.hg > host/half.hg
  $ manifest <<EOF
  > $host/ok/half-packed.hg
  > $host/ok/half-stream.hg
  > $host/ok/half.hg
  > $host/ok/full.hg
  > EOF
  $ clone
  $ hg -R copy verify -q
  $ asked

An URL that has run out is asked for anew, and what has come is not asked for again:

  $ "$PYTHON" -c "import os; open('noise', 'wb').write(os.urandom(20 << 20))"
  $ hg init noisy --config lfs.track='none()'
  $ mv noise noisy
  $ hg -R noisy commit -Aqm noise --config lfs.track='none()'
  $ hg -R noisy bundle -q --all --type none-v2 host/noise.hg
  $ "$PYTHON" "$RUNTESTDIR/killdaemons.py" "$TESTTMP/hg.pid"
  $ serve noisy --config extensions.clonebundles=
