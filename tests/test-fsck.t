A new user finds out what is wrong with large files, and has it repaired.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<END
  > [extensions]
  > share =
  > [lfs]
  > usercache = $TESTTMP/cache
  > track = **.bin
  > END
  $ blobof() { # REPO FILE [FILEREV]
  >     hg -R $1 debugdata $2 ${3:-0} |
  >         sed -n "s#^oid sha256:\(..\)#$TESTTMP/$1/.hg/store/lfs/objects/\1/#p"
  > }
  $ spoil() { # FILE
  >     cp "$1" "$1.new"
  >     printf X | dd of="$1.new" bs=1 conv=notrunc 2> /dev/null
  >     mv "$1.new" "$1"
  > }
  $ forget() { rm -rf "$TESTTMP/cache"; }
  $ hg init server
  $ cd server
  $ echo 'first film' > film.bin
  $ echo 'logo' > logo.bin
  $ echo 'text' > text
  $ hg commit -qAm 'first'
  $ echo 'second film' > film.bin
  $ hg commit -qm 'second'
  $ cd ..
  $ forget
  $ hg clone -q server mine
  $ forget

Blobs of revisions that are not checked out are not here. That is no problem:

  $ cd mine
  $ hg lfs-fsck
  checked 3 blobs (28 bytes): no problems
  1 blob (11 bytes) is not here, and not needed
  $ hg lfs-fsck -q

Unless everything has to be here, as before a journey:

  $ hg lfs-fsck --all
  film.bin@*: missing (glob)
  checked 3 blobs (28 bytes): 1 problem
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ hg lfs-fsck --all --repair --dry-run
  film.bin@*: missing; can be repaired from $TESTTMP/server (glob)
  checked 3 blobs (28 bytes): 1 problem
  [1]
  $ hg lfs-fsck --all --repair
  film.bin@*: missing; repaired from $TESTTMP/server (glob)
  checked 3 blobs (28 bytes): no problems left, 1 repaired
  $ hg lfs-fsck --all
  checked 3 blobs (28 bytes): no problems

Damage is found. The damaged blob is replaced by what is in the working directory:

  $ forget
  $ cd ..
  $ spoil `blobof mine logo.bin`
  $ cd mine
  $ hg lfs-fsck
  logo.bin@*: damaged (glob)
  checked 3 blobs (28 bytes): 1 problem
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ test -e .hg/lfs/quarantine
  [1]
  $ hg lfs-fsck --repair
  logo.bin@*: damaged; repaired from $TESTTMP/mine/logo.bin (glob)
  checked 3 blobs (28 bytes): no problems left, 1 repaired
  $ hg lfs-fsck
  checked 3 blobs (28 bytes): no problems
  $ hg cat logo.bin
  logo

