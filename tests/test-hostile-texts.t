Text of servers, agents and history reaches the terminal on one line, without control
sequences, and without secrets.

  $ . "$TESTDIR/helpers.sh"
  $ cat > clean.py <<EOF
  > import subprocess, sys
  > done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
  > text = done.stdout.decode('utf-8', 'surrogateescape')
  > bad = [c for c in text if c != '\n' and not c.isprintable()]
  > print('DIRTY: %r' % text if bad or 'SECRET' in text else text, end='')
  > sys.exit(done.returncode)
  > EOF
  $ hg() { HGENCODING=utf-8 "$PYTHON" $TESTTMP/clean.py hg "$@"; }
  $ mkdir bad
  $ "$PYTHON" "$TESTDIR/rawserver.py" $HGPORT bad bad/pid
  $ "$RUNTESTDIR/testlib/wait-on-file" 60 bad/pid
  $ cat bad/pid >> "$DAEMON_PIDS"
  $ there=http://localhost:$HGPORT
  $ hg init repo
  $ cd repo
  $ echo content > large
  $ hg commit -Aqm first
  $ oid=`hg debugdata large 0 | sed -n 's/^oid sha256://p'`
  $ upload() { hg debuglfsupload -r 0 --config lfs.url=$there --config lfs.retry=0 "$@"; }
  $ evil='\033[2J\033]0;owned\007\302\2331m\342\200\256 gr\303\274n'

