A new user asks what the next commit, push and update will do with large files.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [lfs]
  > track = none()
  > warnsize = 1KB
  > EOS
  $ content() { for n in `seq $1`; do echo "line $n"; done; }
  $ hg init server
  $ hg init work
  $ cd work
  $ printf '[paths]\ndefault = ../server\n' > .hg/hgrc
  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ mkdir art
  $ content 300 > art/logo.psd
  $ content 200 > art/sky.psd
  $ content 150 > disk.iso
  $ echo words > words.txt
  $ printf '[track]\n**.psd = all()\n' > .hglfs

Files that are not added are not committed.

  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ hg add -q
  $ hg lfs-status
  large when committed (2 files, 4.18 KB):
    art/logo.psd (2.53 KB, .hglfs:2: **.psd = all())
    art/sky.psd (1.65 KB, .hglfs:2: **.psd = all())
  big, but not large when committed (1 file, 1.21 KB):
    disk.iso (1.21 KB)
  (no rule in .hglfs matches: see 'hg help -v lfs-track' for how to change that)
  $ cd art
  $ hg lfs-status
  large when committed (2 files, 4.18 KB):
    logo.psd (2.53 KB, .hglfs:2: **.psd = all())
    sky.psd (1.65 KB, .hglfs:2: **.psd = all())
  big, but not large when committed (1 file, 1.21 KB):
    ../disk.iso (1.21 KB)
  (no rule in .hglfs matches: see 'hg help -v lfs-track' for how to change that)
  $ hg lfs-status logo.psd
  large when committed (1 file, 2.53 KB):
    logo.psd (2.53 KB, .hglfs:2: **.psd = all())
  $ hg lfs-status -q
  $ cd ..
  $ hg lfs-status words.txt
  nothing to commit, upload or download, and nothing is missing
  $ hg lfs-status no-such-file
  no-such-file: $ENOENT$
  no file matches
  [1]
  $ hg lfs-status 'glob:*.doc'
  no file matches
  [1]
  $ hg lfs-status -T json disk.iso art/sky.psd
  [
   {
    "oid": null,
    "path": "art/sky.psd",
    "present": null,
    "rule": ".hglfs:2: **.psd = all()",
    "section": "commit",
    "size": 1692,
    "state": "added"
   },
   {
    "oid": null,
    "path": "disk.iso",
    "present": null,
    "rule": null,
    "section": "plain",
    "size": 1242,
    "state": "added"
   }
  ]
  $ hg lfs-status -T '{section}: {path} {state} {size}\n'
  commit: art/logo.psd added 2592
  commit: art/sky.psd added 1692
  plain: disk.iso added 1242

After the commit there is something to push.

  $ hg commit -qm 'first' 2>/dev/null
  $ hg lfs-status
  uploaded by a push, unless the server has them (2 files, 4.18 KB):
    art/logo.psd (2.53 KB)
    art/sky.psd (1.65 KB)
  $ hg lfs-status -T '{section} {path} {state} {present}\n'
  upload art/logo.psd draft store
  upload art/sky.psd draft store
  $ content 301 > art/logo.psd
  $ hg commit -qm 'second' --secret
  $ hg lfs-status
  uploaded by a push, unless the server has them (3 files, 6.72 KB):
    art/logo.psd (2.53 KB)
    art/logo.psd (2.54 KB, secret)
    art/sky.psd (1.65 KB)
  $ hg lfs-status -X 'glob:**.psd'
  nothing to commit, upload or download, and nothing is missing

What is public already is not uploaded: not by a copy, nor when it comes back.

  $ hg push -q -r 0
  $ hg phase -d -r 1
  $ hg lfs-status
  uploaded by a push, unless the server has them (1 file, 2.54 KB):
    art/logo.psd (2.54 KB)
  $ hg push -q
  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ hg cp art/logo.psd art/copy.psd
  $ hg revert -q -r 0 art/logo.psd
  $ hg lfs-status
  large when committed (2 files, 5.07 KB):
    art/copy.psd (2.54 KB, .hglfs:2: **.psd = all())
    art/logo.psd (2.53 KB, .hglfs:2: **.psd = all())
  $ hg commit -qm 'third'
  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ hg push -q

Content that is not on this machine cannot be pushed from here, unless it is fetched.

  $ content 310 > art/logo.psd
  $ hg commit -qm 'fourth'
  $ mv .hg/store/lfs/objects ../objects
  $ hg lfs-status --config lfs.usercache=$TESTTMP/empty
  uploaded by a push, unless the server has them (1 file, 2.62 KB):
    art/logo.psd (2.62 KB, not on this machine)
  missing content of the working directory's parent (3 files, 6.81 KB):
    art/copy.psd (2.54 KB)
    art/logo.psd (2.62 KB)
    art/sky.psd (1.65 KB)
  $ mv ../objects .hg/store/lfs/objects
  $ hg push -q

