Narrow repositories have some of the large files, and all of the hashes.

  $ . "$TESTDIR/threeways.sh"
  $ EXTENSIONS=narrow
  $ cat > extra.rc <<EOF
  > [ui]
  > ssh = "$PYTHON" "$TESTDIR/dummyssh"
  > EOF

  $ tree() {
  >     mkdir inside outside
  >     printf 'here\n' > inside/a
  >     printf 'there\n' > outside/b
  >     hg commit -Aqm both
  >     printf 'more\n' >> outside/b
  >     hg commit -qm 'the other'
  >     printf 'more\n' >> inside/a
  >     hg copy -q inside/a inside/copy
  >     hg commit -qm 'this one'
  > }
  $ narrowed() {
  >     tree
  >     hg clone -q --narrow ssh://user@dummy/`pwd` ../narrow --include inside
  >     cd ../narrow
  >     find . -name .hg -prune -o -type f -print | sort
  >     printf 'a change\n' >> inside/a
  >     hg commit -qm 'in the narrow one'
  >     hg verify -q
  > }
  $ threeways narrowed
  narrowed: 7 changesets, 5 blobs, the same three ways
  ./inside/a
  ./inside/copy
