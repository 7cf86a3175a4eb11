Changesets keep their hashes when they are exchanged between repositories.

  $ . "$TESTDIR/threeways.sh"

  $ base() {
  >     printf 'one\ntwo\nthree\n' > a
  >     printf '\0' > b
  >     hg commit -Aqm base
  >     hg copy a copy
  >     echo more >> copy
  >     printf '\1\n' > b
  >     hg commit -qm more
  > }

Push and pull, with phases, names, and changesets that stay secret.

  $ exchange() {
  >     base
  >     hg commit -q --secret --amend -m 'not for others'
  >     hg clone -q --pull . ../clone
  >     hg -R ../clone log -T '{rev} {phase}\n'
  >     hg phase --draft .
  >     hg bookmark shown
  >     hg push -q -B shown ../clone
  >     cd ../clone
  >     hg update -q shown
  >     hg log -G -T '{rev} {phase} {bookmarks}\n'
  >     echo change >> a
  >     hg commit -qm 'from the clone'
  >     hg phase --secret --force .
  >     hg update -q 1
  >     echo another > another
  >     hg commit -Aqm 'goes back'
  >     hg push -q --new-branch --force
  >     hg phase --draft 'all()'
  >     cd ../repo
  >     hg pull -q -u ../clone
  >     cat a
  > }
  $ threeways exchange
  exchange: 8 changesets, 6 blobs, the same three ways
  0 public
  @  1 public shown
  |
  o  0 public
  
  abort: cannot push bookmark shown as it points to a secret changeset
  cannot move 2 changesets to a higher phase, use --force
  phase changed for 1 changesets
  one
  two
  three
  change

Bundles of every kind that can hold large files.

  $ bundles() {
  >     base
  >     hg bundle -q --all ../all.hg
  >     hg bundle -q --base 0 ../part.hg
  >     hg bundle -q --all -t none-v2 ../none.hg
  >     hg -R ../part.hg cat -r tip b copy
  >     hg init ../other
  >     cd ../other
  >     hg -R ../all.hg log -T '{rev}:{node|short} {desc}\n'
  >     hg incoming -q ../all.hg
  >     hg unbundle -q -u ../all.hg
  >     hg unbundle -q ../part.hg
  >     hg clone -q ../none.hg ../cloned
  > }
  $ threeways bundles
  bundles: 6 changesets, 4 blobs, the same three ways
  \x01 (esc)
  one
  two
  three
  more
  1:50348fa61819 more
  0:d30055a65fef base
  0:d30055a65fef
  1:50348fa61819

A stream clone copies files as they are.

  $ stream() {
  >     base
  >     hg clone -q --stream -U . ../streamed
  >     hg clone -q . ../copied
  > }
  $ threeways stream
  stream: 6 changesets, 4 blobs, the same three ways

Shares have the store of another repository.

  $ EXTENSIONS=share
  $ shared() {
  >     base
  >     hg share -q . ../sharing
  >     cd ../sharing
  >     echo 'in the share' >> a
  >     hg commit -qm 'in the share'
  >     cd ../repo
  >     hg update -q
  >     cat a
  >     hg init ../empty
  >     hg share -q ../empty ../first
  >     cd ../first
  >     printf 'first file of a share' > first
  >     hg commit -Aqm first
  >     cd ../empty
  >     hg update -q
  >     hg unshare -q -R ../sharing
  > }
  $ threeways shared
  shared: 8 changesets, 6 blobs, the same three ways
  one
  two
  three
  in the share

Subrepositories.

  $ EXTENSIONS=
  $ subrepos() {
  >     base
  >     hg init sub
  >     printf 'in the subrepository' > sub/file
  >     echo 'sub = sub' > .hgsub
  >     hg -R sub add -q sub/file
  >     hg commit -q --subrepos -Am 'both'
  >     hg clone -q . ../clone
  >     cd ../clone
  >     echo change >> sub/file
  >     hg commit -q --subrepos -m 'change in both'
  >     hg push -q
  >     hg archive --subrepos ../archived
  >     hg cat sub/file
  > }
  $ threeways subrepos
  subrepos: 12 changesets, 9 blobs, the same three ways
  in the subrepositorychange

Conversion, there and back.

  $ EXTENSIONS=convert
  $ converted() {
  >     base
  >     hg update -q 0
  >     chmod +x a
  >     hg commit -qm 'other head'
  >     hg merge -q
  >     hg commit -qm merged
  >     hg convert -q . ../same
  >     echo 'rename copy moved' > ../map
  >     hg convert -q --filemap ../map . ../mapped
  >     hg -R ../mapped log -T '{rev} {file_copies}\n'
  >     hg convert -q --config convert.hg.saverev=yes ../same ../back
  > }
  $ threeways converted
  converted: 16 changesets, 4 blobs, the same three ways
  3 moved (a)
  2 
  1 moved (a)
  0 

Narrow and sparse working copies.

  $ EXTENSIONS='narrow sparse'
  $ sparse() {
  >     base
  >     mkdir dir
  >     echo inside > dir/inside
  >     hg commit -Aqm 'with a folder'
  >     hg debugsparse --include dir > /dev/null
  >     ls
  >     echo change >> dir/inside
  >     hg commit -qm 'in a sparse working copy'
  >     hg debugsparse --reset > /dev/null
  >     ls
  > }
  $ threeways sparse
  sparse: 4 changesets, 6 blobs, the same three ways
  dir
  a
  b
  copy
  dir
