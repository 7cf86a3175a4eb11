# for .t tests:  $ . "$TESTDIR/deploy.sh"
# the examples of contrib/deploy, with the folders and ports of a test

HOME=$TESTTMP; export HOME
GIT_CONFIG_NOSYSTEM=1; export GIT_CONFIG_NOSYSTEM
GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT
unset GIT_LFS_PROGRESS
unset GIT_ASKPASS SSH_ASKPASS

# the user of a server that does not run as root
WEBUSER=`id -un`
test "$WEBUSER" != root || WEBUSER=www-data

# example FILE...: copy examples, with the few values replaced that a server's
# administrator would replace
example() {
    mkdir -p "$TESTTMP/etc"
    for name in "$@"; do
        sed -e "s#/etc/hgweb#$TESTTMP/etc#g" -e "s#/run/hgweb#$TESTTMP#g" \
            -e "s#/srv/hg#$TESTTMP/srv#g" -e "s#/etc/[a-z0-9]*/hg.users#$TESTTMP/users#g" \
            -e "s#/etc/ssl/[a-z]*/hg.example.com#$TESTTMP/localhost#g" \
            -e "s#hg.example.com#localhost#g" -e "s#listen 443#listen 127.0.0.1:$HGPORT#" \
            -e "s#\*:443#127.0.0.1:$HGPORT#" -e "s#user=hg group=hg#user=$WEBUSER group=`id -gn $WEBUSER`#" \
            -e "s#/var/log/nginx/hg.log#$TESTTMP/access.log#" \
            -e "s#\\\${APACHE_LOG_DIR}/hg.log#$TESTTMP/access.log#" \
            -e "s#--port 8000#--port $HGPORT#" -e "s#/usr/local/lib/hgweb/bin/##" \
            -e "s#/usr/local/lib/hgweb/lib/[^ ]*#$PACKAGES#" \
            "$TESTDIR/deploy/$name" > "$TESTTMP/etc/$name"
    done
}

# where Mercurial and hg-lfs are installed
PACKAGES=`"$PYTHON" -c 'import os, mercurial; print(os.path.dirname(os.path.dirname(mercurial.__file__)))'`

# identities: make a certificate for localhost, and a password file
identities() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$TESTTMP/localhost.key" \
        -out "$TESTTMP/localhost.pem" -days 30 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost 2> "$TESTTMP/openssl.log"
    for user in alice bob; do
        echo "$user:`openssl passwd -apr1 $user-secret`"
    done > "$TESTTMP/users"
    cat >> "$HGRCPATH" <<CONFIG
[extensions]
hglfs =
[lfs]
track = all()
[web]
cacerts = $TESTTMP/localhost.pem
CONFIG
    git config --global user.name test
    git config --global user.email test@example.com
    git config --global init.defaultBranch main
    git config --global advice.detachedHead false
    GIT_SSL_CAINFO=$TESTTMP/localhost.pem; export GIT_SSL_CAINFO
    git lfs install --skip-repo > "$TESTTMP/git-lfs.log"
}

# repository NAME: make one on the server, that alice may push to and bob may read
repository() {
    (umask 027; hg init "$TESTTMP/srv/$1")
    cat > "$TESTTMP/srv/$1/.hg/hgrc" <<CONFIG
[web]
allow_read = alice, bob
allow-push = alice
CONFIG
}

# bundles NAME: make clone bundles of a repository and packs of its large files, in its store
bundles() {
    cat >> "$TESTTMP/srv/$1/.hg/hgrc" <<CONFIG
[clone-bundles]
auto-generate.formats = zstd-v2
publish = store
blobs = auto
CONFIG
    (umask 027; HGRCPATH=$TESTTMP/etc/hgweb.config hg -R "$TESTTMP/srv/$1" \
        --config "trusted.users=$WEBUSER" admin::clone-bundles-refresh -q)
    chown -R --reference "$TESTTMP/srv/$1/.hg/requires" "$TESTTMP/srv/$1"
}

