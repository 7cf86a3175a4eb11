Git LFS servers of others, with the known quirks of each: a push and a clone.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [auth]
  > here.prefix = localhost
  > here.schemes = http
  > here.username = alice
  > here.password = secret
  > EOF
  $ hg init work
  $ cd work
  $ for number in 1 2 3 4 5; do
  >     echo "thing $number" > thing$number
  > done
  $ "$PYTHON" -c 'import random; open("large", "wb").write(random.Random(1).randbytes(3 << 20))'
  $ hg commit -Aqm things
  $ cd ..
  $ foreign() { # KIND PORT: what a push to and a clone from such a server say
  >     "$PYTHON" "$TESTDIR/foreignserver.py" $1 $2 $1 $1.pid
  >     "$RUNTESTDIR/testlib/wait-on-file" 60 $1.pid
  >     cat $1.pid >> "$DAEMON_PIDS"
  >     url="lfs.url=http://localhost:$2/lfs"
  >     hg init $1-hg
  >     hg -R work push -q $1-hg --config $url
  >     hg -R work push -q $1-hg --config $url
  >     hg clone -q --pull --config $url --config "lfs.usercache=$TESTTMP/none" $1-hg $1-clone
  >     diff -r -x .hg work $1-clone
  >     touch $1/log
  >     cat $1/log
  > }

GitLab wants chunked uploads, which a header of the action requests; a verification
follows.

  $ foreign gitlab $HGPORT

Gitea asks for credentials in a header of its own.

  $ foreign gitea $HGPORT1

Artifactory offers other authentication schemes besides Basic, has URLs with any folder,
other media types, and may limit the objects per request.

  $ foreign artifactory $HGPORT2
  POST /lfs/objects/batch: 422 at most 2 objects
  POST /lfs/objects/batch: 422 at most 2 objects

IIS offers Negotiate and NTLM first, closes connections, and supports no ranges.

  $ "$PYTHON" "$RUNTESTDIR/killdaemons.py" "$DAEMON_PIDS"
  $ foreign iis $HGPORT

A store with signed URLs accepts no other credentials, and the signed headers only.

  $ foreign signed $HGPORT1
