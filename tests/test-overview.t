All commands for large files, in one place.

  $ . "$TESTDIR/helpers.sh"

Outside of a repository:

  $ hg lfs
  Rules in ".hglfs" say which files are large. Their contents are blobs beside
  the history: 'hg push' sends them, 'hg update' and others fetch what they
  need. In a repository, the list begins with its rules and the large files that
  are checked out.
  
  How it works, and the settings, are in 'hg help hglfs'. Those who run a server
  find theirs in 'hg help lfs-server', and 'hg help lfs-clone-bundles' is about
  files that new clones start from.
  
  Examples:
  
    hg lfs                 # the state of this repository, and all commands
    hg help lfs-track      # the help of one of them
  
  See what large files take, and how they connect:
  
  lfs-files     list large files
  lfs-status    show what the next commit, push and update do with large files
  lfs-du        show how much room large files take
  lfs-env       show settings and endpoints, and check the connections
  debug::lfs-local-cache
                print information about the local blob cache
  
  Track files:
  
  lfs-track     make files large by rules in .hglfs, or list the rules
  lfs-untrack   make files no longer large by rules in .hglfs
  
  Transfer blobs:
  
  lfs-fetch     fetch blobs without writing files
  lfs-push      upload blobs without changesets
  lfs-checkout  write contents in place of placeholders
  debuglfsupload
                upload lfs blobs added by the working copy parent or given
                revisions
  
  Lock files:
  
  lfs-lock      lock files against changes by other users
  lfs-unlock    remove locks from files
  lfs-locks     list locked files, newest locks first
  
  Free disk space:
  
  lfs-prune     remove local blobs that can be fetched again
  
  Find and repair damage:
  
  lfs-fsck      find and repair missing and damaged blobs
  admin::lfs-scrub
                verify the checksums of all blobs, and quarantine damaged ones
  
  Administer a server:
  
  admin::lfs-stats
                show statistics of the LFS store
  admin::lfs-gc
                remove unreferenced blobs
  admin::lfs-locks
                remove locks of any owner, or repair the lock database
  admin::clone-bundles-status
                show clone bundle status
  admin::clone-bundles-refresh
                generate outdated clone bundles
  admin::clone-bundles-clear
                remove the clone bundles

As they are typed in git-lfs:

  $ hg lfs track '*.psd'
  abort: 'hg lfs' has no arguments
  (use 'hg lfs-track')
  [10]
  $ hg lfs push
  abort: 'hg lfs' has no arguments
  (use 'hg lfs-push')
  [10]
  $ hg lfs-
  hg: command 'lfs-' is ambiguous:
      lfs-checkout lfs-du lfs-env lfs-fetch lfs-files lfs-fsck lfs-lock lfs-locks lfs-prune lfs-push lfs-status lfs-track lfs-unlock lfs-untrack
  [10]

In a repository:

  $ hg init repo
  $ cd repo
  $ hg lfs | head -2
  1 rule in lfs.track; 0 large files (0 bytes) are checked out
  
  $ hg lfs --config 'lfs.track=none()' | head -1
  no rules; 0 large files (0 bytes) are checked out
  $ printf '[track]\n**.bin = all()\n**.psd = size(">10B")\n' > .hglfs
  $ printf 'large' > a.bin
  $ printf 'small' > a.psd
  $ hg commit -Aqm first
  $ hg lfs | head -1
  2 rules in .hglfs; 1 large file (5 bytes) is checked out
  $ hg update -q null
  $ hg lfs | head -1
  1 rule in lfs.track; 0 large files (0 bytes) are checked out
  $ hg update -q tip
  $ echo '**.x = nonsense()' >> .hglfs
  $ hg lfs | head -1
  invalid rules: parse error in .hglfs: unknown identifier: nonsense; 1 large file (5 bytes) is checked out
  $ cd ..

The help has the same, and leads to the others:

  $ hg help lfs | sed -n 's/^ *\(lfs-[a-z]*\) .*/\1/p'
  lfs-files
  lfs-status
  lfs-du
  lfs-env
  lfs-track
  lfs-untrack
  lfs-fetch
  lfs-push
  lfs-checkout
  lfs-lock
  lfs-unlock
  lfs-locks
  lfs-prune
  lfs-fsck
  $ hg help lfs | grep '^(use'
  (use 'hg help -e lfs' to show help for the lfs extension)
  $ hg help hglfs | head -1
  Large Files
  $ hg help -e lfs | head -1
  lfs extension - large files and clone bundles, over the Git LFS protocol
  $ hg help -c lfs | head -3
  hg lfs
  
  list the commands for large files
