What a report of a bug needs, and why there is no connection.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/users.sh"
  $ cat >> "$HGRCPATH" <<END
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > END
  $ env() { # ARG...: what comes after the cache, without the settings of all tests
  >     hg lfs-env "$@" | sed -e '1,/^user cache/d' -e '/lfs.track = /d' -e '/lfs.usercache = /d'
  > }
  $ checks() { # ARG...: the checks
  >     hg lfs-env "$@" > out
  >     status=$?
  >     sed -n '/^checks/,$p' out
  >     rm out
  >     return $status
  > }

Outside of a repository there are versions and settings:

  $ hg lfs-env
  hg-lfs:       * (glob)
  Mercurial:    * (glob)
  Python:       3.* (glob)
  platform:     * (glob)
  settings:
    lfs.track = all() ($HGRCPATH:*) (glob)
    lfs.usercache = $TESTTMP/.cache/lfs ($HGRCPATH:*) (glob)
  $ hg lfs-env http://localhost:1/
  abort: no repository here whose settings could be used
  [10]

A new repository has nowhere to push to:

  $ hg init server
  $ hg init mine
  $ cd mine
  $ hg lfs-env | sed '1,4d'
  repository:   $TESTTMP/mine
  requires lfs: no
  store:        $TESTTMP/mine/.hg/store/lfs/objects
  user cache:   $TESTTMP/.cache/lfs
  rules:        1 in lfs.track
  endpoints:
    (no path), pull: none
    (no path), push: none
  settings:
    lfs.track = all() ($HGRCPATH:27)
    lfs.usercache = $TESTTMP/.cache/lfs ($HGRCPATH:19)

