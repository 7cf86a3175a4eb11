Large files in diffs.

  $ . "$TESTDIR/helpers.sh"
  $ hg init repo
  $ cd repo
  $ printf 'one\0two\n' > picture
  $ printf 'some words\n' > words
  $ hg commit -Aqm first
  $ printf 'one\0three\n' > picture
  $ printf 'other words\n' > words

A binary file is not read to be reported as binary:

  $ hg diff
  diff -r * picture (glob)
  Binary file picture has changed
  diff -r * words (glob)
  --- a/words	Thu Jan 01 00:00:00 1970 +0000
  +++ b/words	* (glob)
  @@ -1,1 +1,1 @@
  -some words
  +other words

With lfs.diff the pointers are shown, as they are in the history:

  $ hg diff --git --config lfs.diff=summary
  diff --git a/picture b/picture
  --- a/picture
  +++ b/picture
  @@ -1,3 +1,3 @@
   version https://git-lfs.github.com/spec/v1
  -oid sha256:* (glob)
  -size 8
  +oid sha256:* (glob)
  +size 10
  diff --git a/words b/words
  --- a/words
  +++ b/words
  @@ -1,4 +1,4 @@
   version https://git-lfs.github.com/spec/v1
  -oid sha256:* (glob)
  -size 11
  +oid sha256:* (glob)
  +size 12
   x-is-binary 0
  $ hg commit -qm second
  $ hg log -p -r 1 --git --config lfs.diff=summary picture -T '{desc}\n'
  second
  diff --git a/picture b/picture
  --- a/picture
  +++ b/picture
  @@ -1,3 +1,3 @@
   version https://git-lfs.github.com/spec/v1
  -oid sha256:* (glob)
  -size 8
  +oid sha256:* (glob)
  +size 10
  

Patches that are to be applied contain the content:

  $ hg export --git -r 1 --config lfs.diff=summary | grep -A1 'GIT binary'
  GIT binary patch
  literal 10
  $ hg export --git -r 1 > ../patch
  $ hg update -q 0
  $ hg import -q ../patch
  $ hg log -r tip -T '{desc}\n'
  second
  $ printf 'one\0three\n' | cmp - picture

Commands that need the text in memory report it:

  $ hg annotate --config lfs.maxtext=10 words
  words: all of its 11 bytes have to be in memory for this
  1: other words
