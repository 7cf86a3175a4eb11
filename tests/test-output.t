Status lines stay out of data: where a command prints data, they go to standard error.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ serve server
  $ hg init work
  $ cd work
  $ printf 'one\ntwo\n' > words
  $ hg commit -Aqm first
  $ printf 'one\ntwo\nthree\n' > words
  $ hg commit -qm second
  $ hg push -q http://localhost:$HGPORT/
  $ cd ..
  $ hg clone -qU http://localhost:$HGPORT/ clone
  $ cd clone

Each command runs without blobs first, and then again with them; its standard output is
the same both times:

  $ forget() {
  >   rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  > }
  $ streams() {
  >   forget
  >   hg "$@" > $TESTTMP/out 2> $TESTTMP/err
  >   hg "$@" > $TESTTMP/again 2> /dev/null
  >   cmp $TESTTMP/out $TESTTMP/again
  >   sed -n 's/^lfs: downloaded/out: &/p' $TESTTMP/out
  >   sed -n 's/^lfs: downloaded/err: &/p' $TESTTMP/err
  > }
  $ streams cat -r 1 words
  err: lfs: downloaded 1 files (14 bytes)
  $ streams cat -r 1 -T json words
  err: lfs: downloaded 1 files (14 bytes)
  $ streams cat -r 1 -o - words
  err: lfs: downloaded 1 files (14 bytes)
  $ streams archive -r 1 -t tar -
  err: lfs: downloaded 1 files (14 bytes)
  $ streams diff -r 0 -r 1
  err: lfs: downloaded 2 files (22 bytes)
  $ streams export 0
  err: lfs: downloaded 1 files (8 bytes)
  $ streams annotate -r 0 words
  err: lfs: downloaded 1 files (8 bytes)
  $ streams grep -r 0 two
  err: lfs: downloaded 1 files (8 bytes)
  $ streams log -r 0 -p
  err: lfs: downloaded 1 files (8 bytes)
  $ streams log -r 0 -T '{diff()}'
  err: lfs: downloaded 1 files (8 bytes)
  $ streams tip -p
  err: lfs: downloaded 2 files (22 bytes)
  $ streams files -r 0 'set:grep(two)'
  err: lfs: downloaded 1 files (8 bytes)
  $ HGPLAIN=1 streams diff -c 0
  err: lfs: downloaded 1 files (8 bytes)

The same with --verbose, and with aliases:

  $ streams cat -v -r 1 words
  err: lfs: downloaded 1 files (14 bytes)
  $ grep -c '^lfs: ' $TESTTMP/err
  7
  $ cat >> $HGRCPATH <<EOF
  > [alias]
  > who = annotate -r 0
  > whoelse = who words
  > EOF
  $ streams who words
  err: lfs: downloaded 1 files (8 bytes)
  $ streams whoelse
  err: lfs: downloaded 1 files (8 bytes)

They are still status lines: --quiet omits them, and ui.message-output redirects them:

  $ streams cat -q -r 1 words
  $ streams cat -r 1 words --config ui.message-output=stderr
  err: lfs: downloaded 1 files (14 bytes)
  $ cat > $TESTTMP/channels.py <<EOF
  > import struct, subprocess, sys
  > server = subprocess.Popen(
  >     ['hg', 'serve', '--cmdserver', 'pipe', *sys.argv[1].split()],
  >     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
  > def read():
  >     channel, length = struct.unpack('>cI', server.stdout.read(5))
  >     return channel, server.stdout.read(length)
  > read()
  > for command in sys.argv[2:]:
  >     print('+', command)
  >     line = '\0'.join(command.split()).encode()
  >     server.stdin.write(b'runcommand\n' + struct.pack('>I', len(line)) + line)
  >     server.stdin.flush()
  >     while True:
  >         channel, text = read()
  >         if channel == b'r':
  >             break
  >         if channel == b'o' or b'downloaded' in text:
  >             print(channel.decode(), text)
  > server.stdin.close()
  > server.wait()
  > EOF
  $ forget
  $ "$PYTHON" $TESTTMP/channels.py '' 'cat -r 0 words' 'update -r 1' 'cat -r 1 words'
  + cat -r 0 words
  e b'lfs: downloaded 1 files (8 bytes)\n'
  o b'one\ntwo\n'
  + update -r 1
  o b'lfs: downloaded 1 files (14 bytes)\n'
  o b'1 files updated, 0 files merged, 0 files removed, 0 files unresolved\n'
  + cat -r 1 words
  o b'one\ntwo\nthree\n'
  $ hg update -q null
  $ forget
  $ "$PYTHON" $TESTTMP/channels.py '--config ui.message-output=channel --config cmdserver.message-encodings=cbor' 'cat -r 0 words'
  + cat -r 0 words
  m * (glob)
  o b'one\ntwo\n'

Other commands print them where Mercurial prints its own:

  $ forget
  $ hg cat -r 1 -o $TESTTMP/words words 2> /dev/null
  lfs: downloaded 1 files (14 bytes)
  $ forget
  $ hg archive -r 1 $TESTTMP/archive 2> /dev/null
  lfs: downloaded 1 files (14 bytes)
  $ forget
  $ hg update -r 1 2> /dev/null
  lfs: downloaded 1 files (14 bytes)
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
