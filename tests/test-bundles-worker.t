#require no-chg

Clone bundles in the background: what can happen to a worker, and what it leaves.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > auto-generate.on-change = yes
  > auto-generate.delay = 1
  > trigger.revs = 1
  > EOF

Six quick pushes make one bundle: the worker waits for a pause.

  $ hg init server
  $ serve server --config clone-bundles.auto-generate.delay=12
  $ repository work
  $ made work
  $ for n in 1 2 3 4 5 6; do
  >     grow work $n --config clone-bundles.auto-generate.on-change=no
  >     hg -R work push -q http://localhost:$HGPORT/
  > done
  $ made server
  $ hg -R server admin::clone-bundles-status -T '{format}: {revs}/{publicrevs} {error}\n'
  zstd-v2: 7/7 
  $ grep -c making server/.hg/lfs/bundles/log
  1
  $ cat errors.log
  $ stop

Clones that had to pull changesets missing in the bundles are counted, and can start it.

  $ repository often
  $ made often
  $ cat >> often/.hg/hgrc <<EOF
  > [clone-bundles]
  > trigger.revs = 1000
  > trigger.below-bundled-ratio = 0
  > trigger.clones = 2
  > EOF
  $ serve often
  $ status() { hg -R often admin::clone-bundles-status -T '{format}: {revs}/{publicrevs} {next}\n'; }
  $ hg clone -qU http://localhost:$HGPORT/ clone1
  $ ls often/.hg/lfs/bundles
  catalog.json
  log
  making
  $ grow often second
  $ hg clone -qU http://localhost:$HGPORT/ clone2
  $ status
  zstd-v2: 1/2 nothing: it is recent enough
  $ hg clone -qU http://localhost:$HGPORT/ clone3
  $ made often '"revs": 2'
  $ status
  zstd-v2: 2/2 nothing: it is recent enough
  $ stop

The worker gets the command-line configuration of the process that starts it.

  $ repository configured
  $ made configured
  $ grow configured more --config clone-bundles.auto-generate.formats=gzip-v2
  $ made configured gzip-v2
  $ hg -R configured admin::clone-bundles-status -T '{format}: {revs}/{publicrevs}\n' --config clone-bundles.auto-generate.formats=gzip-v2
  gzip-v2: 2/2

Without formats no bundle is made, which is reported; without the option nothing is.

  $ hg init quiet
  $ grow quiet one --config clone-bundles.auto-generate.formats=
  clone-bundles.auto-generate.on-change is set, but no clone-bundles.auto-generate.formats: nothing is made
  $ grow quiet two --config clone-bundles.auto-generate.on-change=no
  $ ls quiet/.hg/lfs/bundles quiet/.hg/clonebundles.manifest
  ls: cannot access 'quiet/.hg/lfs/bundles': $ENOENT$
  ls: cannot access 'quiet/.hg/clonebundles.manifest': $ENOENT$
  [2]

