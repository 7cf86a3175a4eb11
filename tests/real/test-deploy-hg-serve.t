hg serve, started by systemd as in contrib/deploy.

  $ . "$TESTDIR/deploy.sh"
  $ identities
  $ repository project
  $ sed -i -e 's/^allow_read.*/allow_read = */' -e 's/^allow-push.*/allow-push = */' srv/project/.hg/hgrc
  $ repository private
  $ example hgweb.config hg-serve.service
  $ printf '[web]\npush_ssl = no\n' >> etc/hgweb.config
  $ command=`sed -n -e '/^ExecStart=/,/[^\\\\]$/{s/^ExecStart=//;s/\\\\$//;p}' etc/hg-serve.service | tr -d '\n'`
  $ echo $command | sed 's/--address.*--config/.../'
  hg serve --web-conf $TESTTMP/etc/hgweb.config ... lfs.offload=no
  $ HGRCPATH=$TESTTMP/etc/hgweb.config $command -d --pid-file hg.pid -A access.log -E errors.log \
  >     > serve.log
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ url=http://127.0.0.1:$HGPORT
  $ hg init work
  $ cd work
  $ "$PYTHON" -c 'import random; open("large", "wb").write(random.Random(1).randbytes(9 << 20))'
  $ echo 'small' > small
  $ hg commit -Aqm 'things'
  $ hg push -q $url/project
  $ cd ..
  $ rm -r `hg config lfs.usercache`
  $ hg clone -q $url/project clone
  $ cmp work/large clone/large

hg serve authenticates no users, so a repository that only some may read is closed.

  $ hg clone $url/private
  abort: authorization failed
  [255]

Objects need a token here, too.

  $ oid=`sha256sum < work/small | cut -c1-64`
  $ curl -s -o body -w '%{http_code}\n' $url/project/.hg/lfs/objects/$oid
  401

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
