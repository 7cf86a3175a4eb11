hg serve behind nginx, which requires a password.

  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs =
  > [experimental]
  > lfs.worker-enable = no
  > [lfs]
  > track = all()
  > [web]
  > push_ssl = no
  > allow-push = *
  > EOF
  $ echo "ann:`openssl passwd -apr1 s3cret`" > htpasswd
  $ mkdir prefix
  $ cat > nginx.conf <<EOF
  > user `id -un` `id -gn`;
  > daemon off;
  > pid $TESTTMP/nginx.pid;
  > error_log $TESTTMP/nginx.log;
  > events {}
  > http {
  >     access_log $TESTTMP/nginx-access.log;
  >     client_body_temp_path $TESTTMP/prefix/body;
  >     proxy_temp_path $TESTTMP/prefix/proxy;
  >     fastcgi_temp_path $TESTTMP/prefix/fastcgi;
  >     uwsgi_temp_path $TESTTMP/prefix/uwsgi;
  >     scgi_temp_path $TESTTMP/prefix/scgi;
  >     client_max_body_size 0;
  >     server {
  >         listen 127.0.0.1:$HGPORT1;
  >         auth_basic "vault";
  >         auth_basic_user_file $TESTTMP/htpasswd;
  >         location / {
  >             proxy_pass http://127.0.0.1:$HGPORT/;
  >             proxy_set_header Host \$http_host;
  >         }
  >     }
  > }
  > EOF
  $ hg init server
  $ hg -R server serve -d -p $HGPORT --pid-file=hg.pid -A access.log -E errors.log \
  >     --config lfs.usercache=$TESTTMP/servercache
  $ cat hg.pid >> "$DAEMON_PIDS"
  $ nginx -p $TESTTMP/prefix -c $TESTTMP/nginx.conf 2> nginx-start.log &
  $ for i in 1 2 3 4 5 6 7 8 9 10; do test -s nginx.pid && break; sleep 0.3; done
  $ cat nginx.pid >> "$DAEMON_PIDS"
  $ url=http://localhost:$HGPORT1/
  $ hg init work
  $ cd work
  $ "$PYTHON" -c 'print("\n".join(map(str, range(300000))))' > numbers
  $ echo 'one thing' > thing
  $ hg commit -Aqm 'things'

No password, and a wrong one:

  $ hg push $url
  pushing to http://localhost:$HGPORT1/
  abort: http authorization required for http://localhost:$HGPORT1/
  [255]
  $ hg push http://ann:wrong@localhost:$HGPORT1/
  pushing to http://ann:***@localhost:$HGPORT1/
  abort: authorization failed
  [255]
  $ hg debuglfsupload -r tip --config lfs.url=$url.git/info/lfs
  abort: http authorization required for http://localhost:$HGPORT1/.git/info/lfs/objects/batch
  [255]
  $ hg debuglfsupload -r tip --config lfs.url=http://ann:wrong@localhost:$HGPORT1/.git/info/lfs
  abort: LFS HTTP error: HTTP Error 401: Unauthorized
  (api=http://localhost:$HGPORT1/.git/info/lfs/objects/batch, action=upload)
  [50]

The right password, from the URL:

  $ hg push http://ann:s3cret@localhost:$HGPORT1/
  pushing to http://ann:***@localhost:$HGPORT1/
  searching for changes
  lfs: uploaded 2 files (1.90 MB)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 2 changes to 2 files
  $ rm -r `hg config lfs.usercache`
  $ hg clone -q http://ann:s3cret@localhost:$HGPORT1/ ../clone
  $ cmp numbers ../clone/numbers
  $ cmp thing ../clone/thing

And from [auth]:

  $ cat >> $HGRCPATH <<EOF
  > [auth]
  > vault.prefix = localhost:$HGPORT1
  > vault.schemes = http
  > vault.username = ann
  > vault.password = s3cret
  > EOF
  $ echo 'another thing' > thing
  $ hg commit -m 'another'
  $ hg push $url
  pushing to http://localhost:$HGPORT1/
  searching for changes
  lfs: uploaded 1 files (14 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 1 changes to 1 files
  $ rm -r `hg config lfs.usercache`
  $ hg clone -q $url ../other
  $ cmp thing ../other/thing

No output has the password, or the header that it is sent in.

  $ token=`printf ann:s3cret | base64`
  $ echo 'a last thing' > thing
  $ hg commit -m 'last'
  $ { hg push --debug -v --traceback $url
  >   rm -r `hg config lfs.usercache`
  >   hg clone --debug -v --traceback http://ann:s3cret@localhost:$HGPORT1/ ../shown
  >   hg -R ../shown update --debug --traceback -C null
  >   rm -r ../shown/.hg/store/lfs `hg config lfs.usercache`
  >   mv ../server/.hg/store/lfs ../aside
  >   hg -R ../shown update --debug --traceback
  >   hg -R ../shown update --debug --traceback --config lfs.url=http://ann:s3cret@localhost:$HGPORT2/
  >   mv ../aside ../server/.hg/store/lfs
  > } > log 2>&1
  $ grep -q 'user ann, password' log
  $ grep -e s3cret -e $token log
  [1]
  $ cd ..
  $ grep -c s3cret nginx-access.log access.log
  nginx-access.log:0
  access.log:0
  [1]
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
