Upgrades rewrite a repository's whole store, and censoring a file's history.
Mercurial's own lfs damages large files in one case and fails in the other.

  $ . "$TESTDIR/threeways.sh"

  $ base() {
  >     printf 'one\ntwo\nthree\n' > a
  >     : > b
  >     hg commit -Aqm base
  >     hg copy a copy
  >     echo more >> copy
  >     printf '\1\n' > b
  >     hg commit -qm more
  > }

Pointers and blobs stay as they are in every kind of upgrade.

  $ history() {
  >     find .hg/store/data -type f | LC_ALL=C sort | xargs cat | cksum
  > }
  $ upgraded() {
  >     base
  >     history > ../before
  >     for how in parent multibase all fulladd; do
  >         hg debugupgraderepo --run --optimize "re-delta-$how" --no-backup \
  >             > /dev/null
  >         history | cmp -s - ../before || echo "$how: not as it was"
  >     done
  >     hg cat -r tip a b copy
  >     rm ../before
  > }
  $ twoways upgraded
  upgraded: 2 changesets, 4 blobs, the same two ways
  one
  two
  three
  \x01 (esc)
  one
  two
  three
  more

The blobs may be missing.

  $ as ours
  $ cp -R upgraded-ours/repo without
  $ cd without
  $ rm -rf .hg/store/lfs "$TESTTMP/cache-ours"
  $ hg debugupgraderepo --run -q --optimize re-delta-all --no-backup > /dev/null
  $ hg debugdata copy 0
  version https://git-lfs.github.com/spec/v1
  oid sha256:db7610fc19cd7fd31efc91fa457516bc5866bcfb007668eb536682e4983a6353
  size 19
  x-hg-copy a
  x-hg-copyrev 86dfaf1da77c47ecc80e48f5234df689c2c23a8d
  x-is-binary 0
  $ cd ..

A censored revision is gone for good, and the others stay.

  $ EXTENSIONS=censor
  $ VERIFY=no
  $ censored() {
  >     base
  >     echo 'nothing to see' > b
  >     hg commit -qm 'above it'
  >     hg censor -q -r 1 b > /dev/null
  >     hg cat -r 1 b
  >     hg cat -r 0 b
  >     hg cat -r 2 b
  >     hg --config censor.policy=ignore update -q 1
  >     hg update -q 2
  >     hg clone -q --pull . ../other
  > }
  $ twoways censored
  censored: 6 changesets, 5 blobs, the same two ways
  abort: censored node: 3d51779bd6b6
  (set censor.policy to ignore errors)
  nothing to see
