The real git-lfs client with hg serve.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ serve() {
  >     hg --config "lfs.usercache=$TESTTMP/servercache" -R server serve -d -p $HGPORT \
  >         --pid-file="$TESTTMP/hg.pid" -A "$TESTTMP/access.log" -E "$TESTTMP/errors.log" "$@"
  >     cat "$TESTTMP/hg.pid" >> "$DAEMON_PIDS"
  > }
  $ objects() { # STORE: the oids in it, shortened
  >     find "$1" -type f | sed 's#.*/##' | cut -c1-12 | sort
  > }

git has no credential helper here, and prompts for nothing.

  $ HOME=$TESTTMP; export HOME
  $ GIT_CONFIG_NOSYSTEM=1; export GIT_CONFIG_NOSYSTEM
  $ GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT
  $ GIT_LFS_PROGRESS=; unset GIT_LFS_PROGRESS
  $ git config --global user.name test
  $ git config --global user.email test@example.com
  $ git config --global init.defaultBranch main
  $ git config --global advice.detachedHead false
  $ git lfs install --skip-repo
  Git LFS initialized.
  $ lfs=http://localhost:$HGPORT/.git/info/lfs

Push. git-lfs asks for locks, which this server does not have: it has no users.

  $ hg init server
  $ serve
  $ git init -q --bare history.git
  $ git init -q work
  $ cd work
  $ git config lfs.url $lfs
  $ git remote add origin ../history.git
  $ git lfs track '*.bin' > /dev/null
  $ echo 'first thing' > one.bin
  $ git add .
  $ git commit -qm 'thing'
  $ git push -q origin main > push.log 2>&1
  $ grep -o 'Locking support detected' push.log
  [1]
  $ git clone -q -c lfs.url=$lfs ../history.git ../first
  $ cat ../first/one.bin
  first thing
  $ "$PYTHON" -c 'print("\n".join(map(str, range(500000))))' > two.bin
  $ printf '<!doctype html>' > three.bin
  $ for i in `seq 120`; do echo $i > many-$i.bin; done
  $ git add .
  $ git commit -qm 'things'
  $ git push -q origin main > push.log 2>&1
  $ git -C ../history.git log --format=%s main
  things
  thing
  $ find ../server/.hg/store/lfs/objects -type f | wc -l | sed 's/ //g'
  123
  $ cd ..

Clone. The received files are those that were sent.

  $ git clone -q -c lfs.url=$lfs history.git clone
  $ diff -r -x .git -x push.log work clone
  $ git -C clone lfs fsck
  Git LFS fsck OK

Fetch of a later blob, without a checkout, and then with it.

  $ echo 'second thing' > clone/one.bin
  $ git -C clone commit -qam 'another'
  $ git -C clone push -q origin main > push.log 2>&1
  $ cd work
  $ git pull -q origin main
  $ cat one.bin
  second thing
  $ cd ..

Nothing is sent twice.

  $ grep -c PUT access.log
  124
  $ git -C work lfs push --all origin 2>&1 | grep -v -i -e lock -e '^Uploading.*100%'
  [1]
  $ grep -c PUT access.log
  124

A missing object: git-lfs reports it, and fails.

  $ oid=`sha256sum < work/one.bin | cut -c1-64`
  $ object=server/.hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ mv $object sound
  $ rm -rf servercache
  $ git clone -q -c lfs.url=$lfs history.git missing 2>missing.log
  [128]
  $ grep -o -e '^Error downloading object: one.bin' -e 'The object does not exist$' missing.log
  Error downloading object: one.bin
  The object does not exist

A damaged one: git-lfs reports it, too.

  $ echo noise > $object
  $ git clone -q -c lfs.url=$lfs history.git damaged 2>damaged.log
  [128]
  $ grep -o -e '^Error downloading object: one.bin' -e 'The object is corrupt$' damaged.log
  Error downloading object: one.bin
  The object is corrupt

And repaired by a client that has it.

  $ git -C work lfs push --object-id origin $oid > /dev/null
  $ cmp $object sound
  $ git clone -q -c lfs.url=$lfs history.git mended
  $ cat mended/one.bin
  second thing

With curl: content with another hash is refused, with a status that no git-lfs takes for
a success, and leaves nothing behind.

  $ other=`printf 'something else' | sha256sum | cut -c1-64`
  $ put() { # OID, and what it is said to be
  >     printf "$2" | curl -m 5 -s -o body -w '%{http_code}\n' -X PUT --data-binary @- \
  >         -H 'Content-Type: application/octet-stream' http://localhost:$HGPORT/.hg/lfs/objects/$1
  > }
  $ put $other 'something other'
  400
  $ put $other ''
  400
  $ objects server/.hg/store/lfs | grep -c `echo $other | cut -c1-12`
  0
  [1]
  $ find server/.hg/store/lfs -name 'incoming*'
  $ put $other 'something else'
  201
  $ put $other 'something else'
  200
  $ put `echo $other | tr a-f A-F` 'something else'
  404
  $ put abc 'something else'
  404

