Mercurial's own client names all files of a push or an update in one request: 2,500 of
them are accepted. Most of them are on the server already, so that few are sent.

  $ cat >> "$HGRCPATH" <<EOF
  > [lfs]
  > track = all()
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ serve() { # ARG...: serve the repository
  >     hg --config lfs.usercache=$TESTTMP/servercache -R server serve -d -p "$HGPORT" \
  >         --pid-file=hg.pid -A access.log -E errors.log "$@"
  >     cat hg.pid >> "$DAEMON_PIDS"
  > }
  $ ours='--config extensions.lfs=! --config extensions.hglfs='
  $ stock='--config extensions.hglfs=! --config extensions.lfs='

  $ hg init server
  $ serve $ours
  $ hg $stock init work
  $ "$PYTHON" -c 'for n in range(2500): open("work/%d" % n, "w").write(str(n))'
  $ hg $stock -R work commit -Aqm many
  $ cp -R work/.hg/store/lfs server/.hg/store/
  $ find server/.hg/store/lfs/objects/ff -type f | xargs rm
  $ hg $stock -R work push http://localhost:$HGPORT/ --config lfs.usercache=$TESTTMP/cache1
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 7 files (23 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 2500 changes to 2500 files
  $ find server/.hg/store/lfs/objects -type f | wc -l | sed 's/ //g'
  2500
  $ hg $stock clone -q http://localhost:$HGPORT/ copy --config lfs.usercache=$TESTTMP/cache2
  $ ls copy | wc -l | sed 's/ //g'
  2500
  $ grep -c '/batch HTTP/1.1" 200' access.log
  2

The client of hg-lfs needs fewer objects per request than the server allows.

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ serve $ours --config lfs.maxobjects=64
  $ hg $ours clone -q http://localhost:$HGPORT/ other --config lfs.usercache=$TESTTMP/cache3
  $ ls other | wc -l | sed 's/ //g'
  2500
  $ hg $stock clone -q http://localhost:$HGPORT/ third --config lfs.usercache=$TESTTMP/cache4
  abort: LFS HTTP error: HTTP Error 413: at most 64 objects per request
  (api=http://localhost:$HGPORT/.git/info/lfs/objects/batch, action=download)
  [50]
  $ cat errors.log
