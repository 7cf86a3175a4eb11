hg serve under a fuzzer, which reads the API description and sends invalid requests.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ hg init server
  $ cat > alice.py <<EOF
  > from mercurial import extensions
  > from mercurial.hgweb import hgweb_mod
  > def extsetup(ui):
  >     def named(orig, self, environ, respond):
  >         return orig(self, {**environ, 'REMOTE_USER': 'alice'}, respond)
  >     extensions.wrapfunction(hgweb_mod.hgweb, '__call__', named)
  > EOF
  $ hg -R server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log \
  >     --config extensions.alice=$TESTTMP/alice.py --config 'lfs.metrics=*'
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ find . -type f | grep -v '^./server/.hg/store/lfs/\|^./server/.hg/lfs/' | sort > before

Methods like TRACE are refused by the web server.

  $ cat > config.toml <<EOF
  > [phases.coverage]
  > unexpected-methods = []
  > EOF
  $ checks=not_a_server_error,status_code_conformance,content_type_conformance
  $ mkdir "$TESTTMP/elsewhere" && cd "$TESTTMP/elsewhere"
  $ env -u PYTHONPATH "$TESTDIR/../../schemathesis/bin/schemathesis" \
  >     --config-file ../config.toml run "$TESTDIR/openapi.yaml" \
  >     --url http://127.0.0.1:$HGPORT -n 25 --phases examples,coverage,fuzzing \
  >     --seed 20240229 -c $checks,response_schema_conformance > ../report 2>&1 || cat ../report
  $ grep -q ' passed$' ../report || cat ../report
  $ cd ..

Nothing was written outside our own folders, and there was no traceback.

  $ grep -c Traceback errors.log
  0
  [1]
  $ find . -path ./elsewhere -prune -o -type f -print \
  >     | grep -v '^./server/.hg/store/lfs/\|^./server/.hg/lfs/' | sort > after
  $ comm -13 before after | grep -v '^./\(before\|after\|report\|config.toml\|.*cache.*\)$'
  [1]
