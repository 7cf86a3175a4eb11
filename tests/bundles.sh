# for .t tests of clone bundles, after helpers.sh

cat >> "$HGRCPATH" <<EOF
[phases]
new-commit = draft
[clone-bundles]
chain-length = 0
EOF

# repository NAME: make one with a large file and a small one, all public
repository() {
    hg init "$1"
    printf '[lfs]\ntrack = size(">1k")\n' >> "$1/.hg/hgrc"
    "$PYTHON" -c 'print("a long line\n" * 200)' > "$1/large"
    grow "$1" first
}

# grow NAME MESSAGE [ARG...]: add a public changeset
grow() {
    grown=$1
    text=$2
    shift 2
    echo "$text" > "$grown/small"
    hg -R "$grown" commit -Aqm "$text" --config phases.new-commit=public "$@"
}

# stock ...: run Mercurial without the extension
stock() { hg --config extensions.hglfs=! --config extensions.lfs= --config "lfs.usercache=$TESTTMP/stockcache" "$@"; }

# made NAME [TEXT]: wait until there are bundles, with a text in their catalog, and no
# worker is running
made() {
    for _try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 \
        21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40; do
        sleep 1
        [ ! -e "$1/.hg/clonebundles.manifest" ] || [ -e "$1/.hg/lfs/bundles/worker" ] ||
            ! grep -q -e "${2-}" "$1/.hg/lfs/bundles/catalog.json" || return 0
    done
    echo 'nothing was made'
    cat "$1/.hg/lfs/bundles/log"
}

# stop: stop all servers
stop() {
    "$PYTHON" "$RUNTESTDIR/killdaemons.py" "$DAEMON_PIDS"
    : > "$DAEMON_PIDS"
}

# advertised [COMMAND]: print the bundles that the server on $HGPORT advertises
advertised() {
    "$PYTHON" "$TESTDIR/get-with-headers.py" --bodyfile "$TESTTMP/body" \
        "localhost:$HGPORT" "?cmd=${1-clonebundles_manifest}" > /dev/null
    cat "$TESTTMP/body"
}

# web: serve the current folder on $HGPORT1
web() {
    "$PYTHON" "$TESTDIR/dumbhttp.py" -p "$HGPORT1" --pid "$TESTTMP/dumb.pid"
    cat "$TESTTMP/dumb.pid" >> "$DAEMON_PIDS"
}
