# for .t tests:  $ . "$TESTDIR/threeways.sh"
#
# threeways STORY runs a shell function three times, each time in a new and empty
# repository called "repo": with plain Mercurial, with Mercurial's own lfs, and with
# hg-lfs. Every repository below the folder of the story is then compared:
#
# - three ways: changesets with their hashes, phases and names, the state of the
#   working directory and every byte in it, and what the story printed;
# - lfs against hg-lfs: requirements, blobs, and every byte of history and bundles.
#
# Commands go to a command server, which saves most of the time that they take; it
# forks for each of them. Differences are printed as a diff. Words in $EXTENSIONS are
# enabled everywhere, $TRACK is the rule for large files, and lines in $TESTTMP/extra.rc
# are added. Unless $VERIFY disables it, the repositories of hg-lfs are verified, too.

TRACK='all()'
VERIFY=yes
EXTENSIONS=
BASERC=$HGRCPATH
touch "$TESTTMP/extra.rc"
hg init "$TESTTMP/new"

# as WAY: use "plain" Mercurial, "stock" lfs or "ours" from now on
as() {
    {
        echo '[extensions]'
        for name in $EXTENSIONS; do echo "$name ="; done
        case $1 in
            stock) echo 'lfs =' ;;
            ours) echo 'hglfs =' ;;
        esac
        echo '[lfs]'
        echo "track = $TRACK"
        echo "usercache = $TESTTMP/cache-$1"
        # blobs of local exchanges are found in the cache
        echo 'url = null://'
    } > "$TESTTMP/$1.rc"
    HGRCPATH=$BASERC:$TESTTMP/$1.rc:$TESTTMP/extra.rc
    export HGRCPATH
}

# the smallest client of a command server
cat > "$TESTTMP/client.py" <<'END'
import os, socket, struct, sys

server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
stream = server.makefile('rwb')
args = [b'--cwd', os.getcwdb(), *map(os.fsencode, sys.argv[2:])]
text = b'\0'.join(args)
stream.write(b'runcommand\n' + struct.pack('>I', len(text)) + text)
stream.flush()
greeted = False
while True:
    channel, size = struct.unpack('>cI', stream.read(5))
    if channel in b'IL':
        stream.write(struct.pack('>I', 0))
        stream.flush()
        continue
    data = stream.read(size)
    if channel == b'r':
        sys.exit(struct.unpack('>i', data)[0])
    out = {b'o': 1, b'e': 2}.get(channel)
    if out and greeted:
        os.write(out, data)
    greeted = True
END

# serving COMMAND: run it with an "hg" that is a command server's
serving() {
    "$RUNHG" serve --cmdserver unix -a "$TESTTMP/socket" > /dev/null 2>&1 &
    serverpid=$!
    until [ -S "$TESTTMP/socket" ]; do sleep 0.02; done
    hg() { "$PYTHON" -ES "$TESTTMP/client.py" "$TESTTMP/socket" "$@"; }
    "$@"
    unset -f hg
    kill "$serverpid"
    wait "$serverpid" 2>/dev/null
}
RUNHG=`command -v hg`

# for comparisons: "./.hg" of every repository below this folder
repositories() {
    find . -name .hg -type d -prune | LC_ALL=C sort
}

# changesets: print what any Mercurial shows of the repositories below this folder
changesets() {
    for place in $(repositories); do
        echo "$place"
        hg -R "${place%/.hg}" log --hidden -r 'all()' \
            -T '{rev}:{node} {phase} {branch} [{tags}] [{bookmarks}]\n'
        hg -R "${place%/.hg}" status -AC
    done
}

# workingfiles: print all files of the working directories below this folder
workingfiles() {
    find . -name .hg -prune -o -type l -print | LC_ALL=C sort |
        while read -r name; do echo "$name -> $(readlink "$name")"; done
    find . -name .hg -prune -o -name '*.hg' -o -type f -print0 | LC_ALL=C sort -z |
        xargs -0r cksum
    find . -name .hg -prune -o -type f -perm -u+x -print | LC_ALL=C sort
}

# bloblist: print the blobs of the repositories below this folder, all taken together
bloblist() {
    find . -path '*/lfs/objects/??/*' -type f | sed 's#.*objects/##' |
        LC_ALL=C sort -u
}

# storebytes: print requirements and history, byte by byte
storebytes() {
    for place in $(repositories); do
        echo "$place"
        cat "$place/requires" "$place/store/requires" 2>/dev/null | LC_ALL=C sort
        find "$place" -path '*/store/*' -name '*.[id]' -type f |
            LC_ALL=C sort | xargs -r cksum
    done
    bloblist
    find . -name '*.hg' -type f | LC_ALL=C sort | xargs -r cksum
}

# play WAY STORY: run a story in a folder of its own
play() {
    as "$1"
    mkdir "$TESTTMP/telling"
    cp -R "$TESTTMP/new" "$TESTTMP/telling/repo"
    cd "$TESTTMP/telling" || return
    serving record "$1" "$2"
    cd "$TESTTMP" || return
    mv telling "$2-$1"
}

# record WAY STORY: run the story, and record its result
record() {
    (cd repo && "$2") > "$TESTTMP/$1.said" 2>&1
    { changesets && workingfiles; } > "$TESTTMP/$1.state" 2>&1
    storebytes > "$TESTTMP/$1.store" 2>&1
    if [ "$1$VERIFY" = oursyes ]; then
        for place in $(repositories); do
            hg -R "${place%/.hg}" verify -q
        done
    fi
}

# agree WHAT ONE OTHER: compare two records, and print their differences
agree() {
    cmp -s "$TESTTMP/$2.$1" "$TESTTMP/$3.$1" && return
    echo "$1: $2 and $3 differ"
    diff -u "$TESTTMP/$2.$1" "$TESTTMP/$3.$1" | tail -n +3
    return 1
}

threeways() {
    play stock "$1"
    twoways "$1" > "$TESTTMP/agreed"
    agree state plain stock && agree store stock ours &&
        sed -i '1s/two ways/three ways/' "$TESTTMP/agreed"
    cat "$TESTTMP/agreed"
}

# the same without stock lfs, for what it does not support
twoways() {
    play plain "$1"
    play ours "$1"
    if agree state plain ours && agree said plain ours; then
        printf '%s: %d changesets, %d blobs, the same two ways\n' "$1" \
            "$(grep -c '^[0-9]*:' "$TESTTMP/ours.state")" \
            "$(cd "$TESTTMP/$1-ours" && bloblist | wc -l)"
    fi
    # a story that fails has the same result every time, too
    cat "$TESTTMP/ours.said"
}