#if hg66
A worker is killed at every step: the next one is not blocked, makes a bundle, and
removes the files of the last one. At no time is a missing bundle advertised.

  $ cat > kill.py <<'EOF'
  > import os, signal
  > from mercurial import extensions
  > def before(module, name, owner=None):
  >     def die(orig, *args, **kwargs):
  >         os.kill(os.getpid(), signal.SIGKILL)
  >     extensions.wrapfunction(owner or module, name, die)
  > def after(module, name):
  >     def die(orig, *args, **kwargs):
  >         orig(*args, **kwargs)
  >         os.kill(os.getpid(), signal.SIGKILL)
  >     extensions.wrapfunction(module, name, die)
  > def extsetup(ui):
  >     from hgext3rd.hglfs.clonebundles.server import generate
  >     from hgext3rd.hglfs.clonebundles.server import refresh
  >     from hgext3rd.hglfs.clonebundles.server import catalogfile, prune, publish
  >     from hgext3rd.hglfs.clonebundles.server import statefolder
  >     from hgext3rd.hglfs.lfs.store import files
  >     from mercurial import bundle2
  >     step = os.environ['STEP']
  >     if step == 'begin': before(statefolder.StateFolder, 'sweep')
  >     if step == 'retire': after(catalogfile.CatalogFile, 'change')
  >     if step == 'make':
  >         def half(orig, self, *args, **kwargs):
  >             for number, chunk in enumerate(orig(self, *args, **kwargs)):
  >                 yield chunk
  >                 if number == 2: os.kill(os.getpid(), signal.SIGKILL)
  >         extensions.wrapfunction(bundle2.bundle20, 'getchunks', half)
  >     if step == 'made': after(generate, '_write')
  >     if step == 'publish': before(publish.Folder, 'put')
  >     if step == 'published': after(publish.Folder, 'put')
  >     if step == 'check': after(publish, 'check')
  >     if step == 'enter': before(refresh, '_advertise')
  >     if step == 'catalog':
  >         def die(orig, self, path, text):
  >             orig(self, path, text)
  >             if path.endswith(b'catalog.json'): os.kill(os.getpid(), signal.SIGKILL)
  >         extensions.wrapfunction(statefolder.StateFolder, 'write', die)
  >     if step == 'entered': after(refresh, '_advertise')
  >     if step == 'prune': before(prune, '_remove')
  >     if step == 'removed': after(publish.Folder, 'remove')
  > EOF
  $ cat > consistent.py <<'EOF'
  > import hashlib, os, sys
  > repo = sys.argv[1]
  > manifest = repo + '/.hg/clonebundles.manifest'
  > for line in open(manifest) if os.path.exists(manifest) else ():
  >     url, *pairs = line.split()
  >     said = dict(pair.split('=', 1) for pair in pairs)
  >     path = repo + '/.hg/bundle-cache/' + url.split('//')[1]
  >     data = open(path, 'rb').read()
  >     assert len(data) == int(said['SIZE'])
  >     assert 'sha256:' + hashlib.sha256(data).hexdigest() == said['DIGEST']
  > EOF
  $ cat >> "$HGRCPATH" <<EOF
  > [clone-bundles]
  > auto-generate.on-change = no
  > publish = inline
  > grace = 0
  > EOF
  $ repository killed
  $ for step in begin retire make made publish published check enter catalog entered prune removed; do
  >     grow killed $step
  >     STEP=$step hg -R killed admin::clone-bundles-refresh --config extensions.kill=$TESTTMP/kill.py > killed.log 2>&1
  >     status=$?
  >     "$PYTHON" consistent.py killed || echo "$step: not consistent"
  >     hg -R killed admin::clone-bundles-status > status.log || cat status.log
  >     grep -c 'is making' status.log
  >     hg -R killed admin::clone-bundles-refresh > next.log || cat next.log
  >     "$PYTHON" consistent.py killed || echo "$step: not consistent"
  >     echo $step: $status `hg -R killed admin::clone-bundles-status -T '{revs}/{publicrevs} {error}'` \
  >         `ls killed/.hg/bundle-cache | wc -l` `ls killed/.hg/lfs/bundles/making | wc -l` `ls killed/.hg/lfs/bundles`
  > done
  0
  begin: 137 2/2 1 0 catalog.json making
  0
  retire: 137 3/3 1 0 catalog.json making
  0
  make: 137 4/4 1 0 catalog.json making
  0
  made: 137 5/5 1 0 catalog.json making
  0
  publish: 137 6/6 1 0 catalog.json making
  0
  published: 137 7/7 1 0 catalog.json making
  0
  check: 137 8/8 1 0 catalog.json making
  0
  enter: 137 9/9 1 0 catalog.json making
  0
  catalog: 137 10/10 1 0 catalog.json making
  0
  entered: 137 11/11 1 0 catalog.json making
  0
  prune: 137 12/12 1 0 catalog.json making
  0
  removed: 137 13/13 1 0 catalog.json making

