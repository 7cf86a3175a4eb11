A narrow repository may have no large file at first, and get one by being widened, with
no new changesets. Mercurial 6.3 cannot widen over ssh itself.

  $ hg version -q | grep -q 'version 6\.3' && exit 80
  [1]

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
  $ TRACK='path:outside'
  $ widened() {
  >     tree
  >     hg clone -q --narrow ssh://user@dummy/`pwd` ../narrow --include inside
  >     cd ../narrow
  >     hg tracked -q --addinclude outside
  >     find . -name .hg -prune -o -type f -print | sort
  >     hg verify -q
  > }
  $ threeways widened
  widened: 6 changesets, 2 blobs, the same three ways
  ./inside/a
  ./inside/copy
  ./outside/b
