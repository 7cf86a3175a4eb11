Large files are committed as streams, in one pass; --debug shows each.

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

A touched file is read, but makes no new revision:

  $ touch picture
  $ hg status
  $ streamed commit -m nothing
  $ hg log -T '{desc}\n'
  third
  first

Unchanged content with other parents is not read from the working directory: the stored
blob is used:

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

An update, a revert and an archive leave nothing for the next status to read: the
dirstate is up to date after a commit.

  $ sleep 1
  $ hg status
  $ printf 'known\0' > picture
  $ sleep 1
  $ hg commit -qm known
  $ hg debugdirstate --no-dates | grep picture
  n 644          6 set                 picture

Files that a filter changes on their way in, and symbolic links, are not streamed:

  $ cat >> .hg/hgrc <<EOF
  > [encode]
  > *.up = tr a-z A-Z
  > EOF
  $ printf 'shout\n' > words.up
  $ ln -s words link
  $ streamed commit -A -m filtered
  $ hg cat -r tip words.up
  SHOUT

The eol extension's filters leave binary files alone, so that these are streamed if their
first MiB has a NUL, in both directions; Mercurial reads the others. It checks every file
before a commit, but reads no more of binary ones.

  $ cd ..
  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > eol =
  > [eol]
  > native = CRLF
  > EOF
  $ cat > data.py <<EOF
  > import sys
  > name, *parts = sys.argv[1:]
  > with open(name, 'wb') as file:
  >     for part in parts:
  >         count, text = part.split('*')
  >         file.write(int(count) * text.encode().decode('unicode_escape').encode())
  > EOF
  $ data() { "$PYTHON" "$TESTTMP/data.py" "$@"; }
  $ hg init lines
  $ cd lines
  $ printf '[patterns]\n**.raw = BIN\n** = native\n' > .hgeol
  $ data early '1*\0' '600000*a\r\n'
  $ data late '600000*a\r\n' '1*\0'
  $ data text '600000*a\r\n'
  $ data text.raw '600000*a\r\n'
  $ hg commit -A -m lines --debug | grep -e ^filtering -e streaming | sort -u
  filtering .hgeol through isbinary
  filtering late through tolf
  filtering text through tolf
  lfs: streaming early
  lfs: streaming text.raw
  $ hg cat -r . text | wc -c | tr -d ' '
  1200000
  $ hg cat -r . early | cmp - early
  $ hg cat -r . late | cmp - late
  $ hg cat -r . text.raw | cmp - text.raw
  $ hg status

Files that are checked out, and files that are compared:

  $ cksum early late text text.raw > ../before
  $ hg update -q null
  $ hg update -q tip
  $ cksum early late text text.raw | cmp - ../before
  $ touch -t 200001010000 early late text text.raw
  $ hg status
  $ data early '1*\0' '600000*b\r\n'
  $ data text '600000*b\r\n'
  $ hg status
  M early
  M text
  $ streamed commit -m changed
  lfs: streaming early
  $ hg revert -q --all -r 0
  $ cksum early late text text.raw | cmp - ../before
  $ data text '600000*b\r\n' '1*c\n'
  $ hg commit -m inconsistent
  abort: inconsistent newline style in text
  
  [255]
  $ hg verify -q

The same if a single repository enables it, and with a filter of the user's before:

  $ cd ..
  $ sed -i.bak '/^eol =$/d' "$HGRCPATH"
  $ hg init own
  $ cd own
  $ cat > .hg/hgrc <<EOF
  > [extensions]
  > eol =
  > [encode]
  > *.up = tr a-z A-Z
  > EOF
  $ printf '[patterns]\n** = native\n' > .hgeol
  $ data early '1*\0' '600000*a\r\n'
  $ data loud.up '1*\0' '600000*a\n'
  $ streamed commit -A -m own
  lfs: streaming early
  $ hg cat -r . loud.up | tail -c 4
  A
  A
  $ cd ..