An update downloads what differs and is not here, each content once.

  $ cd ..
  $ hg clone -qU server clone
  $ cd clone
  $ cat >> .hg/hgrc <<EOS
  > [lfs]
  > usercache = $TESTTMP/clonecache
  > EOS
  $ hg lfs-status
  downloaded by an update to ba059894cb54 (3 files, 6.81 KB):
    art/copy.psd (2.54 KB)
    art/logo.psd (2.62 KB)
    art/sky.psd (1.65 KB)
  $ hg lfs-status -r 0
  downloaded by an update to 4cfe5fc525cb (2 files, 4.18 KB):
    art/logo.psd (2.53 KB)
    art/sky.psd (1.65 KB)
  $ hg lfs-status -r null
  nothing to commit, upload or download, and nothing is missing
  $ hg lfs-status -r no-such-revision
  abort: unknown revision 'no'
  [10]
  $ hg lfs-status -T json | "$PYTHON" -c 'import json, sys; print(*(one["path"] for one in json.load(sys.stdin)))'
  art/copy.psd art/logo.psd art/sky.psd
  $ hg update -q 0
  $ hg lfs-status
  downloaded by an update to ba059894cb54 (2 files, 5.16 KB):
    art/copy.psd (2.54 KB)
    art/logo.psd (2.62 KB)
  $ hg lfs-status -r 1 'glob:**.iso'
  nothing to commit, upload or download, and nothing is missing
  $ hg update -q
  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ hg lfs-status -r 0
  nothing to commit, upload or download, and nothing is missing

A bookmark that an update would move is not announced.

  $ hg bookmark -r tip mark
  $ hg update -q mark
  $ hg update -q 0
  $ hg bookmark -q -f mark -r 0
  $ hg update -q mark
  $ hg bookmark -f -r tip mark
  $ hg lfs-status -T '{section} {path}\n'
  nothing to commit, upload or download, and nothing is missing
  $ hg update -qC default

What is missing of the parent of the working directory:

  $ rm -r .hg/store/lfs/objects $TESTTMP/clonecache
  $ hg lfs-status
  missing content of the working directory's parent (3 files, 6.81 KB):
    art/copy.psd (2.54 KB)
    art/logo.psd (2.62 KB)
    art/sky.psd (1.65 KB)
  $ hg lfs-status -T '{section} {path} {state} {present}\n' art/sky.psd
  missing art/sky.psd committed missing

Mistakes in rules are reported as elsewhere.

  $ printf '[trakc]\n**.psd = all()\n' > .hglfs
  $ hg lfs-status
  abort: parse error in .hglfs: section [trakc] is not [track]
  (see .hglfs:1; write [track])
  [255]
  $ printf '[track]\n**.psd = yes\n' > .hglfs
  $ hg lfs-status
  abort: parse error in .hglfs: unsupported file pattern: yes
  (see .hglfs:2; paths must be prefixed with "path:"; write **.psd = all())
  [255]
  $ hg revert -q --no-backup .hglfs
  $ mkdir sub
  $ printf '[track]\n**.tif = all()\n' > sub/.hglfs
  $ hg add -q sub/.hglfs
  $ hg lfs-status sub
  warning: sub/.hglfs:2: rules are read from .hglfs in the root of the repository alone
  (write there: path:sub & **.tif = all())
  nothing to commit, upload or download, and nothing is missing
  $ hg forget -q sub/.hglfs
  $ rm -r sub

More than 20 files are counted.

  $ cd ../work
  $ hg update -q
  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ mkdir many
  $ for n in `seq 10 31`; do echo $n > many/$n.psd; done
  $ hg add -q many
  $ hg lfs-status | tail -3
    many/28.psd (3 bytes, .hglfs:2: **.psd = all())
    many/29.psd (3 bytes, .hglfs:2: **.psd = all())
    and 2 more
  $ hg lfs-status -v | tail -3
    many/29.psd (3 bytes, .hglfs:2: **.psd = all())
    many/30.psd (3 bytes, .hglfs:2: **.psd = all())
    many/31.psd (3 bytes, .hglfs:2: **.psd = all())
  $ hg lfs-status -T '{path}\n' | wc -l | tr -d ' '
  22
  $ cd ..

A repository without large files:

  $ hg init plain
  $ cd plain
  $ echo text > text
  $ hg commit -qAm text
  $ hg lfs-status
  nothing to commit, upload or download, and nothing is missing
  $ hg lfs-status -T json
  [
  ]
  nothing to commit, upload or download, and nothing is missing