Without any sound copy, the damaged one is kept, and the next step is shown:

  $ cd ..
  $ forget
  $ hg -R mine update -q null
  $ spoil `blobof mine film.bin 1`
  $ mv `blobof server film.bin 1` lost
  $ cd mine
  $ hg lfs-fsck --repair
  film.bin@*: damaged; no sound copy found (*) (glob)
    damaged copy: $TESTTMP/mine/.hg/lfs/quarantine/* (glob)
  checked 3 blobs (28 bytes): 1 problem
  1 damaged copy is kept in the quarantine
  (in a clone that has the files, 'hg debuglfsupload -r REV' sends them to the server; then repeat this command)
  [1]
  $ hg lfs-fsck
  film.bin@*: missing, with a damaged copy (glob)
    damaged copy: $TESTTMP/mine/.hg/lfs/quarantine/* (glob)
  checked 3 blobs (28 bytes): 1 problem
  1 damaged copy is kept in the quarantine
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ hg lfs-fsck -T '{left} {problems % "{state} {place} {files % "{path}"}"}\n'
  1 damaged quarantine film.bin
  [1]

Another clone sends it again. The blob is repaired, and the damaged copy removed:

  $ cd ..
  $ hg clone -q -U server good
  $ mkdir -p `dirname \`blobof good film.bin 1\``
  $ cp lost `blobof good film.bin 1`
  $ forget
  $ hg -R good debuglfsupload -r 1
  $ forget
  $ cd mine
  $ hg lfs-fsck --repair
  film.bin@*: missing, with a damaged copy; repaired from $TESTTMP/server (glob)
  checked 3 blobs (28 bytes): no problems left, 1 repaired
  $ ls .hg/lfs/quarantine

Commands that find damage keep the damaged copy. It is removed when it is not needed:

  $ cd ..
  $ spoil `blobof mine film.bin 1`
  $ forget
  $ cd mine
  $ hg update -q
  lfs: film.bin: its blob is damaged, and was moved to $TESTTMP/mine/.hg/lfs/quarantine/* (glob)
  $ hg lfs-fsck
  checked 3 blobs (28 bytes): no problems
  1 damaged copy is kept in the quarantine
  $ hg lfs-fsck --clear --dry-run
  would remove $TESTTMP/mine/.hg/lfs/quarantine/* (12 bytes) (glob)
  $ hg lfs-fsck --clear
  removed $TESTTMP/mine/.hg/lfs/quarantine/* (12 bytes) (glob)
  $ hg lfs-fsck --clear
  $ ls .hg/lfs/quarantine

The working directory of a share has sound copies as well:

  $ cd ..
  $ hg share -q mine shared
  $ hg -R mine update -q null
  $ forget
  $ mv server away
  $ spoil `blobof mine logo.bin`
  $ hg -R mine lfs-fsck --repair
  mine/logo.bin@*: damaged; repaired from $TESTTMP/shared/logo.bin (glob)
  checked 3 blobs (28 bytes): no problems left, 1 repaired
  $ mv away server
  $ hg -R mine update -q

Some files, or some revisions:

  $ forget
  $ spoil `blobof mine logo.bin`
  $ spoil `blobof mine film.bin 0`
  $ cd mine
  $ hg lfs-fsck -r .
  logo.bin@*: damaged (glob)
  checked 2 blobs (17 bytes): 1 problem
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ hg lfs-fsck film.bin
  film.bin@*: damaged (glob)
  checked 2 blobs (23 bytes): 1 problem
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ hg lfs-fsck --repair -q
  film.bin@*: damaged; repaired from $TESTTMP/server (glob)
  logo.bin@*: damaged; repaired from $TESTTMP/mine/logo.bin (glob)
  $ cd ..

What a draft changeset has introduced is nowhere else, if it is not here:

  $ cd mine
  $ echo 'draft' > draft.bin
  $ hg commit -qAm 'draft'
  $ hg update -q 1
  $ rm `cd .. && blobof mine draft.bin`
  $ forget
  $ hg lfs-fsck
  draft.bin@*: missing (glob)
  checked 4 blobs (34 bytes): 1 problem
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ hg lfs-fsck --repair
  draft.bin@*: missing; no sound copy found (*) (glob)
  checked 4 blobs (34 bytes): 1 problem
  (in a clone that has the files, 'hg debuglfsupload -r REV' sends them to the server; then repeat this command)
  [1]
  $ cd ..

On the server itself, every blob has to be here. A backup repairs what is not:

  $ cp -R server/.hg/store/lfs/objects backup
  $ rm `blobof server logo.bin`
  $ hg -R server lfs-fsck
  server/logo.bin@*: missing (glob)
  checked 3 blobs (28 bytes): 1 problem
  (use 'hg lfs-fsck --repair' to replace them by sound copies)
  [1]
  $ hg -R server update -q null
  $ hg -R server lfs-fsck --repair --config "lfs.fallback=$TESTTMP/backup"
  server/logo.bin@*: missing; repaired from $TESTTMP/backup (glob)
  checked 3 blobs (28 bytes): no problems left, 1 repaired

Options that do not go together:

  $ cd mine
  $ hg lfs-fsck -n
  abort: --dry-run needs --repair, --clear or --clear-all
  (without these, nothing is changed)
  [10]
  $ hg lfs-fsck --clear --repair
  abort: cannot specify both --clear and --repair
  [10]
  $ hg lfs-fsck --clear --clear-all
  abort: cannot specify both --clear and --clear-all
  [10]
  $ hg lfs-fsck --clear-all film.bin
  abort: --clear and --clear-all take no files
  [10]
  $ cd ..

A repository without large files:

  $ hg init plain
  $ hg -R plain lfs-fsck
  no large files

Verification by Mercurial fetches what is not here, and says so before. Or it does not:

  $ forget
  $ hg clone -q server other
  $ forget
  $ hg -R other verify --config lfs.verify=local
  checking changesets
  checking manifests
  crosschecking files in changesets and manifests
  lfs: 1 blob (11 bytes) is not here, and is not verified
  checking files
  checking dirstate (?)
  checked 2 changesets with 4 changes to 3 files
  $ hg -R other verify --config lfs.verify=local --no-lfs
  checking changesets
  checking manifests
  crosschecking files in changesets and manifests
  lfs: 1 blob (11 bytes) is not here, and is not verified
  checking files
  checking dirstate (?)
  checked 2 changesets with 4 changes to 3 files
  $ hg -R other lfs-fsck -q --all
  other/film.bin@*: missing (glob)
  [1]
  $ hg -R other verify
  checking changesets
  checking manifests
  crosschecking files in changesets and manifests
  lfs: fetching 1 blob (11 bytes) that is not here
  checking files
  checking dirstate (?)
  checked 2 changesets with 4 changes to 3 files
  $ hg -R other verify --config lfs.verify=local
  checking changesets
  checking manifests
  crosschecking files in changesets and manifests
  checking files
  checking dirstate (?)
  checked 2 changesets with 4 changes to 3 files

Damage is still found where nothing is fetched:

  $ forget
  $ spoil `blobof other logo.bin`
  $ hg -R other verify -q --config lfs.verify=local 2>&1 | grep logo
   logo.bin@0: unpacking *: integrity check failed on *logo.bin:0 (glob)
  $ rm `blobof other film.bin 0`
  $ hg -R other verify --lfs -q --config lfs.verify=local 2>&1 | grep film
  [1]
  $ test -f `blobof other film.bin 0`
  $ hg -R other verify --config lfs.verify=never
  config error: lfs.verify must be one of fetch, local, not never
  [30]
