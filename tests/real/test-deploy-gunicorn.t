gunicorn behind nginx, configured as in contrib/deploy: TLS, passwords, files sent by
nginx, and objects that are fetched with tokens.

  $ . "$TESTDIR/deploy.sh"
  $ identities
  $ repository project
  $ repository packed
  $ gunicorn_
  $ nginx_
  $ url=localhost:$HGPORT/project
  $ as() { echo "https://$1:$1-secret@$url"; }

alice may push, bob may only read, and other users may do neither.

  $ hg init work
  $ cd work
  $ "$PYTHON" -c 'import random; open("large", "wb").write(random.Random(1).randbytes(9 << 20))'
  $ echo 'a secret' > small
  $ hg commit -Aqm 'things'
  $ hg push https://$url
  pushing to https://localhost:$HGPORT/project
  abort: http authorization required for https://localhost:$HGPORT/project
  [255]
  $ hg push `as bob`
  pushing to https://bob:***@localhost:$HGPORT/project
  searching for changes
  abort: LFS HTTP error: HTTP Error 401: push not authorized
  (api=https://localhost:$HGPORT/project/.git/info/lfs/objects/batch, action=upload)
  [50]
  $ hg push `as alice`
  pushing to https://alice:***@localhost:$HGPORT/project
  searching for changes
  lfs: uploaded 2 files (9.00 MB)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 2 changes to 2 files
  $ cd ..
  $ rm -r `hg config lfs.usercache`
  $ hg clone -q `as bob` clone
  $ cmp work/large clone/large
  $ cmp work/small clone/small

Stored files are readable for their owner and group only. nginx sends them, and ranges
of them: the ETag is nginx's.

  $ find srv/project/.hg/store/lfs/objects -type f -perm 640 | wc -l | tr -d ' '
  2
  $ oid=`sha256sum < work/small | cut -c1-64`
  $ object=https://$url/.hg/lfs/objects/$oid
  $ ask() { curl -m 5 -s --cacert localhost.pem -o body -w '%{http_code}\n' "$@"; }
  $ token() { # USER OPERATION
  >     ask -u $1:$1-secret -H 'Accept: application/vnd.git-lfs+json' \
  >         -H 'Content-Type: application/vnd.git-lfs+json' https://$url/.git/info/lfs/objects/batch \
  >         -d '{"operation": "'$2'", "objects": [{"oid": "'$oid'", "size": 9}]}' > code
  >     sed -e 's/.*"Hglfs-Token": "\([^"]*\)".*/Hglfs-Token: \1/' body
  > }
  $ bob=`token bob download`
  $ ask -H "$bob" $object
  200
  $ cmp body work/small
  $ ask -H "$bob" -r 2-7 -D headers $object
  206
  $ cat body
  secret (no-eol)
  $ grep -i -e '^etag' -e '^content-range' -e '^x-' headers
  ETag: "*-9"\r (glob) (esc)
  X-Content-Type-Options: nosniff\r (esc)
  Content-Range: bytes 2-7/9\r (esc)

Slow clients occupy no thread of gunicorn with short requests, and do not take all
threads with file transfers.

  $ cat > slow.py <<EOF
  > import socket, ssl, subprocess, sys
  > port, kept = int(sys.argv[1]), []
  > def slow(method, path, header):
  >     context = ssl.create_default_context(cafile='localhost.pem')
  >     plain = socket.create_connection(('localhost', port))
  >     kept.append(context.wrap_socket(plain, server_hostname='localhost'))
  >     text = '%s /project/%s HTTP/1.1\\r\\nHost: localhost:%d\\r\\n%s\\r\\nContent-Length: 9\\r\\n\\r\\n{'
  >     kept[-1].sendall((text % (method, path, port, header)).encode('ascii'))
  > json = 'Content-Type: application/vnd.git-lfs+json'
  > for _number in range(60):
  >     slow('POST', '.hg/lfs/verify', json)
  >     slow('PUT', sys.argv[2], sys.argv[3])
  > sys.exit(subprocess.call(sys.argv[4:]))
  > EOF
  $ alice=`token alice upload`
  $ "$PYTHON" slow.py $HGPORT .hg/lfs/objects/$oid "$alice" curl -m 20 -s --cacert localhost.pem \
  >     -o body -w '%{http_code}\n' -u bob:bob-secret -H 'Accept: application/vnd.git-lfs+json' \
  >     -H 'Content-Type: application/vnd.git-lfs+json' https://$url/.git/info/lfs/objects/batch \
  >     -d '{"operation": "download", "objects": []}'
  200

The open routes: without a token every request is refused, whatever the user name.

  $ ask $object
  401
  $ ask -I $object
  401
  $ ask -u alice:wrong $object
  401
  $ ask -u alice:alice-secret $object
  401
  $ ask -H 'X-Remote-User: alice' $object
  401
  $ ask -H 'X_Remote_User: alice' $object
  401
  $ ask -H 'Hglfs-Token: nonsense' $object
  403
  $ ask -T work/small $object
  401
  $ ask -T work/small -u alice:wrong $object
  401
  $ ask -T work/small -H "$bob" $object
  403
  $ ask -H "$bob" -u alice:wrong https://$url/raw-file/tip/small
  401
  $ ask -d "" https://$url/.hg/lfs/packs/download
  401
  $ ask -d "{\"oid\": \"$oid\", \"size\": 9}" https://$url/.hg/lfs/verify
  401
  $ ask "$object?cmd=capabilities"
  404
  $ ask "$object?cmd=archive;node=tip;type=zip"
  401
  $ ask --path-as-is "https://$url/.hg/lfs/verify/../../../raw-file/tip/small"
  401
  $ ask --path-as-is "https://$url/raw-file/tip/small/../.hg/lfs/verify"
  401
  $ ask https://localhost:$HGPORT/hg-files/project/.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  404
  $ grep secret body
  [1]

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

The real git-lfs client: alice pushes, and bob clones.

  $ git config --global lfs.url https://bob:bob-secret@$url/.git/info/lfs
  $ git config --global lfs.pushurl `as alice`/.git/info/lfs
  $ git init -q --bare history.git
  $ git init -q git
  $ cd git
  $ git remote add origin ../history.git
  $ git lfs track '*.bin' > ../track.log
  $ cp ../clone/large large.bin
  $ echo 'first thing' > small.bin
  $ "$PYTHON" -c 'import random; open("new.bin", "wb").write(random.Random(2).randbytes(9 << 20))'
  $ git add .
  $ git commit -qm 'things'
  $ git push -q origin main > ../push.log 2>&1
  $ cd ..
  $ git clone -q history.git first
  $ diff -r -x .git git first
  $ git -C first lfs fsck
  Git LFS fsck OK
  $ echo 'second thing' > git/small.bin
  $ git -C git commit -qam 'another'
  $ git -C git push -q origin main > push.log 2>&1
  $ git -C first pull -q
  $ cat first/small.bin
  second thing

bob may not push: authentication is not authorization.

  $ git -C first config lfs.pushurl `as bob`/.git/info/lfs
  $ echo 'third thing' > first/small.bin
  $ git -C first commit -qam 'not allowed'
  $ git -C first push -q origin main > push.log 2>&1
  [1]
  $ git -C history.git log --format=%s main
  another
  things

An interrupted download is resumed.

  $ . "$TESTDIR/breaking.sh"
  $ git config --global lfs.url https://bob:bob-secret@localhost:$HGPORT1/project/.git/info/lfs
  $ git config --global lfs.transfer.maxretries 1
  $ git config --global lfs.concurrenttransfers 1
  $ proxy down 7000000
  $ git clone -q history.git broken > clone.log 2>&1
  [128]
  $ find broken/.git/lfs/incomplete -type f -size +3000k | wc -l | tr -d ' '
  1
  $ proxy down 30000000
  $ git -C broken reset -q --hard
  $ cmp git/new.bin broken/new.bin
  $ git -C broken lfs fsck
  Git LFS fsck OK
  $ grep -c ' 206 .*git-lfs' access.log
  1

There was no error, and no password is logged.

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ grep -v 'password mismatch' nginx.log
  [1]
  $ grep -v INFO gunicorn.log
  [1]
  $ grep -c '"GET /[^ ]*objects/' access.log > /dev/null
  $ grep -c -e '-secret' -e Hglfs-Token -e '[?]' access.log gunicorn.log
  access.log:0
  gunicorn.log:0
  [1]
