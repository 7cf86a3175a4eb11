A server whose tokens expire before the time that it announces: giftless, whose tokens
live ten seconds longer than configured, and here not longer than two.

  $ . "$TESTDIR/giftless.sh"
  $ giftless "
  > PRE_AUTHORIZED_ACTION_PROVIDER:
  >   factory: giftless.auth.jwt:factory
  >   options: {algorithm: HS256, private_key: secret, default_lifetime: -8}"
  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > bandwidth = 1 MB
  > EOF
  $ log() { # what there was, by method and status
  >     sed 's# [^ ]* # #' "$TESTTMP/giftless-access.log" | LC_ALL=C sort -u
  >     : > "$TESTTMP/giftless-access.log"
  > }
  $ hg init away
  $ hg init work
  $ "$PYTHON" -c 'import random
  > for name in "ab": open("work/" + name, "wb").write(random.Random(name).randbytes(5 << 19))'
  $ hg -R work commit -Aqm files

Each transfer takes longer than a token lives, so the second is refused and renewed.

  $ log > /dev/null
  $ hg -R work push -q away
  $ ls lfs/org/repo | wc -l | tr -d ' '
  2
  $ log
  POST 200
  PUT 200
  PUT 401
  $ rm -r `hg config lfs.usercache`
  $ hg clone -q away clone
  $ log
  GET 200
  GET 401
  POST 200
  $ diff -r -x .hg work clone
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
