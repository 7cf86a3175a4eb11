Changesets are accepted after their blobs, or not at all. There is no cache here.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [experimental]
  > lfs.disableusercache = yes
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > EOS
  $ hg init work
  $ for name in a b c; do echo "this is $name" > work/$name; done
  $ hg -R work commit -Aqm first
  $ echo small > work/small
  $ hg -R work commit -Aqm second --config 'lfs.track=none()'
  $ hg init server
  $ serve server
  $ http=http://localhost:$HGPORT/
  $ ssh=ssh://user@dummy/server
  $ nowhere='--config lfs.url=null://'
  $ state() { # REPO: how much it has (Mercurial 6.3 empties files), and whether it is sound
  >     hg -R "$1" log -r 'last(all())' -T '{rev}:{phase} {desc}\n'
  >     find "$1/.hg/store" -name '*.i' -size +0 | wc -l | tr -d ' '
  >     grep -c lfs "$1/.hg/store/requires"
  >     hg -R "$1" verify -q
  >     hg -R "$1" recover
  > }

Over http and ssh, from a client that sends the blobs elsewhere. Nothing is stored.

  $ hg -R work push $http $nowhere
  pushing to http://localhost:$HGPORT/
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: a: lfs object b43c8dd79c783716f52d55511918ec8823a1c1635a6795f9b17b68592392d010 is missing
  remote: b: lfs object 1e3b8bd629ad285dca3c047e41b6ff31b6b8ef4c45b262f87edc2054e137738c is missing
  remote: c: lfs object 1ba9ec018e3945aa991ee6e5cea55b5f252aab9d04b23919db756fbd860046d9 is missing
  remote: transaction abort!
  remote: rollback completed
  remote: lfs objects are missing: a and 2 more
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R work push $ssh $nowhere
  pushing to ssh://user@dummy/server
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: a: lfs object b43c8dd79c783716f52d55511918ec8823a1c1635a6795f9b17b68592392d010 is missing
  remote: b: lfs object 1e3b8bd629ad285dca3c047e41b6ff31b6b8ef4c45b262f87edc2054e137738c is missing
  remote: c: lfs object 1ba9ec018e3945aa991ee6e5cea55b5f252aab9d04b23919db756fbd860046d9 is missing
  remote: transaction abort!
  remote: rollback completed
  remote: lfs objects are missing: a and 2 more
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R work push -q $http $nowhere
  remote: lfs objects are missing: a and 2 more
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R work push -q $ssh $nowhere
  remote: lfs objects are missing: a and 2 more
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ state server
  0
  0
  no interrupted transaction available
  [1]