Its blobs go where its changesets go:

  $ serve ../server
  $ cat > .hg/hgrc <<END
  > [paths]
  > default = http://localhost:$HGPORT/
  > near = ../server
  > far = ssh://user@dummy/server
  > END
  $ env
  rules:        1 in lfs.track
  endpoints:
    default, pull: http://localhost:$HGPORT/.git/info/lfs
      derived from paths.default ($TESTTMP/mine/.hg/hgrc:2)
    default, push: http://localhost:$HGPORT/.git/info/lfs
      derived from paths.default ($TESTTMP/mine/.hg/hgrc:2)
    far, pull: ssh://user@dummy/server
      derived from paths.far ($TESTTMP/mine/.hg/hgrc:4)
    far, push: ssh://user@dummy/server
      derived from paths.far ($TESTTMP/mine/.hg/hgrc:4)
    near, pull: $TESTTMP/server
      derived from paths.near ($TESTTMP/mine/.hg/hgrc:3)
    near, push: $TESTTMP/server
      derived from paths.near ($TESTTMP/mine/.hg/hgrc:3)
  settings:
  checks:
    http://localhost:$HGPORT/.git/info/lfs: ok
      transfer: hglfs-packs
      locks: no (locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server')
    ssh://user@dummy/server: ok
      capabilities: hglfs-blobs hglfs-locks lfs
      locks: yes
    $TESTTMP/server: ok
      locks: yes
    Mercurial at http://localhost:$HGPORT/: ok
      capabilities: lfs
  $ printf 'large' > a
  $ printf '[track]\n** = all()\n' > .hglfs
  $ hg commit -Aqm first
  $ hg push -q
  $ env near --no-check
  rules:        1 in .hglfs
  endpoints:
    near, pull: $TESTTMP/server
      derived from paths.near ($TESTTMP/mine/.hg/hgrc:3)
    near, push: $TESTTMP/server
      derived from paths.near ($TESTTMP/mine/.hg/hgrc:3)
  settings:
  $ env http://localhost:$HGPORT/ --no-check
  rules:        1 in .hglfs
  endpoints:
    http://localhost:$HGPORT/, pull: http://localhost:$HGPORT/.git/info/lfs
    http://localhost:$HGPORT/, push: http://localhost:$HGPORT/.git/info/lfs
  settings:
  $ env near far
  rules:        1 in .hglfs
  endpoints:
    near, pull: $TESTTMP/server
      derived from paths.near ($TESTTMP/mine/.hg/hgrc:3)
    near, push: $TESTTMP/server
      derived from paths.near ($TESTTMP/mine/.hg/hgrc:3)
    far, pull: ssh://user@dummy/server
      derived from paths.far ($TESTTMP/mine/.hg/hgrc:4)
    far, push: ssh://user@dummy/server
      derived from paths.far ($TESTTMP/mine/.hg/hgrc:4)
  settings:
  checks:
    $TESTTMP/server: ok
      locks: yes
    ssh://user@dummy/server: ok
      capabilities: hglfs-blobs hglfs-locks lfs lfs-serve
      locks: yes
  $ hg lfs-env -T '{endpoints % "{name} {operation} {kind} {url}\n"}' --no-check
  default pull http http://localhost:$HGPORT/.git/info/lfs
  default push http http://localhost:$HGPORT/.git/info/lfs
  far pull peer ssh://user@dummy/server
  far push peer ssh://user@dummy/server
  near pull repository $TESTTMP/server
  near push repository $TESTTMP/server
  $ hg lfs-env -T '{checks % "{kind} {state} {transfer} {locks} {capabilities}\n"}'
  http ok hglfs-packs False 
  peer ok  True hglfs-blobs hglfs-locks lfs lfs-serve
  repository ok  True 
  hg ok   lfs lfs-serve

A relative path is relative to its file:

  $ cp .hg/hgrc ../hgrc
  $ printf '[paths]\ndefault = ../server\n' > .hg/hgrc
  $ (cd ../server; hg -R ../mine lfs-env | sed -n '/^endpoints/,/^settings/p')
  endpoints:
    default, pull: $TESTTMP/server
      derived from paths.default ($TESTTMP/mine/.hg/hgrc:2)
    default, push: $TESTTMP/server
      derived from paths.default ($TESTTMP/mine/.hg/hgrc:2)
  settings:
  $ cp ../hgrc .hg/hgrc

With another path for pushes, and settings for one path:

  $ cat >> .hg/hgrc <<END
  > default:pushurl = http://localhost:$HGPORT2/
  > default-push = near
  > near:lfs.url = file:///$TESTTMP/blobs
  > END
  $ env --no-check default near
  rules:        1 in .hglfs
  endpoints:
    default, pull: http://localhost:$HGPORT/.git/info/lfs
      derived from paths.default ($TESTTMP/mine/.hg/hgrc:2)
    default, push: http://localhost:$HGPORT2/.git/info/lfs
      derived from paths.default:pushurl ($TESTTMP/mine/.hg/hgrc:5)
    near, pull: file:/*/$TESTTMP/blobs (glob)
      set by paths.near:lfs.url ($TESTTMP/mine/.hg/hgrc:7)
    near, push: file:/*/$TESTTMP/blobs (glob)
      set by paths.near:lfs.url ($TESTTMP/mine/.hg/hgrc:7)
  settings:

Where the configuration names the endpoints:

  $ mkdir ../blobs
  $ cat > .hg/hgrc <<END
  > [paths]
  > default = http://localhost:$HGPORT/
  > [lfs]
  > url = http://localhost:$HGPORT/.git/info/lfs
  > pushurl = file://$TESTTMP/blobs
  > fallback = file://$TESTTMP/old http://alice:secret@localhost:$HGPORT2/
  > concurrency = 4
  > retry = 5
  > retries = 7
  > customtransfer.mine.path = /bin/mine
  > customtransfer.mine.args = --key secret
  > END
  $ env
  rules:        1 in .hglfs
  endpoints:
    default, pull: http://localhost:$HGPORT/.git/info/lfs
      set by lfs.url ($TESTTMP/mine/.hg/hgrc:4)
    default, pull: file:/*/$TESTTMP/old (glob)
      set by lfs.fallback ($TESTTMP/mine/.hg/hgrc:6)
    default, pull: http://localhost:$HGPORT2
      set by lfs.fallback ($TESTTMP/mine/.hg/hgrc:6)
    default, push: file:/*/$TESTTMP/blobs (glob)
      set by lfs.pushurl ($TESTTMP/mine/.hg/hgrc:5)
  settings:
    lfs.concurrency = 4 ($TESTTMP/mine/.hg/hgrc:7)
    lfs.customtransfer.mine.args = *** ($TESTTMP/mine/.hg/hgrc:11)
    lfs.customtransfer.mine.path = /bin/mine ($TESTTMP/mine/.hg/hgrc:10)
    lfs.fallback = file:/*/$TESTTMP/old http://***@localhost:$HGPORT2/ ($TESTTMP/mine/.hg/hgrc:6) (glob)
    lfs.pushurl = file:/*/$TESTTMP/blobs ($TESTTMP/mine/.hg/hgrc:5) (glob)
    lfs.retries = 7 ($TESTTMP/mine/.hg/hgrc:9; there is no such setting)
    lfs.url = http://localhost:$HGPORT/.git/info/lfs ($TESTTMP/mine/.hg/hgrc:4)
  checks:
    http://localhost:$HGPORT/.git/info/lfs: ok
      transfer: hglfs-packs
      locks: no (locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server')
    file:/*/$TESTTMP/old: unreachable (glob)
      the folder does not exist
      writable: yes
      locks: no (locks are kept by Git LFS servers, and by repositories with hg-lfs)
    http://localhost:$HGPORT2: unreachable
      LFS error: $ECONNREFUSED$
      (the "lfs.url" config may be used to override http://localhost:$HGPORT2)
    file:/*/$TESTTMP/blobs: ok (glob)
      writable: yes
      locks: no (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  $ env --config 'lfs.url=https://ghp_token@example.com/x' --no-check | grep lfs.url
      set by lfs.url (--config)
    lfs.url = https://***@example.com/x (--config)

  $ env -T json --no-check | grep -c secret
  0
  [1]
  $ hg lfs-env -v --debug 2>&1 | grep -c secret
  0
  [1]

An agent that does it all:

  $ env --config lfs.standalonetransferagent=mine --no-check | grep -A 4 endpoints
  endpoints:
    default, pull: lfs transfer agent mine
      set by lfs.standalonetransferagent (--config)
    default, push: lfs transfer agent mine
      set by lfs.standalonetransferagent (--config)

Nobody answers:

  $ cat > .hg/hgrc <<END
  > [paths]
  > default = http://localhost:$HGPORT2/
  > END
  $ checks
  checks:
    http://localhost:$HGPORT2/.git/info/lfs: unreachable
      LFS error: $ECONNREFUSED$
      (the "lfs.url" config may be used to override http://localhost:$HGPORT2/.git/info/lfs)
    Mercurial at http://localhost:$HGPORT2/: unreachable
      $ECONNREFUSED$
  [1]
  $ checks -q ../nowhere
  checks:
    ../nowhere: unreachable
      LFS error: repository ../nowhere not found
      (check where "lfs.url" and the default path point to)
  [1]
  $ checks ssh://user@dummy/nowhere
  remote: abort: repository nowhere not found
  checks:
    ssh://user@dummy/nowhere: unreachable
      no suitable response from remote hg
  [1]
  $ checks --config lfs.url=nonsense
  checks:
    nonsense: failed
      lfs.url needs to be configured
      (lfs.url is "nonsense", not a URL such as https://HOST/PATH or file:///PATH)
  [1]
  $ checks --config lfs.url=ftp://example.com/
  abort: lfs: unknown url scheme: ftp
  [255]
  $ checks --config lfs.url=null://
  checks:
    null://: ok
      locks: no (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  $ checks --config lfs.url=file://$TESTTMP/none
  checks:
    file:/*/$TESTTMP/none: ok (glob)
      the folder does not exist; the first push makes it
      writable: yes
      locks: no (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  $ touch ../file
  $ checks --config lfs.url=file://$TESTTMP/file/none
  checks:
    file:/*/$TESTTMP/file/none: unreachable (glob)
      $TESTTMP/file is not a folder
      writable: no
      locks: no (locks are kept by Git LFS servers, and by repositories with hg-lfs)
  [1]

Servers of other kinds, one of which has more to say than is good for a terminal:

  $ raw() { # NAME: starts a server that answers each request as the input says
  >     mkdir -p $1
  >     cat > $1/any
  >     "$PYTHON" "$TESTDIR/rawserver.py" $HGPORT2 $1 $1/pid
  >     "$RUNTESTDIR/testlib/wait-on-file" 60 $1/pid
  >     checks --config lfs.url=http://localhost:$HGPORT2/
  >     kill `cat $1/pid`
  >     while kill -0 `cat $1/pid` 2> /dev/null; do sleep 0.1; done
  > }
  $ raw $TESTTMP/page <<END
  > HTTP/1.1 200 OK
  > 
  > <html>Welcome</html>
  > END
  checks:
    http://localhost:$HGPORT2: failed
      LFS server returns invalid JSON: <html>Welcome</html>\n
      (invalid JSON; is http://localhost:$HGPORT2 a Git LFS server?)
  $ raw $TESTTMP/closed <<END
  > HTTP/1.1 403 Forbidden
  > Content-Type: application/vnd.git-lfs+json
  > 
  > {"message": "no \\u001b[31mentry\\u0007 for http://u:secret@host/"}
  > END
  checks:
    http://localhost:$HGPORT2: unauthorized
      LFS HTTP error: HTTP Error 403: Forbidden: no \x1b[31mentry\x07 for http://u:***@host/
      (set user and password under [auth]: see 'hg help config.auth')
  $ raw $TESTTMP/empty <<END
  > HTTP/1.1 200 OK
  > 
  > {"objects": []}
  > END
  checks:
    http://localhost:$HGPORT2: failed
      the server did not answer about the object
  $ oid=`"$PYTHON" -c 'import hashlib; print(hashlib.sha256(b"hg lfs-env").hexdigest())'`
  $ raw $TESTTMP/private <<END
  > HTTP/1.1 200 OK
  > 
  > {"objects": [{"oid": "$oid", "size": 1, "error": {"code": 403, "message": "private"}}]}
  > END
  checks:
    http://localhost:$HGPORT2: unauthorized
      private
      (set user and password under [auth]: see 'hg help config.auth')
  $ mkdir $TESTTMP/other
  $ printf 'HTTP/1.1 404 Not Found\n\n{"message": "no \\u0007 locks"}' > $TESTTMP/other/locks
  $ raw $TESTTMP/other <<END
  > HTTP/1.1 200 OK
  > 
  > {"transfer": "\\u001bodd", "objects": [{"oid": "$oid", "size": 1}]}
  > END
  checks:
    http://localhost:$HGPORT2: ok
      transfer: \x1bodd
      locks: no (no \x07 locks)

Who are you?

  $ "$PYTHON" "$RUNTESTDIR/killdaemons.py" "$DAEMON_PIDS"
  $ serve ../server --config extensions.basicauth="$TESTTMP/basicauth.py"
  $ checks http://localhost:$HGPORT/
  checks:
    http://localhost:$HGPORT/.git/info/lfs: unauthorized
      http authorization required for http://localhost:$HGPORT/.git/info/lfs/objects/batch
      (set user and password under [auth]: see 'hg help config.auth')
    Mercurial at http://localhost:$HGPORT/: unauthorized
      http authorization required for http://localhost:$HGPORT/
      (set user and password under [auth]: see 'hg help config.auth')
  [1]
  $ cat >> $HGRCPATH <<END
  > [auth]
  > all.prefix = *
  > all.schemes = http https
  > all.username = alice
  > all.password = wrong
  > END
  $ checks http://localhost:$HGPORT/
  checks:
    http://localhost:$HGPORT/.git/info/lfs: unauthorized
      LFS HTTP error: HTTP Error 401: Unauthorized
      (set user and password under [auth]: see 'hg help config.auth')
    Mercurial at http://localhost:$HGPORT/: unauthorized
      authorization failed
      (set user and password under [auth]: see 'hg help config.auth')
  [1]
  $ checks http://localhost:$HGPORT/ --config auth.all.password=secret
  checks:
    http://localhost:$HGPORT/.git/info/lfs: ok
      transfer: hglfs-packs
      locks: yes
    Mercurial at http://localhost:$HGPORT/: ok
      capabilities: lfs lfs-serve
  $ "$PYTHON" "$RUNTESTDIR/killdaemons.py" "$DAEMON_PIDS"

A Git LFS server whose URL comes by ssh:

  $ serve ../server
  $ cat > $TESTTMP/ssh.py <<END
  > print('{"href": "http://localhost:$HGPORT/.git/info/lfs"}')
  > END
  $ checks --config lfs.url=ssh://git@example.com/x --config ui.ssh="$PYTHON $TESTTMP/ssh.py"
  checks:
    ssh://git@example.com/x: ok
      transfer: hglfs-packs
      locks: no (locks are for users that the server knows: the web server in front has to ask for a password and set REMOTE_USER, see 'hg help lfs-server')
  $ checks --config lfs.url=ssh://git@example.com/x --config ui.ssh=false
  checks:
    ssh://git@example.com/x: unreachable
      git-lfs-authenticate failed on example.com
      (is ssh://git@example.com/x a Git LFS server?)
  [1]
  $ "$PYTHON" "$RUNTESTDIR/killdaemons.py" "$DAEMON_PIDS"
