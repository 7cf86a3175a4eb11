A repository behind a real sshd: blobs use Mercurial's own connection, and killed
transfers are resumed.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [lfs]
  > track = all()
  > [ui]
  > remotecmd = $TESTTMP/far
  > ssh = "$PYTHON" "$TESTTMP/near.py" ssh -F none -i "$TESTTMP/key" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o "UserKnownHostsFile=$TESTTMP/known"
  > EOF

The far end has its own configuration and cache, and reports when it has finished.

  $ cat > farrc <<EOF
  > [extensions]
  > hglfs =
  > [lfs]
  > usercache = $TESTTMP/farcache
  > EOF
  $ cat > far <<EOF
  > #!/bin/sh
  > HGRCPATH="$TESTTMP/farrc"; export HGRCPATH
  > PYTHONPATH="$PYTHONPATH"; export PYTHONPATH
  > echo begun >> "$TESTTMP/far.log"
  > "`command -v hg`" "\$@"
  > echo done >> "$TESTTMP/far.log"
  > EOF
  $ chmod +x far
  $ settled() { # waits until the far end has no process left
  >     until test `grep -c begun "$TESTTMP/far.log"` = `grep -c done "$TESTTMP/far.log"`; do
  >         sleep 0.1
  >     done
  > }

The near end counts the bytes, and kills the client after a limit.

  $ cat > near.py <<EOF
  > import os, signal, subprocess, sys, threading
  > limits = {'up': os.environ.get('CUTUP'), 'down': os.environ.get('CUTDOWN')}
  > passed = {'up': 0, 'down': 0}
  > ssh = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
  > def relay(way, source, sink):
  >     left = int(limits[way]) if limits[way] else 1 << 60
  >     while True:
  >         data = os.read(source, min(1 << 16, left) if left else 1 << 16)
  >         if not data:
  >             break
  >         if left:
  >             try:
  >                 while data:
  >                     done = os.write(sink, data)
  >                     data = data[done:]
  >                     passed[way] += done
  >                     left -= done
  >             except OSError:
  >                 left = 0
  >             if not left and limits[way]:
  >                 with open(os.environ['TESTTMP'] + '/client.pid') as handle:
  >                     os.kill(int(handle.read()), signal.SIGKILL)
  >                 os.close(sink)
  >     if left:
  >         os.close(sink)
  > ways = [
  >     threading.Thread(target=relay, args=('up', 0, ssh.stdin.fileno()), daemon=True),
  >     threading.Thread(target=relay, args=('down', ssh.stdout.fileno(), 1), daemon=True),
  > ]
  > for way in ways:
  >     way.start()
  > ways[1].join()
  > code = ssh.wait()
  > with open(os.environ['TESTTMP'] + '/passed', 'a') as handle:
  >     handle.write('%(up)d %(down)d\n' % passed)
  > os._exit(code)
  > EOF
  $ moved() { # up|down: how many bytes have passed since this was last asked
  >     settled
  >     "$PYTHON" - $1 "$TESTTMP/passed" <<END
  > import sys
  > column = ['up', 'down'].index(sys.argv[1])
  > print(sum(int(line.split()[column]) for line in open(sys.argv[2])))
  > END
  >     rm -f "$TESTTMP/passed"
  > }
  $ between() { # LOW NUMBER HIGH
  >     if test "$1" -le "$2" && test "$2" -le "$3"; then echo yes; else echo "no: $2"; fi
  > }
  $ partial() { # REPO: the size of what there is of a blob
  >     find "$1/.hg/store/lfs" -name 'partial-*' -exec wc -c {} + | awk '{print $1}'
  > }
  $ killed() { # VARIABLE=LIMIT ARGS: runs a command of hg until so much has passed
  >     limit=$1; shift
  >     env "$limit" sh -c 'echo $$ > "$TESTTMP/client.pid"; exec hg "$@"' sh "$@"
  > }

  $ ssh-keygen -q -t ed25519 -N '' -f hostkey
  $ ssh-keygen -q -t ed25519 -N '' -f key
  $ cat > sshd_config <<EOF
  > Port $HGPORT
  > ListenAddress 127.0.0.1
  > HostKey $TESTTMP/hostkey
  > AuthorizedKeysFile $TESTTMP/key.pub
  > PidFile $TESTTMP/sshd.pid
  > StrictModes no
  > UsePAM no
  > PasswordAuthentication no
  > KbdInteractiveAuthentication no
  > PermitRootLogin yes
  > EOF
  $ test `id -u` != 0 || mkdir -p /run/sshd
  $ /usr/sbin/sshd -f "$TESTTMP/sshd_config" -E "$TESTTMP/sshd.log"
  $ until test -s sshd.pid; do sleep 0.1; done
  $ cat sshd.pid >> "$DAEMON_PIDS"
  $ url=ssh://`id -un`@127.0.0.1:$HGPORT/$TESTTMP

A large file and many small ones:

  $ hg init work
  $ cd work
  $ "$PYTHON" -c 'import random; open("large", "wb").write(random.Random(1).randbytes(20 << 20))'
  $ for i in `seq 300`; do echo $i > small-$i; done
  $ hg commit -Aqm files
  $ cd ..
  $ hg init $url/served
  $ settled
  $ rm passed

A push that is killed when 8 MB have passed:

  $ killed CUTUP=8388608 -R work push -q $url/served > push.log 2>&1
  [137]
  $ moved up
  8388608
  $ hg -R served log
  $ there=`partial served`
  $ between 6000000 $there 8388608
  yes

The next push sends the rest.

  $ hg -R work push $url/served | grep -v '^remote'
  pushing to ssh://*/served (glob)
  searching for changes
  lfs: uploaded * files (* MB) (glob)
  $ all=20971520
  $ between $((all - there)) `moved up` $((all - there + 500000))
  yes
  $ find served/.hg/store/lfs/objects -type f | wc -l | tr -d ' '
  301
  $ partial served
  $ hg -R served update -q
  $ diff -r -x .hg work served

A clone that is killed when 8 MB have passed, in its checkout:

  $ rm -r `hg config lfs.usercache`
  $ killed CUTDOWN=8388608 clone -q $url/served clone > clone.log 2>&1
  [137]
  $ between 8388608 `moved down` 8888608
  yes
  $ there=`partial clone`
  $ between 6000000 $there 8388608
  yes
  $ hg -R clone log -T '{rev} {desc}\n'
  0 files
  $ hg -R clone update
  lfs: downloaded * files (* MB) (glob)
  301 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ between $((all - there)) `moved down` $((all - there + 500000))
  yes
  $ partial clone
  $ diff -r -x .hg work clone

A clone without interruptions. There is one connection for all blobs.

  $ rm -r `hg config lfs.usercache`
  $ hg clone $url/served whole | grep -v -e '^new changesets' -e '^added'
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  updating to branch default
  lfs: downloaded 301 files (20.0 MB)
  301 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ diff -r -x .hg work whole
  $ between $all `moved down` $((all + 500000))
  yes
  $ hg -R whole verify -q

Blobs that are there are not sent again.

  $ echo more > work/more
  $ hg -R work commit -Aqm more
  $ hg -R work push -q $url/served
  $ between 0 `moved up` 10000
  yes
  $ hg -R whole pull -qu
  $ between 0 `moved down` 10000
  yes
  $ diff -r -x .hg work whole
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