# clones ARG...: clone with an empty cache, and print which large files were fetched
clones() {
    rm -rf copy "$TESTTMP/nocache"
    : > "$TESTTMP/access.log"
    hg --config "lfs.usercache=$TESTTMP/nocache" "$@" copy > clone.log 2>&1 || cat clone.log
    grep -e '^lfs: ' -e 'clone bundle from' -e warning clone.log |
        sed -e 's/objects.*hglfs-token=.*/objects...?hglfs-token=.../' -e 's/[0-9a-f]\{64\}/OID/'
    sed -n 's/.*\(GET [^ ]*objects\)[^ ]* [^ ]* \([0-9]*\) .*/\1 \2/p' "$TESTTMP/access.log" |
        sort | uniq -c
}

# stock ...: run Mercurial with its own extension
stock() { clones --config extensions.hglfs=! --config extensions.lfs= "$@"; }

# started FILE: wait until a server has written its process id
started() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        test -s "$1" && break
        sleep 0.2
    done
    cat "$1" >> "$DAEMON_PIDS"
}

# gunicorn_: start gunicorn, as in the example
gunicorn_() {
    example hgweb.config hgweb_wsgi.py gunicorn.conf.py
    mkdir -p "$TESTTMP/srv"
    env -u HGRCPATH "$PYTHON" -m gunicorn -c "$TESTTMP/etc/gunicorn.conf.py" \
        --pid "$TESTTMP/gunicorn.pid" > "$TESTTMP/gunicorn.log" 2>&1 &
    started "$TESTTMP/gunicorn.pid"
}

# nginx_: start nginx in front of it, as in the example
nginx_() {
    example nginx.conf
    mkdir -p "$TESTTMP/nginx"
    cat > "$TESTTMP/etc/main.conf" <<CONFIG
user `id -un` `id -gn`;
daemon off;
pid $TESTTMP/nginx.pid;
error_log $TESTTMP/nginx.log;
events {}
http {
    access_log $TESTTMP/access.log;
    client_body_temp_path $TESTTMP/nginx/body;
    proxy_temp_path $TESTTMP/nginx/proxy;
    fastcgi_temp_path $TESTTMP/nginx/fastcgi;
    uwsgi_temp_path $TESTTMP/nginx/uwsgi;
    scgi_temp_path $TESTTMP/nginx/scgi;
    include $TESTTMP/etc/nginx.conf;
}
CONFIG
    nginx -p "$TESTTMP/nginx" -c "$TESTTMP/etc/main.conf" 2> "$TESTTMP/nginx-start.log" &
    started "$TESTTMP/nginx.pid"
}

# apache_: start Apache, as in the example
apache_() {
    example hgweb.config hgweb_wsgi.py apache.conf
    sed -i -e 's/= x-accel-redirect/= x-sendfile/' -e '/^offload-prefix/d' \
        "$TESTTMP/etc/hgweb.config"
    mkdir -p "$TESTTMP/srv"
    modules=/usr/lib/apache2/modules
    {
        for name in mpm_event authn_core authn_file authz_core authz_user auth_basic \
                    reqtimeout socache_shmcb ssl wsgi xsendfile; do
            echo "LoadModule ${name}_module $modules/mod_$name.so"
        done
        cat <<CONFIG
ServerRoot $TESTTMP
ServerName localhost
PidFile $TESTTMP/apache.pid
Mutex file:$TESTTMP
WSGISocketPrefix $TESTTMP/wsgi
User $WEBUSER
Group `id -gn $WEBUSER`
Listen 127.0.0.1:$HGPORT
ErrorLog $TESTTMP/apache.log
LogFormat "%m %>s" short
CustomLog $TESTTMP/access.log short
Include $TESTTMP/etc/apache.conf
CONFIG
    } > "$TESTTMP/etc/main.conf"
    env -u HGRCPATH -u PYTHONPATH apache2 -f "$TESTTMP/etc/main.conf" -DFOREGROUND \
        > "$TESTTMP/apache-start.log" 2>&1 &
    started "$TESTTMP/apache.pid"
}
