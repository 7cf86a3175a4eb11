Apache with mod_wsgi and mod_xsendfile, configured as in contrib/deploy.

mod_wsgi is built for one Python, which has to be the one of Mercurial here.

  $ version='import sys; print("%d.%d" % sys.version_info[:2])'
  $ if test `"$PYTHON" -c "$version"` != `/usr/bin/python3 -c "$version"`; then
  >     echo 'skipped: mod_wsgi is for another Python'
  >     exit 80
  > fi
  $ . "$TESTDIR/deploy.sh"
  $ identities
  $ repository project
  $ repository packed
  $ if test $WEBUSER != `id -un`; then
  >     chown -R $WEBUSER: srv
  >     chmod a+x .. ../..
  > fi
  $ apache_
  $ url=localhost:$HGPORT/project
  $ as() { echo "https://$1:$1-secret@$url"; }

alice may push, bob may only read.

  $ hg init work
  $ cd work
  $ "$PYTHON" -c 'import random; open("large", "wb").write(random.Random(1).randbytes(9 << 20))'
  $ echo 'a secret' > small
  $ hg commit -Aqm 'things'
  $ hg push `as bob` 2>&1 | tail -2
  abort: LFS HTTP error: HTTP Error 401: * (glob)
  (api=https://localhost:$HGPORT/project/.git/info/lfs/objects/batch, action=upload)
  $ hg push -q `as alice`
  $ cd ..
  $ rm -r `hg config lfs.usercache`
  $ hg clone -q `as bob` clone
  $ cmp work/large clone/large
  $ cmp work/small clone/small

Without a token every request is refused. A file is sent by Apache.

  $ oid=`sha256sum < work/small | cut -c1-64`
  $ object=https://$url/.hg/lfs/objects/$oid
  $ ask() { curl -m 5 -s --cacert localhost.pem -o body -w '%{http_code}\n' "$@"; }
  $ ask $object
  401
  $ ask -u alice:wrong $object
  401
  $ ask -H 'X-Remote-User: alice' $object
  401
  $ ask -H 'Hglfs-Token: nonsense' $object
  403
  $ ask -T work/small $object
  401
  $ ask -H 'X-Remote-User: alice' https://$url/raw-file/tip/small
  401
  $ ask -u bob:bob-secret -H 'Accept: application/vnd.git-lfs+json' \
  >     -H 'Content-Type: application/vnd.git-lfs+json' https://$url/.git/info/lfs/objects/batch \
  >     -d '{"operation": "download", "objects": [{"oid": "'$oid'", "size": 9}]}'
  200
  $ bob=`sed -e 's/.*"Hglfs-Token": "\([^"]*\)".*/Hglfs-Token: \1/' body`
  $ ask -H "$bob" -r 2-7 -D headers $object
  206
  $ cat body
  secret (no-eol)
  $ grep -i -e '^content-range' -e '^x-' headers
  X-Content-Type-Options: nosniff\r (esc)
  Content-Range: bytes 2-7/9\r (esc)

A private repository is cloned from bundles and packs, for which bob has signed URLs.

  $ hg init many
  $ cd many
  $ for number in 1 2 3 4 5 6 7 8 9; do
  >     "$PYTHON" -c 'import random, sys; sys.stdout.buffer.write(random.Random(sys.argv[1]).randbytes(50000))' $number > file$number
  > done
  $ hg commit -Aqm 'many things'
  $ hg push -q https://alice:alice-secret@localhost:$HGPORT/packed
  $ cd ..
  $ bundles packed
  $ packed=https://bob:bob-secret@localhost:$HGPORT/packed
  $ clones clone $packed
  applying clone bundle from https://localhost:$HGPORT/packed/.hg/lfs/objects/OID?...
  lfs: downloaded 9 files (439 KB)
        1 GET /packed/.hg/lfs/objects 200
        2 GET /packed/.hg/lfs/objects 206
  $ diff -r -x .hg many copy
  $ stock clone $packed
  applying clone bundle from https://localhost:$HGPORT/packed/.hg/lfs/objects...?hglfs-token=...
  lfs: downloaded 9 files (439 KB)
       10 GET /packed/.hg/lfs/objects 200
  $ diff -r -x .hg many copy

The real git-lfs client:

  $ git config --global lfs.url https://bob:bob-secret@$url/.git/info/lfs
  $ git config --global lfs.pushurl `as alice`/.git/info/lfs
  $ git init -q --bare history.git
  $ git init -q git
  $ cd git
  $ git remote add origin ../history.git
  $ git lfs track '*.bin' > ../track.log
  $ cp ../clone/large large.bin
  $ "$PYTHON" -c 'import random; open("new.bin", "wb").write(random.Random(2).randbytes(9 << 20))'
  $ git add .
  $ git commit -qm 'things'
  $ git push -q origin main > ../push.log 2>&1
  $ cd ..
  $ git clone -q history.git first
  $ diff -r -x .git git first

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ grep -e ':error' -e ':crit' -e Traceback apache.log
  [1]
