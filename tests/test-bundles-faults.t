#require hg66

Errors of Mercurial's own clonebundles extension that hg-lfs must not repeat. The
numbers are used in this file only.

  $ . "$TESTDIR/helpers.sh"
  $ . "$TESTDIR/bundles.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [clone-bundles]
  > auto-generate.formats = zstd-v2
  > publish = inline
  > EOF
  $ refresh() { hg -R server admin::clone-bundles-refresh "$@"; }
  $ status() { hg -R server admin::clone-bundles-status -T '{format}: {revs}/{publicrevs} {error}\n' "$@"; }

1. A repository with large files needs neither an endpoint nor its blobs.

  $ repository server
  $ rm -r server/.hg/store/lfs "`hg config lfs.usercache || echo $TESTTMP/.cache/lfs`"
  $ refresh --config lfs.url=http://localhost:$HGPORT2/nobody
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at inline (glob)

2. A failure is reported and not final: the next run succeeds.

  $ hg -R server admin::clone-bundles-clear
  $ rm -rf server/.hg/bundle-cache
  $ echo 'in the way' > server/.hg/bundle-cache
  $ refresh
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: zstd-v2: inline: cannot write a clone bundle: * (glob)
  [1]
  $ cat server/.hg/clonebundles.manifest
  cat: server/.hg/clonebundles.manifest: $ENOENT$
  [1]
  $ status
  zstd-v2: 0/1 inline: cannot write a clone bundle: * (glob)
  [1]
  $ hg -R server admin::clone-bundles-status | grep next
    next:      run hg admin::clone-bundles-refresh: there is no bundle
  $ rm server/.hg/bundle-cache
  $ refresh
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at inline (glob)
  $ status
  zstd-v2: 1/1 

3. Secret and draft changesets are in no bundle. If there are no others, or the
repository is empty, there is no bundle.

  $ hg init server2
  $ mv server full; mv server2 server
  $ refresh
  $ echo 'secret' > server/secret
  $ hg -R server commit -Aqm secret --config phases.new-commit=secret
  $ refresh
  $ hg -R server phase --draft --force -r tip
  $ refresh
  $ status
  zstd-v2: 0/0 
  $ ls server/.hg/lfs/bundles server/.hg/clonebundles.manifest
  ls: cannot access 'server/.hg/clonebundles.manifest': $ENOENT$
  server/.hg/lfs/bundles:
  [2]
  $ rm -r server; mv full server
  $ echo 'secret' > server/secret
  $ hg -R server commit -Aqm secret --config phases.new-commit=secret
  $ refresh --config clone-bundles.trigger.revs=1
  $ serve server
  $ stock clone -qU http://localhost:$HGPORT/ copy --config ui.clonebundlefallback=no
  $ stock -R copy log -T '{desc}\n'
  first
  $ rm -r copy

A public changeset that is made secret by force is no longer advertised, at once.

  $ advertised | grep -c zstd
  1
  $ hg -R server phase --secret --force -r 0
  $ advertised | grep -c zstd
  0
  [1]
  $ hg -R server phase --public -r 0
  $ advertised | grep -c zstd
  1
  $ stop

4. The client of hg-lfs verifies the whole file (tests of the client). The line has the
size for it.

  $ "$PYTHON" - <<EOF
  > import glob, hashlib, os
  > line = open('server/.hg/clonebundles.manifest').read().split()
  > said = dict(item.split('=', 1) for item in line[1:])
  > path, = glob.glob('server/.hg/bundle-cache/*')
  > assert os.path.getsize(path) == int(said['SIZE'])
  > assert 'sha256:' + hashlib.sha256(open(path, 'rb').read()).hexdigest() == said['DIGEST']
  > EOF

