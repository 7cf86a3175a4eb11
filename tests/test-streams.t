Large files go into history as streams, in one pass; with --debug each says so.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > shelve =
  > rebase =
  > EOF
  $ streamed() {
  >     hg "$@" --debug 2>&1 | grep 'lfs: streaming' | sort
  > }
  $ hg init repo
  $ cd repo
  $ printf 'one\0' > picture
  $ printf 'one\n' > words
  $ streamed commit -A -m first
  lfs: streaming picture
  lfs: streaming words

A change of the same size, a copy, an amended one:

  $ printf 'two\0' > picture
  $ hg copy -q words copy
  $ streamed commit -m second
  lfs: streaming copy
  lfs: streaming picture
  $ printf 'three\0' > picture
  $ streamed commit --amend -m third
  lfs: streaming copy
  lfs: streaming picture

What is touched only is read, but makes nothing new:

  $ touch picture
  $ hg status
  $ streamed commit -m nothing
  $ hg log -T '{desc}\n'
  third
  first

Unchanged content that gets other parents is not read from the working directory,
and the blob that there is serves:

  $ blobs . | wc -l | sed 's/ //g'
  4
  $ hg update -q 0
  $ printf 'else\n' > other
  $ hg commit -Aqm fourth
  $ hg rebase -q -s 'desc(third)' -d .
  $ blobs . | wc -l | sed 's/ //g'
  5
  $ hg verify -q

A shelf:

  $ printf 'shelved\0' > picture
  $ streamed shelve
  lfs: streaming picture
  $ hg unshelve -q
  $ hg status
  M picture
  $ hg revert -q --all --no-backup

An update, a revert and an archive leave nothing that the next status has to read:
the dirstate knows the files after a commit.

  $ sleep 1
  $ hg status
  $ printf 'known\0' > picture
  $ sleep 1
  $ hg commit -qm known
  $ hg debugdirstate --no-dates | grep picture
  n 644          6 set                 picture

Files that are changed by a filter on their way in, and symbolic links, are not
streams:

  $ cat >> .hg/hgrc <<EOF
  > [encode]
  > *.up = tr a-z A-Z
  > EOF
  $ printf 'shout\n' > words.up
  $ ln -s words link
  $ streamed commit -A -m filtered
  $ hg cat -r tip words.up
  SHOUT
