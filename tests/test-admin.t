#require no-chg

Unneeded blobs, damaged blobs, and the number of blobs.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [experimental]
  > evolution.createmarkers = yes
  > [extensions]
  > share =
  > strip =
  > [lfs]
  > usercache = $TESTTMP/cache
  > END
  $ hg init repo
  $ cd repo
  $ age() {
  >     find .hg/store/lfs/objects -type f | xargs touch -d '30 days ago'
  > }
  $ stray() {
  >     printf "$1" > "$1"
  >     hg commit -Aqm "$1"
  >     hg strip -q --no-backup .
  > }
  $ printf 'needed' > a
  $ hg commit -Aqm one
  $ printf 'needed as well' > a
  $ hg commit -qm two

Blobs that the history refers to are kept, hidden or not:

  $ hg debugobsolete `hg log -r tip -T '{node}'`
  1 new obsolescence markers
  obsoleted 1 changesets
  $ hg update -q 0
  $ age
  $ hg admin::lfs-gc
  nothing to remove

Stripped changesets are in a backup bundle until it is deleted; shelves are in another:

  $ printf 'stripped' > b
  $ hg commit -Aqm three
  $ hg strip -q .
  $ printf 'shelved' > a
  $ hg shelve -q
  $ stray stray
  $ age
  $ hg admin::lfs-gc
  [0-9a-f]{64}  \d{4}-\d\d-\d\d  5 bytes (re)
  1 blob (5 bytes) can be removed; use --delete to remove it
  $ blobs . | wc -l | sed 's/ //g'
  5

A share has its own bundles, and is registered when it is opened:

  $ cat .hg/lfs/shares
  cat: .hg/lfs/shares: $ENOENT$
  [1]
  $ cd ..
  $ hg share -q repo shared
  $ cd shared
  $ cat ../repo/.hg/lfs/shares
  
  $TESTTMP/shared/.hg
  $ printf 'shelved in the share' > a
  $ hg shelve -q
  $ hg status
  $ wc -l < ../repo/.hg/lfs/shares | sed 's/ //g'
  2
  $ cd ../repo
  $ age
  $ hg admin::lfs-gc -q | wc -l | sed 's/ //g'
  2
  $ rm -r .hg/strip-backup
  $ hg admin::lfs-gc -T '{size} {deleted}\n' | sort
  5 False
  8 False

A list keeps the blobs that it names:

  $ mkdir .hg/lfs/keep
  $ hg admin::lfs-gc -T '{size} {oid}\n' | sed -n 's/^8 //p' > .hg/lfs/keep/bundles
  $ hg admin::lfs-gc -T '{size} {oid}\n' | cut -c 1-3
  5 [0-9a-f] (re)
  $ printf 'nonsense\n' > .hg/lfs/keep/other
  $ hg admin::lfs-gc --delete
  abort: $TESTTMP/repo/.hg/lfs/keep/other:1: not an object id
  (each line names a blob that is to be kept)
  [50]
  $ rm .hg/lfs/keep/other

A bundle that cannot be read may refer to any blob:

  $ printf 'nonsense' > .hg/shelved/broken.hg
  $ hg admin::lfs-gc --delete
  abort: cannot tell which blobs are named by $TESTTMP/repo/.hg/shelved/broken.hg: $TESTTMP/repo/.hg/shelved/broken.hg: not a Mercurial bundle
  (see 'hg verify'; a bundle that is damaged can be moved away)
  [20]
  $ rm .hg/shelved/broken.hg

So may a history that cannot be read:

  $ mv .hg/store/data/a.i ..
  $ hg admin::lfs-gc --delete
  abort: cannot tell which blobs are named by a: its history is missing
  (see 'hg verify'; a bundle that is damaged can be moved away)
  [20]
  $ mv ../a.i .hg/store/data

Recent blobs are kept, and so are those that a client asks about:

  $ hg admin::lfs-gc --grace 5w
  nothing to remove
  $ hg admin::lfs-gc --grace 14
  abort: not a duration: 14
  (use a number and one of s, m, h, d, w; such as 14d)
  [10]
  $ hg clone -qU . ../other
  $ cd ../other
  $ printf 'stray' > stray
  $ hg commit -Aqm 'comes back'
  $ hg push -qf ../repo
  $ cd ../repo
  $ hg admin::lfs-gc
  nothing to remove
  $ hg strip -q -r tip --no-backup
  $ hg admin::lfs-gc
  nothing to remove
  $ age

Now the blob is removed, and only from the store:

  $ hg admin::lfs-gc --delete
  [0-9a-f]{64}  \d{4}-\d\d-\d\d  5 bytes (re)
  1 blob removed (5 bytes)
  $ hg admin::lfs-gc --delete
  nothing to remove
  $ find "$TESTTMP/cache" -type f | wc -l | sed 's/ //g'
  6
  $ hg unshelve -q
  $ cat a
  shelved (no-eol)
  $ hg revert -q --no-backup a
  $ hg -R ../shared unshelve -q
  $ hg verify -q

A bundle repository has no store of its own:

  $ hg bundle -q --all ../all.hg
  $ hg -R ../all.hg admin::lfs-gc
  abort: a bundle has no blobs of its own
  [10]
  $ cd ..