A lease that is not renewed for long expires, on whatever machine.

  $ grow killed another
  $ echo '{"host": "elsewhere", "pid": 1, "since": 1.0, "word": "x"}' > killed/.hg/lfs/bundles/worker
  $ hg -R killed admin::clone-bundles-refresh
  abort: clone bundles are being made by process 1 on elsewhere
  (see hg admin::clone-bundles-status)
  [20]
  $ touch -d '11 minutes ago' killed/.hg/lfs/bundles/worker
  $ hg -R killed admin::clone-bundles-refresh
  clone bundles: making zstd-v2 of 14 changesets
  clone bundles: published full-zstd-v2-14_revs-*.hg, *, at inline (glob)

A disk that is full while a bundle is made: the reason is reported, nothing is left,
and nothing is damaged; the next run succeeds.

  $ "$PYTHON" -c 'import os; open("killed/noise", "wb").write(os.urandom(60000))'
  $ grow killed noise --config lfs.track='none()'
  $ cat killed/.hg/clonebundles.manifest > before
  $ (ulimit -f 20; hg -R killed admin::clone-bundles-refresh)
  clone bundles: making zstd-v2 of 15 changesets
  clone bundles: zstd-v2: * (glob)
  [1]
  $ cmp before killed/.hg/clonebundles.manifest
  $ find killed/.hg/lfs/bundles killed/.hg/bundle-cache -name 'incoming-*'
  $ "$PYTHON" consistent.py killed
  $ hg -R killed admin::clone-bundles-status | grep 'has:\|next:\|failed:'
    has:       14 of 15 changesets, lacks about * bytes (glob)
    failed:    * (glob)
    next:      run hg admin::clone-bundles-refresh: 1 changeset is in no bundle
  $ hg -R killed admin::clone-bundles-refresh
  clone bundles: making zstd-v2 of 15 changesets
  clone bundles: published full-zstd-v2-15_revs-*.hg, *, at inline (glob)
  $ hg -R killed admin::clone-bundles-status | grep failed
  [1]

There is no automatic retry at once.

  $ cat >> "$HGRCPATH" <<EOF
  > [clone-bundles]
  > auto-generate.on-change = yes
  > publish = command
  > upload-command = false
  > url-template = http://localhost:$HGPORT1/{basename}
  > EOF
  $ repository failing
  $ for _try in 1 2 3 4 5 6 7 8 9 10; do sleep 1; hg -R failing admin::clone-bundles-status | grep -q failed && break; done
  $ grow failing second
  $ hg -R failing admin::clone-bundles-status
  zstd-v2
    failed:    command: the upload command of "command" ended with status 1
    next:      try again with the next change in * seconds: there is no bundle (glob)
  [1]
  $ grep -c making failing/.hg/lfs/bundles/log
  1

Mercurial's own extension enabled as well: no work is done and no message shown twice.

  $ cat >> "$HGRCPATH" <<EOF
  > [clone-bundles]
  > publish = inline
  > [devel]
  > all-warnings = yes
  > EOF
  $ for order in 'clonebundles= hglfs=' 'hglfs= clonebundles='; do
  >     sed -e '/^hglfs =/d' "$HGRCPATH" > both.rc
  >     { echo '[extensions]'; printf '%s\n' $order; } >> both.rc
  >     hg init both
  >     echo 'one' > both/one
  >     HGRCPATH=$TESTTMP/both.rc hg -R both commit -Aqm one --config phases.new-commit=public
  >     made both
  >     ls both/.hg | grep -i 'bundle'
  >     wc -l < both/.hg/clonebundles.manifest
  >     HGRCPATH=$TESTTMP/both.rc hg -R both admin::clone-bundles-status -T '{format}: {revs}\n'
  >     HGRCPATH=$TESTTMP/both.rc hg debugcapabilities both > /dev/null
  >     HGRCPATH=$TESTTMP/both.rc hg -R both serve -d -p $HGPORT --pid-file hg.pid
  >     cat hg.pid >> "$DAEMON_PIDS"
  >     advertised capabilities | tr ' ' '\n' | grep clonebundles
  >     stop
  >     rm -r both
  > done
  bundle-cache
  clonebundles.manifest
  1
  zstd-v2: 1
  clonebundles
  clonebundles_manifest
  bundle-cache
  clonebundles.manifest
  1
  zstd-v2: 1
  clonebundles
  clonebundles_manifest
#endif
