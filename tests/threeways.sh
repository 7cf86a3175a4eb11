# for .t tests:  $ . "$TESTDIR/threeways.sh"
#
# threeways STORY runs a shell function three times, each time in a new and empty
# repository called "repo": with plain Mercurial, with Mercurial's own lfs, and with
# hg-lfs. Every repository below the folder of the story is then compared:
#
# - three ways: changesets with their hashes, phases and names, the state of the
#   working directory and every byte in it, and what the commands printed;
# - lfs against hg-lfs: requirements, blobs, and every byte of history.
#
# What differs is printed as a diff. Words in $EXTENSIONS are enabled everywhere,
# $TRACK says which files are large, and lines in $TESTTMP/extra.rc are added.

TRACK='all()'
EXTENSIONS=
BASERC=$HGRCPATH
touch "$TESTTMP/extra.rc"

# as WAY: what follows is done by "plain" Mercurial, by "stock" lfs or by "ours"
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

# for comparisons: "./.hg" of every repository below this folder
repositories() {
    find . -name .hg -type d -prune | LC_ALL=C sort
}

# changesets: what any Mercurial says about the repositories below this folder
changesets() {
    for place in $(repositories); do
        echo "$place"
        hg -R "${place%/.hg}" log --hidden -r 'all()' \
            -T '{rev}:{node} {phase} {branch} [{tags}] [{bookmarks}]\n'
        hg -R "${place%/.hg}" status -AC
    done
}

# workingfiles: what is in the working directories below this folder
workingfiles() {
    find . -name .hg -prune -o -type l -print | LC_ALL=C sort |
        while read -r name; do echo "$name -> $(readlink "$name")"; done
    find . -name .hg -prune -o -type f -print0 | LC_ALL=C sort -z |
        xargs -0r cksum
    find . -name .hg -prune -o -type f -perm -u+x -print | LC_ALL=C sort
}

# bloblist: the blobs of every repository below this folder
bloblist() {
    find . -path '*/lfs/objects/*' -type f | LC_ALL=C sort
}

# storebytes: requirements and history, as they lie on the disk
storebytes() {
    for place in $(repositories); do
        echo "$place"
        cat "$place/requires" "$place/store/requires" 2>/dev/null | LC_ALL=C sort
        find "$place" -path '*/store/*' -name '*.[id]' -type f |
            LC_ALL=C sort | xargs -r cksum
    done
    bloblist
}

# tell WAY STORY: runs a story in a folder of its own, and notes how it ended
tell() {
    as "$1"
    mkdir "$TESTTMP/telling"
    cd "$TESTTMP/telling" || return
    hg init repo
    cd repo || return
    ("$2") > "$TESTTMP/$1.said" 2>&1
    cd ..
    { changesets && workingfiles; } > "$TESTTMP/$1.state" 2>&1
    storebytes > "$TESTTMP/$1.store" 2>&1
    if [ "$1" = ours ]; then
        for place in $(repositories); do
            hg -R "${place%/.hg}" verify -q
        done
    fi
    cd "$TESTTMP" || return
    mv telling "$2-$1"
}

# agree WHAT ONE OTHER: compares two notes, and shows where they differ
agree() {
    cmp -s "$TESTTMP/$2.$1" "$TESTTMP/$3.$1" && return
    echo "$1: $2 and $3 differ"
    diff -u "$TESTTMP/$2.$1" "$TESTTMP/$3.$1" | tail -n +3
    return 1
}

threeways() {
    for way in plain stock ours; do
        tell "$way" "$1" || return
    done
    if agree state plain ours && agree state plain stock &&
        agree said plain ours && agree store stock ours; then
        # a story that has not gone as it should looks the same three times, too
        printf '%s: %d changesets, %d blobs, the same three ways\n' "$1" \
            "$(grep -c '^[0-9]*:' "$TESTTMP/ours.state")" \
            "$(cd "$TESTTMP/$1-ours" && bloblist | sed 's#.*objects/##' |
                LC_ALL=C sort -u | wc -l)"
    fi
    cat "$TESTTMP/ours.said"
}
