# for .t tests:  $ . "$TESTDIR/helpers.sh"

# use hg-lfs; every file is a large one unless a test configures it
cat >> "$HGRCPATH" <<EOF
[extensions]
hglfs =
[lfs]
track = all()
[web]
push_ssl = False
allow-push = *
EOF

# serve REPO [ARG...]: serve a repository on $HGPORT, with a cache of its own
serve() {
    repo=$1
    shift
    hg --config "lfs.usercache=$TESTTMP/servercache" -R "$repo" serve -d \
        -p "$HGPORT" --pid-file="$TESTTMP/hg.pid" \
        -A "$TESTTMP/access.log" -E "$TESTTMP/errors.log" "$@"
    cat "$TESTTMP/hg.pid" >> "$DAEMON_PIDS"
}

# blobs REPO: print the oids of the blobs in a repository's store, shortened
blobs() {
    (cd "$1/.hg/store/lfs/objects" 2>/dev/null && find . -type f | LC_ALL=C sort) |
        sed -e 's#^\./##' -e 's#/##' -e 's#^\(............\).*#\1#'
}