Reason phrases, which are Latin-1, and bodies that are not JSON:

  $ printf "HTTP/1.1 403 \033[2J\23331m gr\374n\n\nnothing" > ../bad/any
  $ upload
  abort: LFS HTTP error: HTTP Error 403: \\x1b[2J\\x9b31m gr\xc3\xbcn (esc)
  (api=http://localhost:$HGPORT/objects/batch, action=upload)
  [50]
  $ printf "HTTP/1.1 200 OK\n\n$evil\nabort: forged line\n\"Authorization\": \"Basic SECRET\"" > ../bad/any
  $ upload
  abort: LFS server returns invalid JSON: \\x1b[2J\\x1b]0;owned\\x07\\x9b1m\\u202e gr\xc3\xbcn\\nabort: forged line\\n"Authorization": "***" (esc)
  (invalid JSON; is http://localhost:$HGPORT a Git LFS server?)
  [50]

Replies with --debug, including their headers and the replies to an upload:

  $ reply() { # HREF
  >     printf "HTTP/1.1 200 OK\nX-Evil: $evil\nSet-Cookie: a=SECRET\nHglfs-Token: SECRET\nLocation: /x?sig=SECRET\n\n" > ../bad/objects_batch
  >     printf '{"objects": [{"oid": "%s", "size": 8, "note\\u001b": "\\u001b[2J", "actions": {"upload": {"href": "%s", "header": {"X": "SECRET"}}}}]}' $oid "$1" >> ../bad/objects_batch
  > }
  $ reply "$there/take?sig=SECRET"
  $ printf "HTTP/1.1 200 OK\n\n$evil\nforged line\n" > ../bad/any
  $ upload --debug | grep -v Date
  lfs: computing set of blobs to upload
  Status: 200
  Content-Length: 230
  Hglfs-Token: ***
  Location: /x?...
  Set-Cookie: ***
  X-Evil: =?utf-8?b?...
  {
    "objects": [
      {
        "actions": {
          "upload": {
            "header": {
              "X": "***"
            }
            "href": "http://localhost:$HGPORT/take?..."
          }
        }
        "note\u001b": "\u001b[2J"
        "oid": "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"
        "size": 8
      }
    ]
  }
  lfs: uploading 434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53 (8 bytes)
  Status: 200
  Content-Length: 40
  lfs upload response: \\x1b[2J\\x1b]0;owned\\x07\\x9b1m\\u202e gr\xc3\xbcn\\nforged line (esc)
  lfs: processed: 434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53
  lfs: uploaded 1 files (8 bytes)
  $ printf "HTTP/1.1 500 $evil\n\n$evil\nforged line\n" > ../bad/any
  $ upload --debug | grep -v -e Date -e '"' -e '^[]{} ]*$'
  lfs: computing set of blobs to upload
  Status: 200
  Content-Length: 230
  Hglfs-Token: ***
  Location: /x?...
  Set-Cookie: ***
  X-Evil: =?utf-8?b?...
  lfs: uploading 434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53 (8 bytes)
  434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53: \\x1b[2J\\x1b]0;owned\\x07\\x9b1m\\u202e gr\xc3\xbcn\\nforged line\\n (esc)
  abort: LFS HTTP error: HTTP Error 500: \\x1b[2J\\x1b]0;owned\\x07\\x9b1m\\u202e gr\xc3\xbcn (oid=434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53, action=upload) (esc)

If a server cannot be reached, the URL is shown without its signature and password:

  $ reply "http://me:SECRET@localhost:$HGPORT2/take?sig=SECRET"
  $ upload
  abort: LFS error: $ECONNREFUSED$
  (attempted connection to http://me:***@localhost:$HGPORT2/take?...)
  [50]
  $ reply "http://me:SECRET@local host/?sig=SECRET"
  $ upload 2>&1 | tail -1
  abort: LFS server error for "large": malformed answer: not a URL: http://me:***@local host/?...
  $ reply "ftp://me:SECRET@localhost/?sig=SECRET"
  $ upload
  abort: LFS error: not an http(s) URL: 'ftp://localhost/?...'
  (attempted connection to ftp://me:***@localhost/?...)
  [50]
  $ reply "$there/moved"
  $ printf "HTTP/1.1 302 Moved\nLocation: ftp://me:SECRET@localhost/?sig=SECRET\n\n" > ../bad/moved
  $ upload
  abort: LFS error: not an http(s) URL: 'ftp://me:***@localhost/?...'
  (attempted connection to http://localhost:$HGPORT/moved)
  [50]

Locks: paths, owners, ids and messages:

  $ locks() { # STATUS TEXT: has requests answered that are about locks
  >     printf "HTTP/1.1 $1\n\n" > ../bad/any
  >     printf '%s' "$2" >> ../bad/any
  > }
  $ text='\u001b[2J\u009b31m\u202e gr\u00fcn\nforged line'
  $ lock='{"id": "x", "path": "a'$text'", "owner": {"name": "al'$text'"}}'
  $ locks '200 OK' '{"locks": ['"$lock"']}'
  $ hg lfs-locks --config lfs.url=$there
  a\\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line  al\\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line  x (esc)
  $ locks '200 OK' '{"lock": '"$lock"'}'
  $ hg lfs-unlock --id x --config lfs.url=$there
  unlocked a\\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line (esc)
  $ locks '409 Conflict' '{"lock": '"$lock"', "message": "no"}'
  $ hg lfs-lock large --config lfs.url=$there
  large: already locked by al\\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line (esc)
  [1]
  $ locks '403 Forbidden' '{"message": "'"$text"' http://me:SECRET@localhost/"}'
  $ hg lfs-lock large --config lfs.url=$there
  large: \\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line http://me:***@localhost/ (esc)
  [1]
  $ hg lfs-locks --config lfs.url=$there
  abort: \\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line http://me:***@localhost/ (esc)
  [50]
  $ hg lfs-unlock --id x --config lfs.url=$there
  x: \\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line http://me:***@localhost/ (esc)
  [1]

A transfer agent's messages:

  $ cat > ../agent <<EOF
  > #!/bin/sh
  > read line; echo '{}'
  > read line
  > printf '%s\n' '{"event": "complete", "oid": "$oid", "error": {"code": 1, "message": "$text"}}'
  > EOF
  $ chmod +x ../agent
  $ upload --config lfs.customtransfer.x.path=$TESTTMP/agent --config lfs.standalonetransferagent=x
  abort: lfs transfer agent x: error for "large": \\x1b[2J\\x9b31m\\u202e gr\xc3\xbcn\\nforged line (code 1) (esc)
  [50]

Rules in the history:

  $ printf "[track]\n\033[2J forged\n" > .hglfs
  $ hg commit -Am rules
  adding .hglfs
  config error at .hglfs:2: \x1b[2J forged
  [30]
  $ printf "[track]\n** = size(\033[2J)\n" > .hglfs
  $ hg commit -Am rules
  adding .hglfs
  abort: parse error in .hglfs: syntax error
  (see .hglfs:2)
  [255]
  $ printf "[track]\n** = evil\033[2J()\n" > .hglfs
  $ hg commit -Am rules
  adding .hglfs
  abort: parse error in .hglfs: syntax error
  (see .hglfs:2)
  [255]
  $ rm .hglfs

Pointers in the history: unknown keys, and invalid pointers.

  $ cat > $TESTTMP/pointer.py <<EOF
  > from mercurial import registrar, revlog
  > cmdtable = {}
  > command = registrar.command(cmdtable)
  > @command(b'evil', [], norepo=False)
  > def evil(ui, repo, text):
  >     text = text.decode('unicode_escape').encode('latin-1')
  >     with repo.lock(), repo.transaction(b'evil') as tr:
  >         try:
  >             log = repo.file(b'large', writable=True)._revlog
  >         except TypeError:  # hg <= 6.9
  >             log = repo.file(b'large')._revlog
  >         tip = log.node(len(log) - 1)
  >         node = log.hash(b'x' + text, tip, repo.nullid)
  >         log.addrawrevision(text, tr, len(repo), tip, repo.nullid, node, 1 << 13)
  > EOF
  $ for text in 'no pointer\033[2J' 'version https://git-lfs.github.com/spec/v1\nx\033[2J y\n' \
  >             'version https://git-lfs.github.com/spec/v1\noid \033[2J\nsize 1\n'; do
  >     hg --config extensions.evil=$TESTTMP/pointer.py evil "$text" || continue
  >     hg debugdata large `hg debugindex large | tail -1 | sed 's/^ *//; s/ .*//'` > /dev/null
  > done
  $ hg verify -q | grep unpacking
   large@1: unpacking 2eff5982ddf7: missing lfs pointer keys: oid, size, version
   large@1: unpacking f323991d1711: unexpected lfs pointer key: x\x1b[2J
   large@1: unpacking 1f4189f9988a: unexpected lfs pointer value: oid='\x1b[2J'