The number of blobs:

  $ hg init counted
  $ cd counted
  $ printf '0123456789' > ten
  $ hg commit -Aqm ten -d '1700000000 0'
  $ printf '012' > three
  $ hg commit -Aqm three -d '1703000000 0'
  $ printf '0' > one
  $ hg commit -Aqm one -d '1703000000 0'
  $ stray stray
  $ printf 'lost' > lost
  $ hg commit -Aqm lost
  $ rm .hg/store/lfs/objects/`hg debugdata lost 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'`
  $ printf 'some' > .hg/store/lfs/objects/incoming-x
  $ hg admin::lfs-stats
  objects:          4 (19 bytes)
  linked elsewhere: 4 (19 bytes)
  not in history:   1 (5 bytes)
  not in store:     1 (4 bytes)
  unfinished:       1 (4 bytes)
  quarantined:      0 (0 bytes)
  largest:
    84d89877f0d4 10 bytes ten
    [0-9a-f]{12} 5 bytes \(not in history\) (re)
    [0-9a-f]{12} 3 bytes three (re)
    5feceb66ffc8 1 bytes one
  growth:
    2023-11 1 (10 bytes)
    2023-12 2 (4 bytes)
  $ hg admin::lfs-stats -T json | "$PYTHON" -c "
  > import json, sys
  > (found,) = json.load(sys.stdin)
  > print(found['objects'], found['bytes'], found['largest'][0]['path'])
  > print(found['months'][1])"
  4 19 ten
  {'bytes': 4, 'month': '2023-12', 'objects': 2}
  $ hg admin::lfs-stats -T '{objects} {absent_bytes}\n'
  4 4

Damage is detected, and repaired from the cache:

  $ spoil() {
  >     blob=.hg/store/lfs/objects/`hg debugdata $1 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'`
  >     rm $blob
  >     printf 'damaged' > $blob
  > }
  $ hg admin::lfs-scrub
  $ spoil ten
  $ hg admin::lfs-scrub
  84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882: repaired
    ten in * (glob)
  $ hg cat -r 0 ten
  0123456789 (no-eol)
  $ ls .hg/lfs/quarantine
  $ hg admin::lfs-scrub

Without another copy, the blob is moved to the quarantine:

  $ cp three same
  $ hg commit -Aqm same
  $ rm -r "$TESTTMP/cache"
  $ spoil ten
  $ spoil one
  $ spoil three
  $ hg admin::lfs-scrub --rate 0 | sed 's/^[0-9a-f]\{64\}/OID/' | LC_ALL=C sort
    one in [0-9a-f]{12} (re)
    same in [0-9a-f]{12} (re)
    ten in [0-9a-f]{12} (re)
    three in [0-9a-f]{12} (re)
  OID: quarantined
  OID: quarantined
  OID: quarantined
  $ hg admin::lfs-scrub -T '{oid|short} {state}{files % " {path}@{node|short}"}\n' | grep ten
  84d89877f0d4 quarantined ten@[0-9a-f]{12} (re)
  $ cat .hg/lfs/quarantine/84d89877f0d4*
  damaged (no-eol)
  $ ls .hg/lfs/quarantine | wc -l | sed 's/ //g'
  3
  $ hg admin::lfs-scrub > /dev/null
  [1]
  $ hg -R . cat -r 0 ten
  abort: ten: lfs object * is not here (glob)
  (no server is named to fetch it from, by "lfs.url" or a default path; a damaged copy is in $TESTTMP/counted/.hg/lfs/quarantine/*; changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:ten DIR" exports the other files) (glob)
  [50]

It can be sent again, which empties the quarantine:

  $ hg init ../sender
  $ for content in 0123456789 012 0; do
  >     printf $content > ../sender/$content
  > done
  $ hg -R ../sender commit -Aqm all
  $ cp -R ../sender/.hg/store/lfs/objects/* .hg/store/lfs/objects
  $ rm ../sender/.hg/store/lfs/objects/*/*
  $ hg admin::lfs-scrub
  $ ls .hg/lfs/quarantine

A run that was killed is completed by the next one:

  $ for number in 1 2 3 4 5 6 7 8; do
  >     "$PYTHON" -c "open('big', 'wb').write(b'$number' * 300000)"
  >     hg commit -Aqm $number
  > done
  $ hg admin::lfs-scrub --rate 500k & pid=$!
  $ "$PYTHON" - <<END
  > import time
  > while True:
  >     with open('.hg/lfs/scrub') as state:
  >         if state.read()[:1] not in ('', '-'):
  >             break
  >     time.sleep(0.05)
  > END
  $ hg admin::lfs-scrub
  abort: another scrub of this repository is running
  [20]
  $ kill -9 $pid
  $ wait $pid 2> /dev/null
  [137]
  $ hg admin::lfs-scrub --rate 0
  going on after [0-9a-f]{12} (re)
  $ hg admin::lfs-scrub --rate 0
  $ rm -r "$TESTTMP/cache"
  $ spoil one
  $ head -c 64 /dev/zero | tr '\0' f > .hg/lfs/scrub
  $ hg admin::lfs-scrub --rate 0
  going on after ffffffffffff
  $ printf '%064d' 0 | tr 0 f > .hg/lfs/scrub
  $ hg admin::lfs-scrub --rate 0 --restart | sed 's/^[0-9a-f]\{64\}/OID/'
  OID: quarantined
    one in * (glob)

A blob that was sent again, while an interrupted run had come past it, is verified, too:

  $ printf '0' > .hg/store/lfs/objects/`hg debugdata one 0 | sed -n 's#^oid sha256:\(..\)#\1/#p'`
  $ printf '%064d' 0 | tr 0 f > .hg/lfs/scrub
  $ hg admin::lfs-scrub --rate 0
  going on after ffffffffffff
  $ ls .hg/lfs/quarantine

  $ hg admin::lfs-scrub --rate much
  abort: not a size: much
  [10]
  $ cd ..
