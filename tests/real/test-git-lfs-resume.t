The real git-lfs client with hg serve, interrupted: transfers in both directions are
resumed.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [lfs]
  > usercache = $TESTTMP/servercache
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ HOME=$TESTTMP; export HOME
  $ GIT_CONFIG_NOSYSTEM=1; export GIT_CONFIG_NOSYSTEM
  $ GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT
  $ GIT_LFS_PROGRESS=; unset GIT_LFS_PROGRESS
  $ git config --global user.name test
  $ git config --global user.email test@example.com
  $ git config --global init.defaultBranch main
  $ git config --global lfs.tustransfers true
  $ git config --global lfs.transfer.maxretries 1
  $ git lfs install --skip-repo
  Git LFS initialized.

Between them is a proxy that closes the connection after so many bytes, and accepts no
other until it is restarted.

  $ . "$TESTDIR/breaking.sh"
  $ hg init server
  $ hg -R server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ git config --global lfs.url http://127.0.0.1:$HGPORT1/.git/info/lfs

Push, by tus:

  $ git init -q --bare history.git
  $ git init -q work
  $ cd work
  $ git remote add origin ../history.git
  $ git lfs track '*.bin' > /dev/null
  $ "$PYTHON" -c 'import random; open("large.bin", "wb").write(random.Random(1).randbytes(20 << 20))'
  $ git add .
  $ git commit -qm 'large'
  $ proxy up 8388608
  $ git push -q origin main > ../push.log 2>&1
  [1]
  $ until grep -q PATCH ../access.log; do sleep 0.1; done
  $ find ../server/.hg/store/lfs -name 'partial-*' -size +6000k | wc -l | tr -d ' '
  1
  $ git -C ../history.git rev-parse -q --verify main
  [1]

The rest gets through where the whole blob would not.

  $ proxy up 14000000
  $ git push -q origin main > ../push.log 2>&1
  $ sed -n 's/.*"\(HEAD\|PATCH\|PUT\) [^"]*" \([0-9]*\).*/\1 \2/p' ../access.log
  HEAD 200
  PATCH 409
  HEAD 200
  PATCH 204
  $ git -C ../history.git log --format=%s main
  large
  $ cd ..

Clone, by ranges:

  $ kill `cat proxy.pid`
  $ proxy down 8388608
  $ git clone -q history.git clone > clone.log 2>&1
  [128]
  $ find clone/.git/lfs/incomplete -type f -size +6000k | wc -l | tr -d ' '
  1
  $ proxy down 14000000
  $ git -C clone reset -q --hard
  $ cmp work/large.bin clone/large.bin
  $ git -C clone lfs fsck
  Git LFS fsck OK
  $ sed -n 's/.*"\(GET\) [^"]*" \([0-9]*\).*/\1 \2/p' access.log
  GET 200
  GET 206
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