Other adapters that git-lfs offers besides "basic", in any order, are ignored.

  $ batch() { # BODY [CONTENT-TYPE [ACCEPT]]
  >     curl -m 5 -s -w '%{http_code} %{content_type}\n' -d "$1" \
  >         -H "Content-Type: ${2:-application/vnd.git-lfs+json; charset=utf-8}" \
  >         -H "Accept: ${3:-application/vnd.git-lfs+json}" $lfs/objects/batch |
  >         sed -e 's/"expires_at": "[^"]*"/"expires_at": TIME/g' -e "s/$oid/OID/g"
  > }
  $ ask() { # TRANSFERS
  >     batch '{"operation": "download", "transfers": '"$1"', "ref": {"name": "refs/heads/main"}, "hash_algo": "sha256", "objects": [{"oid": "'$oid'", "size": 13}]}'
  > }
  $ ask '["lfs-standalone-file", "basic", "ssh"]'
  {"transfer": "basic", "objects": [{"oid": "OID", "size": 13, "actions": {"download": {"href": "http://localhost:$HGPORT/.hg/lfs/objects/OID", "expires_at": TIME, "header": {"Accept": "application/vnd.git-lfs"}}}}]}200 application/vnd.git-lfs+json
  $ ask '["ssh", "lfs-standalone-file", "basic"]' | tail -c 40
  "}}}}]}200 application/vnd.git-lfs+json
  $ ask '["tus", "basic", "from the future"]' | tail -c 40
  "}}}}]}200 application/vnd.git-lfs+json
  $ ask '["basic"]' | tail -c 40
  "}}}}]}200 application/vnd.git-lfs+json
  $ ask '[]' | tail -c 40
  "}}}}]}200 application/vnd.git-lfs+json
  $ ask null | tail -c 40
  "}}}}]}200 application/vnd.git-lfs+json
  $ ask '["ssh", "tus"]' | tail -c 40
  "}}}}]}200 application/vnd.git-lfs+json
  $ ask '["ssh", "from the future"]'
  {"message": "Only the basic LFS transfer handler is supported"}400 application/vnd.git-lfs+json

Media types and their parameters:

  $ small='{"operation": "upload", "objects": [], "ref": null}'
  $ batch "$small" 'application/vnd.git-lfs+json'
  {"transfer": "basic", "objects": []}200 application/vnd.git-lfs+json
  $ batch "$small" 'Application/VND.git-lfs+json ; charset="UTF-8"'
  {"transfer": "basic", "objects": []}200 application/vnd.git-lfs+json
  $ batch "$small" 'application/vnd.git-lfs+json' 'application/vnd.git-lfs+json; charset=utf-8'
  {"transfer": "basic", "objects": []}200 application/vnd.git-lfs+json
  $ batch "$small" 'application/vnd.git-lfs+json' 'text/html, */*;q=0.1'
  {"transfer": "basic", "objects": []}200 application/vnd.git-lfs+json
  $ batch "$small" 'text/plain'
  {"message": "Unsupported Media Type"}415 application/vnd.git-lfs+json
  $ batch "$small" 'application/vnd.git-lfs+json' 'text/html'
  {"message": "Not Acceptable"}406 application/vnd.git-lfs+json

Invalid requests:

  $ batch '{"operation": "upload", "objects": [{"oid": "x", "size": 1}]}'
  {"transfer": "basic", "objects": [{"oid": "x", "size": 1, "error": {"code": 422, "message": "not an oid: x"}}]}200 application/vnd.git-lfs+json
  $ batch '{"operation": "upload", "objects": [{"oid": "'$oid'", "size": -1}]}'
  {"transfer": "basic", "objects": [{"oid": "OID", "size": -1, "error": {"code": 422, "message": "not a size: -1"}}]}200 application/vnd.git-lfs+json
  $ batch 'not JSON'
  {"message": "invalid JSON"}400 application/vnd.git-lfs+json
  $ batch '[]'
  {"message": "the request is not a JSON object"}400 application/vnd.git-lfs+json
  $ curl -m 5 -s -o body -w '%{http_code}\n' $lfs/objects/batch
  405
  $ curl -m 5 -sI http://localhost:$HGPORT/.hg/lfs/objects/$oid | head -1
  HTTP/1.1 200 OK\r (esc)

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