5. A wrong URL fails for every client that verifies digests: it is detected when the
bundle is fetched back, and not advertised.

  $ cat > redirect.py <<'EOF'
  > import http.server, sys
  > class Handler(http.server.SimpleHTTPRequestHandler):
  >     def do_GET(self):
  >         if self.path.startswith('/elsewhere/'):
  >             self.send_response(302)
  >             self.send_header('Location', self.path.replace('/elsewhere', ''))
  >             self.end_headers()
  >         else:
  >             super().do_GET()
  >     def log_message(self, *args):
  >         pass
  > http.server.ThreadingHTTPServer(('localhost', int(sys.argv[1])), Handler).serve_forever()
  > EOF
  $ mkdir cdn
  $ (cd cdn; exec "$PYTHON" ../redirect.py $HGPORT1) > /dev/null 2>&1 &
  $ echo $! >> "$DAEMON_PIDS"
  $ cat >> server/.hg/hgrc <<EOF
  > [clone-bundles]
  > publish.cdn.directory = $TESTTMP/cdn
  > publish.cdn.url-template = http://localhost:$HGPORT1/elsewhere/{basename}
  > EOF
  $ hg -R server admin::clone-bundles-clear
  $ refresh --config clone-bundles.publish=cdn,inline
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at inline (glob)
  clone bundles: zstd-v2: cdn: its URL redirects clients, which then refuse the bundle
  [1]
  $ sed -e 's/ .*//' server/.hg/clonebundles.manifest
  peer-bundle-cache://full-zstd-v2-1_revs-*.hg (glob)

Nor is a missing bundle advertised.

  $ refresh --config clone-bundles.publish=cdn,inline \
  >     --config clone-bundles.publish.cdn.url-template=http://localhost:$HGPORT1/missing/{basename} 2>&1 | grep 404
  clone bundles: zstd-v2: cdn: can not be fetched: HTTP Error 404: File not found
  $ refresh --config clone-bundles.publish=cdn,inline \
  >     --config clone-bundles.publish.cdn.url-template=http://localhost:$HGPORT1/{basename}
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at cdn, inline (glob)
  $ hg -R server admin::clone-bundles-clear
  $ stop

6. "no" disables it.

  $ refresh --config clone-bundles.auto-generate.serve-inline=no --config clone-bundles.publish=
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at store, inline (glob)
  $ hg -R server admin::clone-bundles-clear
  $ refresh --config clone-bundles.auto-generate.serve-inline=yes --config clone-bundles.publish=
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at inline (glob)
  $ hg -R server admin::clone-bundles-clear
  $ refresh --config clone-bundles.auto-generate.serve-inline=perhaps
  config error: clone-bundles.auto-generate.serve-inline is not a boolean ('perhaps')
  [30]

7. A stream is a stream, and 11. where a stream is impossible, the reason is shown; other
formats are still made. 8. Requirements, changegroup version, digests, order.

  $ refresh --config clone-bundles.auto-generate.formats=none-streamv2,gzip-v2,zstd-v2
  clone bundles: making none-streamv2 of 1 changeset
  clone bundles: none-streamv2: a stream would have 1 changeset that is not public
  clone bundles: making gzip-v2 of 1 changeset
  clone bundles: published full-gzip-v2-1_revs-*.hg, *, at inline (glob)
  clone bundles: making zstd-v2 of 1 changeset
  clone bundles: published full-zstd-v2-1_revs-*.hg, *, at inline (glob)
  [1]
  $ hg -R server phase --public -r tip
  $ refresh --config clone-bundles.auto-generate.formats=none-streamv2,gzip-v2,zstd-v2
  clone bundles: making none-streamv2 of 2 changesets
  clone bundles: published full-none-streamv2-2_revs-*.hg, *, at inline (glob)
  clone bundles: making gzip-v2 of 2 changesets
  clone bundles: published full-gzip-v2-2_revs-*.hg, *, at inline (glob)
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: published full-zstd-v2-2_revs-*.hg, *, at inline (glob)
  $ grep -o 'BUNDLESPEC=.* SIZE' server/.hg/clonebundles.manifest
  BUNDLESPEC=zstd-v2;cg.version%3D03 DIGEST=sha256:* SIZE (glob)
  BUNDLESPEC=gzip-v2;cg.version%3D03 DIGEST=sha256:* SIZE (glob)
  BUNDLESPEC=none-v2;stream%3Dv2;requirements%3D* DIGEST=sha256:* SIZE (glob)
  $ hg debugbundle --spec server/.hg/bundle-cache/full-none-streamv2-2_revs-*
  none-v2;stream=v2;requirements%3D* (glob)
  $ serve server
  $ hg clone -U --stream http://localhost:$HGPORT/ copy | grep '^applying'
  applying clone bundle from peer-bundle-cache://full-none-streamv2-2_revs-*.hg (glob)
  $ rm -rf copy
  $ stop
  $ hg debugobsolete -R server 0123456789012345678901234567890123456789 --config experimental.evolution.createmarkers=yes
  1 new obsolescence markers
  $ refresh --config clone-bundles.auto-generate.formats=none-streamv2 --config clone-bundles.trigger.revs=0 \
  >      --config clone-bundles.publish=inline,cdn  --config clone-bundles.publish.cdn.url-template=http://localhost:$HGPORT1/{basename}
  clone bundles: making none-streamv2 of 2 changesets
  *obsolete* feature not enabled but 1 markers found! (glob)
  clone bundles: none-streamv2: a stream would have obsolescence markers, which clients refuse
  [1]
  $ rm server/.hg/store/obsstore
  $ hg -R server admin::clone-bundles-clear

