Filters do not change hashes.

  $ . "$TESTDIR/threeways.sh"

Filters for files that enter and leave the repository.

  $ cat > extra.rc <<'EOF'
  > [encode]
  > *.up = tr A-Z a-z
  > [decode]
  > *.up = tr a-z A-Z
  > [eol]
  > native = CRLF
  > EOF
  $ EXTENSIONS=eol
  $ filters() {
  >     printf '[patterns]\n**.txt = native\n**.bin = BIN\n' > .hgeol
  >     printf 'ABC' > shouted.up
  >     printf 'a\r\nb\r\n' > lines.txt
  >     printf 'a\r\nb\r\n\0' > lines.bin
  >     hg commit -Aqm filtered
  >     hg cat shouted.up lines.txt
  >     printf 'ABCDEF' > shouted.up
  >     hg status
  >     hg diff --git
  >     hg commit -qm changed
  >     hg update -q 0
  >     hg update -q 1
  >     hg cat --decode shouted.up
  >     hg copy shouted.up copied.up
  >     hg commit -qm copied
  >     hg archive ../archived
  > }
  $ threeways filters
  filters: 3 changesets, 5 blobs, the same three ways
  a
  b
  abcM shouted.up
  diff --git a/shouted.up b/shouted.up
  --- a/shouted.up
  +++ b/shouted.up
  @@ -1,1 +1,1 @@
  -abc
  \ No newline at end of file
  +abcdef
  \ No newline at end of file
  ABCDEF (no-eol)