Some of the blobs, and one of another size.

  $ objects=.hg/store/lfs/objects
  $ hg -R work debuglfsupload -r tip --config lfs.url=$http.git/info/lfs
  $ hg -R work debuglfsupload -r 0 --config lfs.url=$http.git/info/lfs
  lfs: uploaded 3 files (30 bytes)
  $ object() { hg -R work debugdata $1 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'; }
  $ mkdir aside
  $ mv server/$objects/`object a` aside/a
  $ mv server/$objects/`object b` aside/b
  $ echo short > server/$objects/`object b`
  $ hg -R work push -q $http $nowhere
  remote: large files are corrupt: b
  remote: (run 'hg verify' in the repository that they come from)
  abort: push failed on remote
  [100]
  $ hg -R work push $ssh $nowhere
  pushing to ssh://user@dummy/server
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: a: lfs object b43c8dd79c783716f52d55511918ec8823a1c1635a6795f9b17b68592392d010 is missing
  remote: b: lfs object 1e3b8bd629ad285dca3c047e41b6ff31b6b8ef4c45b262f87edc2054e137738c has 6 bytes instead of the 10 that its pointer states
  remote: transaction abort!
  remote: rollback completed
  remote: large files are corrupt: b
  remote: (run 'hg verify' in the repository that they come from)
  abort: push failed on remote
  [100]
  $ mv aside/b server/$objects/`object b`
  $ hg -R work push $http $nowhere
  pushing to http://localhost:$HGPORT/
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: a: lfs object b43c8dd79c783716f52d55511918ec8823a1c1635a6795f9b17b68592392d010 is missing
  remote: transaction abort!
  remote: rollback completed
  remote: lfs objects are missing: a
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ state server
  0
  0
  no interrupted transaction available
  [1]

The cache of the server's user does not count as the repository's store.

  $ mkdir -p cache/`object a | cut -c 1-2`
  $ cp aside/a cache/`object a`
  $ cp "$HGRCPATH" cachingrc
  $ cat >> cachingrc <<EOS
  > [lfs]
  > usercache = $TESTTMP/cache
  > [experimental]
  > lfs.disableusercache = no
  > EOS
  $ cat > cachinghg <<EOS
  > #!/bin/sh
  > HGRCPATH="$TESTTMP/cachingrc" exec hg "\$@"
  > EOS
  $ chmod +x cachinghg
  $ hg -R work push -q $ssh $nowhere --remotecmd $TESTTMP/cachinghg
  remote: lfs objects are missing: a
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R work push $ssh --remotecmd $TESTTMP/cachinghg
  pushing to ssh://user@dummy/server
  searching for changes
  lfs: uploaded 1 files (10 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 2 changesets with 4 changes to 4 files
  $ state server
  1:public second
  6
  1
  no interrupted transaction available
  [1]

Clients that send the blobs are accepted, and so are pushes of phases or small files.

  $ echo 'this is d' > work/d
  $ hg -R work commit -Aqm third
  $ hg -R work push $http
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 1 files (10 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ hg -R work bookmark here
  $ hg -R work push -q -B here $http
  [1]
  $ hg -R work phase -fd tip
  $ hg -R server phase -fd tip
  $ hg -R work push -q $http $nowhere
  [1]
  $ state server
  2:public third
  7
  1
  no interrupted transaction available
  [1]

A new revision of a blob that is there needs no upload.

  $ hg -R work rename -q work/d work/dd
  $ hg -R work commit -m fourth
  $ hg -R work push -q $http $nowhere
  $ state server
  3:public fourth
  8
  1
  no interrupted transaction available
  [1]

Mercurial's own lfs, with blobs and without; and no extension at all.

  $ stock='--config extensions.hglfs=! --config extensions.lfs='
  $ hg clone -q $stock $http stock
  $ echo 'this is e' > stock/e
  $ hg -R stock $stock commit -Aqm fifth
  $ hg -R stock $stock push $nowhere
  pushing to http://localhost:$HGPORT/
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: e: lfs object 64335800cae1374e006804aa60f3e5b94d48f79648b84c522a49a8d4bf3d821e is missing
  remote: transaction abort!
  remote: rollback completed
  remote: lfs objects are missing: e
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R stock $stock push $nowhere $ssh
  pushing to ssh://user@dummy/server
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: e: lfs object 64335800cae1374e006804aa60f3e5b94d48f79648b84c522a49a8d4bf3d821e is missing
  remote: transaction abort!
  remote: rollback completed
  remote: lfs objects are missing: e
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R stock $stock push
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 1 files (10 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ state server
  4:public fifth
  9
  1
  no interrupted transaction available
  [1]
  $ cat > plainrc <<EOS
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOS
  $ hg init fresh
  $ HGRCPATH=plainrc hg init plain
  $ echo text > plain/text
  $ HGRCPATH=plainrc hg -R plain commit -Aqm plain -u alice
  $ hg -R plain push -q ssh://user@dummy/fresh --config extensions.hglfs=!
  $ state fresh
  0:public plain
  3
  0
  no interrupted transaction available
  [1]

A server whose blobs are elsewhere accepts missing blobs, but no invalid pointers.

  $ hg init other
  $ cat > other/.hg/hgrc <<EOS
  > [lfs]
  > url = null://
  > EOS
  $ hg -R work push -q ssh://user@dummy/other $nowhere
  $ hg -R other log -r tip -T '{desc}\n'
  fourth
  $ hg init lenient
  $ cat > lenient/.hg/hgrc <<EOS
  > [lfs]
  > requireblobs = no
  > EOS
  $ hg -R work push -q ssh://user@dummy/lenient $nowhere
  $ hg -R lenient log -r tip -T '{desc}\n'
  fourth

The setting can require them, also from users on the same machine. Pulls, and changes by
the repository itself, are not checked.

  $ cat > other/.hg/hgrc <<EOS
  > [lfs]
  > url = null://
  > requireblobs = yes
  > EOS
  $ hg -R work bundle -q --all bundle.hg $nowhere
  $ hg -R other unbundle -q bundle.hg
  $ rm -r other/.hg/store
  $ mkdir other/.hg/store
  $ cp server/.hg/store/requires other/.hg/store
  $ hg -R other unbundle bundle.hg
  adding changesets
  adding manifests
  adding file changes
  a: lfs object b43c8dd79c783716f52d55511918ec8823a1c1635a6795f9b17b68592392d010 is missing
  b: lfs object 1e3b8bd629ad285dca3c047e41b6ff31b6b8ef4c45b262f87edc2054e137738c is missing
  c: lfs object 1ba9ec018e3945aa991ee6e5cea55b5f252aab9d04b23919db756fbd860046d9 is missing
  d: lfs object 8d13d34cb36b8a963f96f6f78f73168eea66e6a86115da6d62c6be6a4f285ba2 is missing
  dd: lfs object 8d13d34cb36b8a963f96f6f78f73168eea66e6a86115da6d62c6be6a4f285ba2 is missing
  transaction abort!
  rollback completed
  abort: lfs objects are missing: a and 4 more
  (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  [255]
  $ hg -R work push other $nowhere
  pushing to other
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  a: lfs object b43c8dd79c783716f52d55511918ec8823a1c1635a6795f9b17b68592392d010 is missing
  b: lfs object 1e3b8bd629ad285dca3c047e41b6ff31b6b8ef4c45b262f87edc2054e137738c is missing
  c: lfs object 1ba9ec018e3945aa991ee6e5cea55b5f252aab9d04b23919db756fbd860046d9 is missing
  d: lfs object 8d13d34cb36b8a963f96f6f78f73168eea66e6a86115da6d62c6be6a4f285ba2 is missing
  dd: lfs object 8d13d34cb36b8a963f96f6f78f73168eea66e6a86115da6d62c6be6a4f285ba2 is missing
  transaction abort!
  rollback completed
  abort: lfs objects are missing: a and 4 more
  (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  [255]
  $ hg -R work push -q ssh://user@dummy/other $nowhere
  remote: lfs objects are missing: a and 4 more
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  [100]
  $ hg -R other pull -q work
  $ hg -R work update -q 0
  $ echo aside > work/f
  $ hg -R work commit -Aqm side
  $ hg -R other pull -q work
  $ hg -R other --config extensions.strip= strip -r 1
  saved backup bundle to $TESTTMP/other/.hg/strip-backup/6d5947661744-99060c8f-backup.hg
  $ hg -R other log -T '{desc}\n'
  side
  first
  $ hg -R other unbundle -q other/.hg/strip-backup/*.hg
  d: lfs object 8d13d34cb36b8a963f96f6f78f73168eea66e6a86115da6d62c6be6a4f285ba2 is missing
  dd: lfs object 8d13d34cb36b8a963f96f6f78f73168eea66e6a86115da6d62c6be6a4f285ba2 is missing
  transaction abort!
  rollback completed
  abort: lfs objects are missing: d and 1 more
  (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  [255]
  $ hg -R other unbundle -q other/.hg/strip-backup/*.hg --config lfs.requireblobs=auto
  $ hg -R other log -T '{desc}\n'
  fourth
  third
  second
  side
  first
  $ hg init strict
  $ cat > strict/.hg/hgrc <<EOS
  > [lfs]
  > requireblobs = yes
  > EOS
  $ hg -R work push -q strict
  $ state strict
  4:public side
  9
  1
  no interrupted transaction available
  [1]
  $ hg -R work push -q strict $nowhere --config lfs.requireblobs=perhaps
  config error: lfs.requireblobs is not a boolean ('perhaps')
  [30]
  $ hg init lax
  $ hg -R lax unbundle -q bundle.hg
  $ hg -R lax log -r tip -T '{desc}\n'
  fourth

Many files: ten are named. Long names are cut where there is no room for them.

  $ hg init many
  $ long=`"$PYTHON" -c 'print("/".join(["x" * 90] * 4))'`
  $ mkdir -p many/$long
  $ for name in 1 2 3 4 5 6 7 8 9 10 11; do echo "number $name" > many/$long/$name; done
  $ hg -R many commit -Aqm many
  $ hg init empty
  $ hg -R many push ssh://user@dummy/empty $nowhere 2>&1 | sed 's/xxx*/x*/g'
  pushing to ssh://user@dummy/empty
  searching for changes
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: x*/x*/x*/x*/1: lfs object 9e058efbc62336b5b90ccfd95e7b5f3479dc054a5f332abf19ed4eeb15cd0d43 is missing
  remote: x*/x*/x*/x*/10: lfs object 2d3d95ce4363ff1c1f3364235f4271b79e0e06e9bc85f09bc96cfc08b58d48b9 is missing
  remote: x*/x*/x*/x*/11: lfs object 1ca9383204353a94fe8f01c125868b2a2d980c219c306f9b39c2895565dbd9be is missing
  remote: x*/x*/x*/x*/2: lfs object 6e2c68ee5883451a365bb5217aa9095a5aeae4272bd2f1c94b58b8f6f34607e5 is missing
  remote: x*/x*/x*/x*/3: lfs object 6e9aa71e7c54df9f54d941493830ec3dde8992e76bbe8387ae32908703dec398 is missing
  remote: x*/x*/x*/x*/4: lfs object 0c68e494f078626c3e07a16a505f7c14f736b81a8e88676cf9819d96d6e49bc0 is missing
  remote: x*/x*/x*/x*/5: lfs object 398a89ee791ec5aa123400562990bd33acdf2c6892461ee5294dd1133a71fbb4 is missing
  remote: x*/x*/x*/x*/6: lfs object e9bb6207bc559e2687ee2b3ddb4d84fe97a0138763bc70a04c14bb8af3f654fa is missing
  remote: x*/x*/x*/x*/7: lfs object 3c8ae7daf6d05e23b57faa8dd6864aad60eb06997d6648e3ed072696e0f5d565 is missing
  remote: x*/x*/x*/x*/8: lfs object 1f49441f03d64f15b49d57848982981444d169610d7ac26e614031e6a854ab24 is missing
  remote: and 1 more
  remote: transaction abort!
  remote: rollback completed
  remote: lfs objects are missing: ...x*/x*/1 and 10 more
  remote: (send them before, with 'hg debuglfsupload'; for a server whose objects are elsewhere, see lfs.requireblobs in 'hg help -e hglfs')
  abort: push failed on remote
  $ hg -R many push -q ssh://user@dummy/empty
  $ state empty
  0:public many
  13
  1
  no interrupted transaction available
  [1]
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