9. The commands get the variables named in the help, and those of Mercurial's own
extension. No message contains the commands.

  $ mkdir far
  $ cat >> server/.hg/hgrc <<EOF
  > upload-command = echo up \$HGCB_BUNDLE_BASENAME >> $TESTTMP/commands; cp "\$HGCB_BUNDLE_PATH" "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > delete-command = echo down \$HGCB_BASENAME \$HGCB_BUNDLE_URL >> $TESTTMP/commands; rm "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > url-template = http://localhost:$HGPORT1/far/{basename}
  > publish =
  > EOF
  $ web
  $ refresh
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: published full-zstd-v2-2_revs-*.hg, *, at command (glob)
  $ hg -R server admin::clone-bundles-clear
  $ cat commands
  up full-zstd-v2-2_revs-*.hg (glob)
  down full-zstd-v2-2_revs-*.hg http://localhost:$HGPORT1/far/full-zstd-v2-2_revs-*.hg (glob)
  $ ls far
  $ refresh --config clone-bundles.upload-command='password=hidden; exit 3'
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: zstd-v2: command: the upload command of "command" ended with status 3
  [1]

10. No lock is held during an upload: commits, reads and removals are possible.

  $ cat > slow.sh <<EOF
  > touch $TESTTMP/uploading
  > while [ ! -e $TESTTMP/go ]; do sleep 0.1; done
  > cp "\$HGCB_BUNDLE_PATH" "$TESTTMP/far/\$HGCB_BUNDLE_BASENAME"
  > EOF
  $ refresh --config clone-bundles.upload-command="sh $TESTTMP/slow.sh" > slow.log 2>&1 &
  $ while [ ! -e uploading ]; do sleep 0.1; done
  $ grow server meanwhile --config ui.timeout=1
  $ hg -R server admin::clone-bundles-status | tail -n 1
  process * on * is making bundles (glob)
  $ hg -R server admin::clone-bundles-clear
  $ refresh
  abort: clone bundles are being made by process * on * (glob)
  (see hg admin::clone-bundles-status)
  [20]
  $ touch go
  $ wait
  $ cat slow.log
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: published full-zstd-v2-2_revs-*.hg, *, at command (glob)
  clone bundles: making zstd-v2 of 3 changesets
  clone bundles: published full-zstd-v2-3_revs-*.hg, *, at command (glob)

and changesets committed during a run are checked once more.

  $ status
  zstd-v2: 3/3 

12. A replaced bundle is kept for a while, and then removed.

  $ refresh
  $ sed -e 's/-3_revs.*//' server/.hg/clonebundles.manifest
  http://localhost:$HGPORT1/far/full-zstd-v2
  $ ls far
  full-zstd-v2-2_revs-*.hg (glob)
  full-zstd-v2-3_revs-*.hg (glob)
  $ refresh --config clone-bundles.grace=0
  $ ls far
  full-zstd-v2-3_revs-*.hg (glob)

After a strip the revision numbers change: hashes decide.

  $ hg -R server --config extensions.strip= strip -q --no-backup -r tip
  $ serve server
  $ advertised
  $ stop
  $ web
  $ refresh
  clone bundles: making zstd-v2 of 2 changesets
  clone bundles: published full-zstd-v2-2_revs-*.hg, *, at command (glob)
  $ stop
