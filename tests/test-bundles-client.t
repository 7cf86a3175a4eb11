#require no-chg

How a client uses a server's clone bundles.

  $ . "$TESTDIR/helpers.sh"
  $ mkdir host
  $ cd host
  $ "$PYTHON" "$TESTDIR/bundlehost.py" "$HGPORT1" host.pid
  $ cat host.pid >> "$DAEMON_PIDS"
  $ cd ..
  $ host=http://localhost:$HGPORT1
  $ manifest() { cat > server/.hg/clonebundles.manifest; }
  $ sha256() { "$PYTHON" -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$1"; }
  $ asked() { # what was, and how much of a bundle was sent: each Mercurial makes another
  >     if [ -f host/host.log ]; then
  >         sed -e 's#^/endless.*200 .*#/endless/... 200 ...#' \
  >             -e "s/bytes=$half-$((full - 1)) /bytes=half- /" \
  >             -e "s/ $full\$/ all/" -e "s/ $zstd\$/ all/" \
  >             -e "s/ $half\$/ half/" -e "s/ $((full - half))\$/ half/" \
  >             -e "s/ $((full + 7))\$/ all+7/" host/host.log
  >     fi
  >     rm -f host/host.log
  > }
  $ clone() { rm -rf copy; hg clone -U --config ui.timeout=1 "$@" http://localhost:$HGPORT copy; }

A server with two changesets in a bundle, and one that came later:

  $ hg init server --config lfs.track='none()'
  $ cd server
  $ cat >> .hg/hgrc <<EOF
  > [lfs]
  > track = none()
  > [extensions]
  > clonebundles =
  > EOF
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
  $ serve server
  $ digest=sha256:`sha256 host/full.hg`
  $ full=`wc -c < host/full.hg | tr -d ' '`
  $ zstd=`wc -c < host/zstd.hg | tr -d ' '`
  $ half=$((full / 2))

Without a bundle there is no message; with one, it is applied, and later changesets are
pulled.

  $ clone -q
  $ manifest <<EOF
  > $host/ok/full.hg BUNDLESPEC=gzip-v2 DIGEST=$digest SIZE=$full
  > EOF
  $ clone
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 2 changes to 1 files
  finished applying clone bundle
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  new changesets deca82276f1b
  2 local changesets published
  $ asked
  /ok/full.hg -> 200 all
  $ hg -R copy log -T '{rev} {phase} {desc}\n'
  2 public third
  1 public second
  0 public first

The kinds of bundles, with a digest and without:

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
  # full
  2:third 1:second 0:first 2:third 1:second 0:first 
  # zstd
  2:third 1:second 0:first 2:third 1:second 0:first 
  # old
  2:third 1:second 0:first 2:third 1:second 0:first 
  # packed
  2:third 1:second 0:first 2:third 1:second 0:first 
  # stream
  2:third 1:second 0:first 2:third 1:second 0:first 

No file of a bundle is left:

  $ find . -path '*/bundles/*' -type f
  $ find copy/.hg -name 'tmp*'

Where bundles are disabled, on either side:

  $ echo "$host/ok/full.hg" | manifest
  $ clone -q --config ui.clonebundles=no
  $ clone -q -r 0
  $ asked
  $ hg -R copy pull -q

Invalid lines are skipped, and only those. (Older Mercurials accept more lines.)

  $ known() { grep -v nothing; }
#if no-hg72
  $ known() { grep -v DELTA-COMPRESSION; }
#endif
#if no-hg66
  $ known() { grep -v -e DELTA-COMPRESSION -e ftp:; }
#endif
  $ known <<EOF | manifest
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
  applying clone bundle from http://localhost:$HGPORT1/ok/zstd.hg
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 2 changes to 1 files
  finished applying clone bundle
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  new changesets deca82276f1b
  2 local changesets published
  $ asked
  /ok/zstd.hg -> 200 all

If no line is left the clone falls back to a pull:

  $ echo "$host/ok/full.hg BUNDLESPEC=gzip-v9" | manifest
  $ clone
  no compatible clone bundles available on server; falling back to regular clone
  (you may want to report this to the server operator)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 3 changesets with 3 changes to 1 files
  new changesets 91f9cc6821cb:deca82276f1b
  $ echo "$host/ok/full.hg nonsense" | manifest
  $ clone -v | grep bundle
  no clone bundles available on remote; falling back to regular clone
  $ asked

The preferred entry is tried first, whatever its position:

  $ manifest <<EOF
  > $host/ok/full.hg BUNDLESPEC=gzip-v2 datacenter=east
  > $host/ok/zstd.hg BUNDLESPEC=zstd-v2 datacenter=west
  > EOF
  $ clone -q
  $ clone -q --config ui.clonebundleprefers=COMPRESSION=zstd
  $ clone -q --config ui.clonebundleprefers=datacenter=west
  $ asked
  /ok/full.hg -> 200 all
  /ok/zstd.hg -> 200 all
  /ok/zstd.hg -> 200 all

The entries are tried in their order until one works:

  $ manifest <<EOF
  > http://localhost:$HGPORT2/full.hg BUNDLESPEC=gzip-v2
  > $host/missing/full.hg BUNDLESPEC=gzip-v2 DIGEST=$digest
  > $host/missing/full.hg?signature=secret BUNDLESPEC=gzip-v2
  > $host/html/full.hg
  > $host/more/full.hg DIGEST=$digest
  > $host/more/full.hg DIGEST=$digest SIZE=$full
  > $host/endless/full.hg DIGEST=$digest SIZE=$full
  > $host/endless/full.hg SIZE=$full
  > $host/ok/zstd.hg DIGEST=$digest
  > $host/ok/full.hg DIGEST=sha512:`printf '%0128d' 1`
  > $host/ok/full.hg SIZE=17592186044417
  > $host/ok/full.hg DIGEST=$digest SIZE=17592186044416
  > $host/ok/full.hg SIZE=100
  > $host/ok/zstd.hg
  > EOF
  $ clone --config lfs.retry=0 2>&1 | grep bundle
  applying clone bundle from http://localhost:$HGPORT2/full.hg
  error fetching bundle: $ECONNREFUSED$
  applying clone bundle from http://localhost:$HGPORT1/missing/full.hg
  HTTP error fetching bundle: HTTP Error 404: Not Found
  applying clone bundle from http://localhost:$HGPORT1/missing/full.hg?...
  HTTP error fetching bundle: HTTP Error 404: Not Found
  applying clone bundle from http://localhost:$HGPORT1/html/full.hg
  error applying bundle: http://localhost:$HGPORT1/html/full.hg: not a Mercurial bundle
  applying clone bundle from http://localhost:$HGPORT1/more/full.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/more/full.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/endless/full.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/endless/full.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/ok/zstd.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  error fetching bundle: its size of 17592186044417 bytes is above the limit
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  error fetching bundle: there is no room for 16384 GB in $TESTTMP/.cache/lfs/bundles
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from http://localhost:$HGPORT1/ok/zstd.hg
  finished applying clone bundle
  $ asked
  /missing/full.hg bytes=0-0 -> 404 0
  /missing/full.hg?signature=secret -> 404 0
  /html/full.hg -> 200 40
  /more/full.hg bytes=0-0 -> 206 1
  /more/full.hg -> 200 all+7
  /more/full.hg -> 200 all+7
  /endless/... 200 ...
  /endless/... 200 ...
  /ok/zstd.hg bytes=0-0 -> 206 1
  /ok/zstd.hg -> 200 all
  /ok/full.hg -> 200 all
  /ok/full.hg -> 200 all
  /ok/zstd.hg -> 200 all
  $ hg -R copy log -T '{rev} {desc}\n'
  2 third
  1 second
  0 first

A truncated bundle is fetched again; without a digest it is detected by its length:

  $ echo "$host/cut/full.hg" | manifest
  $ clone --config lfs.retry=1
  applying clone bundle from http://localhost:$HGPORT1/cut/full.hg
  error fetching bundle: Response length (*) does not match Content-Length header (*) for the bundle (glob)
  abort: error applying bundle
  (if this error persists, consider contacting the server operator or disable clone bundles via "--config ui.clonebundles=false")
  [255]

When all entries fail the clone fails, unless the fallback is enabled:

  $ manifest <<EOF
  > $host/missing/full.hg
  > $host/ok/zstd.hg DIGEST=$digest
  > EOF
  $ clone
  applying clone bundle from http://localhost:$HGPORT1/missing/full.hg
  HTTP error fetching bundle: HTTP Error 404: Not Found
  applying clone bundle from http://localhost:$HGPORT1/ok/zstd.hg
  error fetching bundle: it is not what the server announced
  abort: error applying bundle
  (if this error persists, consider contacting the server operator or disable clone bundles via "--config ui.clonebundles=false")
  [255]
  $ test -d copy
  [1]
  $ clone --config ui.clonebundlefallback=yes
  applying clone bundle from http://localhost:$HGPORT1/missing/full.hg
  HTTP error fetching bundle: HTTP Error 404: Not Found
  applying clone bundle from http://localhost:$HGPORT1/ok/zstd.hg
  error fetching bundle: it is not what the server announced
  falling back to normal clone
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 3 changesets with 3 changes to 1 files
  new changesets 91f9cc6821cb:deca82276f1b
  $ asked
  /cut/full.hg -> 200 half
  /cut/full.hg bytes=half- -> 200 half
  /missing/full.hg -> 404 0
  /ok/zstd.hg bytes=0-0 -> 206 1
  /ok/zstd.hg -> 200 all
  /missing/full.hg -> 404 0
  /ok/zstd.hg bytes=0-0 -> 206 1
  /ok/zstd.hg -> 200 all

A redirect is followed, with a digest and without:

  $ echo "$host/moved/full.hg DIGEST=$digest" | manifest
  $ clone -q
  $ asked
  /moved/full.hg bytes=0-0 -> 302 0
  /ok/full.hg bytes=0-0 -> 206 1
  /moved/full.hg -> 302 0
  /ok/full.hg -> 200 all

An interrupted download is resumed, and starts over where the host supports no ranges:

  $ cp host/full.hg host/broken.hg
  $ echo "$host/once/broken.hg" | manifest
  $ clone -q
  $ asked
  /once/broken.hg -> 200 half
  /once/broken.hg bytes=half- -> 206 half

Bundles get the password in their URL; the user's passwords are sent to the cloned host,
and to trusted hosts:

  $ echo "$host/private/full.hg DIGEST=$digest" | manifest
  $ clone
  applying clone bundle from http://localhost:$HGPORT1/private/full.hg
  HTTP error fetching bundle: HTTP Error 401: Unauthorized
  (http://localhost:$HGPORT refers to http://localhost:$HGPORT1, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  abort: error applying bundle
  (if this error persists, consider contacting the server operator or disable clone bundles via "--config ui.clonebundles=false")
  [255]
  $ clone -q --config auth.x.prefix=$host --config auth.x.username=alice \
  >     --config auth.x.password=secret 2>&1 | grep "refers to"
  (http://localhost:$HGPORT refers to http://localhost:$HGPORT1, which is not sent your credentials; to send them, add it to "lfs.trusted-origins")
  $ clone -q --config auth.x.prefix=$host --config auth.x.username=alice \
  >     --config auth.x.password=secret --config lfs.trusted-origins=$host
  $ echo "http://alice:secret@localhost:$HGPORT1/private/full.hg DIGEST=$digest" | manifest
  $ clone -q
  $ asked
  /private/full.hg bytes=0-0 -> 401 0
  /private/full.hg bytes=0-0 -> 401 0
  /private/full.hg bytes=0-0 -> 401 0
  /private/full.hg bytes=0-0 -> 206 1
  /private/full.hg -> 200 all
  /private/full.hg bytes=0-0 -> 206 1
  /private/full.hg -> 200 all

An error without relation to the bundle tries no other one: here a hook refuses.

  $ manifest <<EOF
  > $host/ok/full.hg
  > $host/ok/zstd.hg
  > EOF
  $ clone -q --config hooks.pretxnclose.no=false
  transaction abort!
  rollback completed
  abort: pretxnclose.no hook exited with status 1
  [40]
  $ asked
  /ok/full.hg -> 200 all

A failure while a bundle is applied leaves nothing that disturbs the next attempt, files
of a stream included:

  $ hg init other --config lfs.track='none()'
  $ echo other > other/b
  $ hg -R other commit -Aqm other --config lfs.track='none()'
  $ hg -R other debugcreatestreamclonebundle whole-packed.hg > /dev/null
  $ hg -R other bundle -q --all --type 'none-v2;stream=v2' whole-stream.hg
  $ head -c 430 whole-packed.hg > host/half-packed.hg
  $ head -c 600 whole-stream.hg > host/half-stream.hg
  $ head -c 400 host/full.hg > host/half.hg
  $ manifest <<EOF
  > $host/ok/half-packed.hg
  > $host/ok/half-stream.hg
  > $host/ok/half.hg
  > $host/ok/full.hg
  > EOF
  $ clone 2>&1 | grep bundle
  applying clone bundle from http://localhost:$HGPORT1/ok/half-packed.hg
  error applying bundle: index 00changelog is corrupted
  applying clone bundle from http://localhost:$HGPORT1/ok/half-stream.hg
  error applying bundle: stream ended unexpectedly  (got 466 bytes, expected *) (glob)
  applying clone bundle from http://localhost:$HGPORT1/ok/half.hg
  error applying bundle: stream ended unexpectedly  (got * bytes, expected 928) (glob)
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  finished applying clone bundle
  $ hg -R copy verify -q
  $ ls copy/.hg/store/data copy/.hg/store/fncache
  copy/.hg/store/fncache
  
  copy/.hg/store/data:
  a.i
  $ asked
  /ok/half-packed.hg -> 200 430
  /ok/half-stream.hg -> 200 600
  /ok/half.hg -> 200 400
  /ok/full.hg -> 200 all

A clone killed at nine tenths of its bundle downloads only a tenth the next time:

  $ "$PYTHON" -c "import os; open('noise', 'wb').write(os.urandom(20 << 20))"
  $ hg clone -q server noisy
  $ mv noise noisy
  $ hg -R noisy commit -Aqm noise --config lfs.track='none()' 2> /dev/null
  $ hg -R noisy bundle -q --all --type none-v2 host/noise.hg
  $ noise=`wc -c < host/noise.hg`
  $ tenths() {
  >     awk '{ print $1, $2, $NF / '$noise' * 10 }' host/host.log |
  >         sed -e 's/\.[0-9]*$//' -e 's/=[0-9]*-[0-9]*/=.../'
  >     rm -f host/host.log
  > }
  $ echo "$host/stall/noise.hg DIGEST=sha256:`sha256 host/noise.hg` SIZE=$noise" | manifest
  $ rm -rf copy
  $ hg clone -q -U http://localhost:$HGPORT copy 2> /dev/null &
  $ pid=$!
  $ "$RUNTESTDIR/testlib/wait-on-file" 60 host/stalled
  $ arrived() { wc -c .cache/lfs/bundles/partial-* | sed 's/ .*//'; }
  $ for n in `seq 100`; do test "`arrived`" -ge 18874368 && break; sleep 0.1; done
  $ kill -9 $pid
  $ wait $pid 2> /dev/null
  [137]
  $ "$RUNTESTDIR/testlib/wait-on-file" 60 host/host.log
  $ clone -q
  $ tenths
  /stall/noise.hg -> 9
  /stall/noise.hg bytes=... 1
  $ find .cache/lfs/bundles -type f

An expired URL is renewed, and received bytes are not requested again:

  $ echo one > host/token
  $ echo "$host/signed/noise.hg?token=one DIGEST=sha256:`sha256 host/noise.hg` SIZE=$noise" | manifest
  $ cat > host/expire <<EOF
  > echo two > token
  > sed 's/=one/=two/' $TESTTMP/server/.hg/clonebundles.manifest > fresh
  > mv fresh $TESTTMP/server/.hg/clonebundles.manifest
  > EOF
  $ clone 2>&1 | grep bundle
  applying clone bundle from http://localhost:$HGPORT1/signed/noise.hg?...
  HTTP error fetching bundle: HTTP Error 403: Forbidden
  applying clone bundle from http://localhost:$HGPORT1/signed/noise.hg?...
  finished applying clone bundle
  $ tenths
  /signed/noise.hg?token=one -> 9
  /signed/noise.hg?token=one bytes=... 0
  /signed/noise.hg?token=two bytes=... 1

The renewal is tried once:

  $ echo three > host/token
  $ echo "$host/ok/full.hg" >> server/.hg/clonebundles.manifest
  $ clone 2>&1 | grep bundle
  applying clone bundle from http://localhost:$HGPORT1/signed/noise.hg?...
  HTTP error fetching bundle: HTTP Error 403: Forbidden
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  finished applying clone bundle
  $ asked
  /signed/noise.hg?token=two -> 403 0
  /ok/full.hg -> 200 all

#if hg69
Bundles over Mercurial's own protocol are checked, too:

  $ mkdir server/.hg/bundle-cache
  $ cp host/full.hg host/zstd.hg server/.hg/bundle-cache
  $ manifest <<EOF
  > peer-bundle-cache://zstd.hg DIGEST=$digest
  > peer-bundle-cache://zstd.hg SIZE=100
  > peer-bundle-cache://full.hg DIGEST=$digest
  > EOF
  $ clone 2>&1 | grep bundle
  applying clone bundle from peer-bundle-cache://zstd.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from peer-bundle-cache://zstd.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from peer-bundle-cache://full.hg
  finished applying clone bundle
  $ rm -rf copy
  $ hg clone -U -e "\"$PYTHON\" \"$RUNTESTDIR/dummyssh\"" ssh://user@dummy/server copy 2>&1 | grep bundle
  applying clone bundle from peer-bundle-cache://zstd.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from peer-bundle-cache://zstd.hg
  error fetching bundle: it is not what the server announced
  applying clone bundle from peer-bundle-cache://full.hg
  finished applying clone bundle
  $ manifest <<EOF
  > peer-bundle-cache://missing.hg
  > $host/ok/full.hg
  > EOF
  $ clone 2>&1 | grep bundle
  applying clone bundle from peer-bundle-cache://missing.hg
  error fetching bundle: HTTP Error 500: Internal Server Error
  applying clone bundle from http://localhost:$HGPORT1/ok/full.hg
  finished applying clone bundle
#endif

Large files, and secret changesets of a bundle, which stay secret:

  $ cd server
  $ echo '[track]' > .hglfs
  $ echo '** = all()' >> .hglfs
  $ echo large > large
  $ hg commit -Aqm large
  $ hg bundle -q --all --type 'none-v2;stream=v2;cg.version=03' ../host/large-stream.hg
  $ hg --config ui.allowemptycommit=yes commit -qm secret --secret
  $ hg bundle -q --all ../host/large.hg --type none-v2 \
  >     --config experimental.bundle-phases=yes
  $ cd ..
  $ for name in large large-stream; do
  >    echo "$host/ok/$name.hg" | manifest
  >    clone -q
  >    hg -R copy log -T '{rev} {phase} {desc}\n' -r 3:
  >    grep -h lfs copy/.hg/requires copy/.hg/store/requires
  >    hg -R copy cat -r 3 copy/large
  > done
  3 public large
  4 secret secret
  lfs
  large
  3 public large
  lfs
  large
