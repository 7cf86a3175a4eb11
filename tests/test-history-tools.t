Changesets created by other tools have the hashes that plain Mercurial gives them.

  $ . "$TESTDIR/threeways.sh"

  $ base() {
  >     printf 'one\ntwo\nthree\n' > a
  >     printf '\0' > b
  >     hg commit -Aqm base
  > }

Every action of histedit.

  $ EXTENSIONS='histedit'
  $ histedit() {
  >     base
  >     for name in c d e f g; do
  >         printf "$name" > "$name"
  >         printf "$name\n" >> a
  >         hg commit -Aqm "$name"
  >     done
  >     ids=`hg log -T '{node|short} ' -r 1:5`
  >     set -- $ids
  >     printf 'edit %s\nfold %s\nroll %s\ndrop %s\nmess %s\n' "$@" > ../plan
  >     HGEDITOR=true hg histedit -q 1 --commands ../plan
  >     printf 'edited' > c
  >     hg commit -qm 'edited'
  >     HGEDITOR=true hg histedit -q --continue
  >     hg resolve -q --all --tool :other
  >     HGEDITOR=true hg histedit -q --continue
  >     hg cat -r tip a
  > }
  $ threeways histedit
  histedit: 3 changesets, 13 blobs, the same three ways
  Editing (94de71cd2248), commit as needed now to split the change
  (to edit 94de71cd2248, `hg histedit --continue` after making changes)
  warning: conflicts while merging a! (edit, then use 'hg resolve --mark')
  Fix up the change (mess c16bdf93f0d7)
  (hg histedit --continue to resume)
  continue: hg histedit --continue
  one
  two
  three
  c
  d
  e
  f
  g

Strip leaves a bundle that restores everything.

  $ EXTENSIONS='strip'
  $ strip() {
  >     base
  >     hg copy a copy
  >     printf '\0\1\2' > b
  >     hg commit -qm 'to be stripped'
  >     echo more >> copy
  >     hg commit -qm 'stripped as well'
  >     hg strip -q 1
  >     hg log -T '{rev}\n'
  >     cat a
  >     hg unbundle -q .hg/strip-backup/*
  >     hg update -q
  >     hg strip -q --keep .
  >     hg status
  > }
  $ threeways strip
  strip: 2 changesets, 4 blobs, the same three ways
  0
  one
  two
  three
  M copy

A shelf is a bundle, or a hidden changeset.

  $ EXTENSIONS='shelve'
  $ shelve() {
  >     base
  >     echo change >> a
  >     hg rename b moved
  >     printf 'unknown' > unknown
  >     hg shelve -q --unknown --name first
  >     hg status
  >     printf 'zero\none\ntwo\nthree\n' > a
  >     hg commit -qm between
  >     hg unshelve -q
  >     hg status -C
  >     hg shelve -q --name second --keep
  >     hg commit -Aqm 'from the shelf'
  >     hg shelve --list | wc -l
  > }
  $ threeways shelve
  shelve: 3 changesets, 6 blobs, the same three ways
  M a
  A moved
    b
  R b
  ? unknown
  1
  $ cat > extra.rc <<EOF
  > [format]
  > use-internal-phase = yes
  > [shelve]
  > store = internal
  > EOF
  $ internal() {
  >     hg init ../internal
  >     cd ../internal
  >     shelve
  > }
  $ threeways internal
  internal: 5 changesets, 6 blobs, the same three ways
  M a
  A moved
    b
  R b
  ? unknown
  1
  $ : > extra.rc

Patches, exported and imported, by import and by mq.

  $ EXTENSIONS='mq'
  $ patches() {
  >     base
  >     hg copy a copy
  >     printf '\0\1\2' > b
  >     echo change >> copy
  >     hg commit -qm 'binary and copied'
  >     : > empty
  >     printf 'no newline' > a
  >     hg commit -Aqm 'more'
  >     hg export -q --git -o ../%n.patch 1 2
  >     hg update -q 0
  >     hg import -q ../1.patch
  >     hg import -q --no-commit ../2.patch
  >     hg commit -qm 'imported by hand'
  >     hg update -q 0
  >     hg import -q --bypass ../1.patch
  >     cat ../1.patch
  > }
  $ threeways patches
  patches: 4 changesets, 6 blobs, the same three ways
  # HG changeset patch
  # User test
  # Date 0 0
  #      Thu Jan 01 00:00:00 1970 +0000
  # Node ID e44427a6a2e2bea26041c9783eac08b61f177f2c
  # Parent  d30055a65fef415b6289cdae25c248a654030c88
  binary and copied
  
  diff --git a/b b/b
  index f76dd238ade08917e6712764a16a22005a50573d..8352675d67aed6625ece79af41c27fdb4ee2e867
  GIT binary patch
  literal 3
  Kc${NkWC8#H2LJ>B
  
  diff --git a/a b/copy
  copy from a
  copy to copy
  --- a/a
  +++ b/copy
  @@ -1,3 +1,4 @@
   one
   two
   three
  +change
  $ mq() {
  >     base
  >     printf '\0\1\2' > b
  >     hg qnew -f -q --git -m first first
  >     echo more >> a
  >     hg qrefresh -q --git
  >     hg copy a copy
  >     echo copy >> copy
  >     hg qnew -q --git -m second second
  >     hg qpop -qa
  >     hg qpush -qa
  >     hg qgoto -q first
  >     hg qfold -q second
  >     hg qfinish -q --applied
  >     hg qimport -q -r tip --git
  >     hg qpop -q
  >     hg status
  > }
  $ threeways mq
  mq: 1 changesets, 5 blobs, the same three ways
  patch queue now empty
  now at: second
  now at: first
  patch queue now empty

Transplant and the smaller tools.

  $ EXTENSIONS='transplant absorb fix'
  $ transplant() {
  >     base
  >     echo left >> a
  >     hg commit -qm left
  >     hg update -q 0
  >     printf '\0\1\2' > b
  >     hg copy a copied
  >     hg commit -qm right
  >     hg update -q 1
  >     hg transplant -q 2
  >     hg status --change tip -C
  > }
  $ threeways transplant
  transplant: 4 changesets, 4 blobs, the same three ways
  M b
  A copied
    a
  $ cat > extra.rc <<EOF
  > [experimental]
  > evolution = all
  > [fix]
  > upper:command = tr a-z A-Z
  > upper:pattern = a
  > EOF
  $ tools() {
  >     base
  >     printf 'one\ntwo\nthree\nfour\n' > a
  >     hg commit -qm more
  >     printf 'eins\ntwo\nthree\nvier\n' > a
  >     hg absorb -q --apply-changes
  >     hg cat -r tip a
  >     hg fix -q -r 'draft()'
  >     hg cat -r tip a
  > }
  $ threeways tools
  tools: 6 changesets, 7 blobs, the same three ways
  eins
  two
  three
  vier
  EINS
  TWO
  THREE
  VIER
