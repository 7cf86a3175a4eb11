# for .t tests:  $ . "$TESTDIR/giftless.sh"
# another Git LFS server: giftless, with its files in $TESTTMP/lfs

GIFTLESS="$TESTDIR/../../giftless/bin"

# giftless [YAML]: serve blobs on $HGPORT, at http://localhost:$HGPORT/org/repo.git/info/lfs
giftless() {
    cat > "$TESTTMP/giftless.yaml" <<CONFIG
AUTH_PROVIDERS: ["giftless.auth.allow_anon:read_write"]
LEGACY_ENDPOINTS: false
TRANSFER_ADAPTERS:
  basic:
    factory: giftless.transfer.basic_streaming:factory
    options:
      storage_class: giftless.storage.local_storage:LocalStorage
      storage_options: {path: $TESTTMP/lfs}${1:-}
CONFIG
    env -u PYTHONPATH GIFTLESS_CONFIG_FILE="$TESTTMP/giftless.yaml" \
        "$GIFTLESS/gunicorn" -b "127.0.0.1:$HGPORT" -k gthread --threads 4 \
        --pid "$TESTTMP/giftless.pid" --access-logfile "$TESTTMP/giftless-access.log" \
        --access-logformat '%(m)s %(U)s %(s)s' \
        giftless.wsgi_entrypoint:app > "$TESTTMP/giftless.log" 2>&1 &
    answers "http://127.0.0.1:$HGPORT/"
    cat "$TESTTMP/giftless.pid" >> "$DAEMON_PIDS"
}

# answers URL: wait until a server answers
answers() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        curl -sk -o "$TESTTMP/answer" "$1" && break
        sleep 0.5
    done
}

cat >> "$HGRCPATH" <<CONFIG
[extensions]
hglfs =
[experimental]
lfs.worker-enable = no
[lfs]
track = all()
url = http://localhost:$HGPORT/org/repo.git/info/lfs
CONFIG

# blobs REPO: print the oids of the blobs in a repository's store, shortened
blobs() {
    (cd "$1/.hg/store/lfs/objects" 2>/dev/null && find . -type f | LC_ALL=C sort) |
        sed -e 's#^\./##' -e 's#/##' -e 's#^\(............\).*#\1#'
}
