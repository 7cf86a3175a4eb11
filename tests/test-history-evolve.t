Rewriting with the evolve extension installed. It does not support Mercurial 6.3.

  $ hg help evolve --config extensions.evolve= 2>&1 | grep -q 'hg evolve' || exit 80
  $ . "$TESTDIR/threeways.sh"
  $ EXTENSIONS='evolve topic rebase'

  $ evolved() {
  >     printf 'one\n' > a
  >     printf '\0' > b
  >     hg commit -Aqm base
  >     printf 'two\n' >> a
  >     hg commit -qm second
  >     hg rename -q b c
  >     hg commit -qm third
  >     hg previous -q
  >     printf 'zero\n' > d
  >     hg commit -Aq --amend -m 'second, and a file'
  >     hg evolve -q
  >     hg next -q 2> /dev/null
  >     hg fold -q --exact -r 'tip^::tip' -m folded
  >     hg metaedit -q -m 'folded, and told'
  >     hg prune -q -r .
  >     hg update -q tip
  > }
  $ threeways evolved
  evolved: 7 changesets, 4 blobs, the same three ways
  1 new orphan changesets
