Rewritten changesets have the hashes that plain Mercurial gives them.

  $ . "$TESTDIR/threeways.sh"

  $ base() {
  >     printf 'one\ntwo\nthree\n' > a
  >     printf '\0' > b
  >     hg commit -Aqm base
  > }

Amending, with copies and with a second change.

  $ EXTENSIONS='uncommit'
  $ amend() {
  >     base
  >     hg copy -q a copy
  >     echo more >> copy
  >     hg commit -qm copied
  >     hg commit -q --amend -m 'another message'
  >     echo 'and more' >> copy
  >     hg rename b renamed
  >     hg commit -q --amend
  >     hg uncommit -q renamed b
  >     hg status -C
  >     hg commit -qm 'as another changeset'
  >     echo 'and yet more' >> copy
  >     hg commit -q --amend
  > }
  $ threeways amend
  amend: 3 changesets, 5 blobs, the same three ways
  A renamed
    b
  R b

The same with obsolescence markers in place of backup bundles.

  $ cat > extra.rc <<EOF
  > [experimental]
  > evolution = all
  > EOF
  $ marked() {
  >     amend
  >     hg unamend -q
  >     hg status
  >     hg log --hidden -T '{rev} {if(obsolete, "obsolete")}\n' -r 0+tip
  > }
  $ threeways marked
  marked: 8 changesets, 5 blobs, the same three ways
  A renamed
    b
  R b
  M copy
  0 
  7 
  $ : > extra.rc

Rebase and graft, with conflicts.

  $ EXTENSIONS='rebase'
  $ twolines() {
  >     base
  >     echo left >> a
  >     hg commit -qm left
  >     hg update -q 0
  >     echo right >> a
  >     hg commit -qm 'right, in conflict'
  >     hg rename a moved
  >     echo more >> b
  >     hg commit -qm 'right, moved'
  > }
  $ rebase() {
  >     twolines
  >     hg rebase -q -d 1
  >     printf 'one\ntwo\nthree\nleft\nright\n' > a
  >     hg resolve -q --mark
  >     hg rebase -q --continue
  >     hg files
  > }
  $ threeways rebase
  rebase: 4 changesets, 6 blobs, the same three ways
  warning: conflicts while merging a! (edit, then use 'hg resolve --mark')
  unresolved conflicts (see 'hg resolve', then 'hg rebase --continue')
  continue: hg rebase --continue
  b
  moved
  $ collapse() {
  >     twolines
  >     hg rebase -q --keep --collapse -m 'both at once' -d 1 --tool :other
  >     hg cat -r tip moved
  > }
  $ threeways collapse
  collapse: 5 changesets, 5 blobs, the same three ways
  one
  two
  three
  right
  $ graft() {
  >     twolines
  >     hg update -q 1
  >     hg graft -q 2
  >     printf 'settled\n' > a
  >     hg resolve -q --mark
  >     hg graft -q --continue
  >     hg graft -q 3 --log
  >     hg backout -q -m 'not after all' tip
  > }
  $ threeways graft
  graft: 7 changesets, 6 blobs, the same three ways
  warning: conflicts while merging a! (edit, then use 'hg resolve --mark')
  abort: unresolved conflicts, can't continue
  (use 'hg resolve' and 'hg graft --continue')
  continue: hg graft --continue
