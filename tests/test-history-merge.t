Merges have the hashes that plain Mercurial gives them.

  $ . "$TESTDIR/threeways.sh"

No conflict, a merge within a text, and a rename on one side.

  $ quiet() {
  >     printf 'one\ntwo\nthree\nfour\n' > text
  >     echo stays > stays
  >     hg commit -Aqm base
  >     echo left > left
  >     printf 'ONE\ntwo\nthree\nfour\n' > text
  >     echo 'changed on the left' >> stays
  >     hg commit -Aqm left
  >     hg update -q 0
  >     printf 'one\ntwo\nthree\nFOUR\n' > text
  >     hg rename stays renamed
  >     hg commit -Aqm right
  >     hg merge
  >     hg commit -qm 'both sides'
  >     hg cat text renamed
  > }
  $ threeways quiet
  quiet: 4 changesets, 7 blobs, the same three ways
  merging renamed and stays to renamed
  merging text
  1 files updated, 2 files merged, 0 files removed, 0 files unresolved
  (branch merge, don't forget to commit)
  stays
  changed on the left
  ONE
  two
  three
  FOUR

A conflict can be resolved by any tool, with the backup that the tools keep, or be
aborted.

  $ conflict() {
  >     printf 'one\ntwo\n' > text
  >     printf '\0one' > binary
  >     hg commit -Aqm base
  >     printf 'uno\ntwo\n' > text
  >     printf '\0uno' > binary
  >     hg commit -qm left
  >     hg update -q 0
  >     printf 'eins\ntwo\n' > text
  >     printf '\0eins' > binary
  >     hg commit -qm right
  >     hg merge -q -r 1
  >     cat text text.orig
  >     hg resolve --list
  >     hg resolve -q --tool :other binary
  >     hg resolve -q --tool :union text
  >     cat text
  >     hg commit -qm 'in two ways'
  >     hg update -q 2
  >     hg merge -q -r 1 --tool :local
  >     hg commit -qm 'as it was here'
  >     hg update -q 2
  >     hg merge -q -r 1 --tool :fail
  >     printf 'by hand\n' > text
  >     hg resolve -q --mark
  >     hg commit -qm 'by hand'
  >     hg update -q 2
  >     hg merge -q -r 1 --tool :other
  >     hg merge -q --abort
  > }
  $ threeways conflict
  conflict: 6 changesets, 8 blobs, the same three ways
  tool internal:merge (for pattern binary) can't handle binary
  no tool found to merge binary
  file 'binary' needs to be resolved.
  You can keep (l)ocal [working copy], take (o)ther [merge rev], or leave (u)nresolved.
  What do you want to do? u
  warning: conflicts while merging text! (edit, then use 'hg resolve --mark')
  <<<<<<< working copy: 79951de50425 - test: right
  eins
  =======
  uno
  >>>>>>> merge rev:    d56d64a82b7e - test: left
  two
  eins
  two
  U binary
  U text
  eins
  uno
  two

An external tool gets the contents, never pointers.

  $ cat > tool.sh <<'EOF'
  > cat "$1" "$2" "$3"
  > cat "$1" "$3" > "$4"
  > EOF
  $ cat > extra.rc <<EOF
  > [ui]
  > merge = mine
  > [merge-tools]
  > mine.executable = sh
  > mine.args = $TESTTMP/tool.sh \$local \$base \$other \$output
  > mine.premerge = no
  > mine.binary = yes
  > EOF
  $ tool() {
  >     printf '\0base\n' > file
  >     hg commit -Aqm base
  >     printf '\0left\n' > file
  >     hg commit -qm left
  >     hg update -q 0
  >     printf '\0right\n' > file
  >     hg commit -qm right
  >     hg merge -q
  >     hg commit -qm merged
  > }
  $ threeways tool
  tool: 4 changesets, 4 blobs, the same three ways
  \x00right (esc)
  \x00base (esc)
  \x00left (esc)
  $ : > extra.rc

The same content on both sides is no change, and neither is a change that one side has
reverted.

  $ same() {
  >     printf 'a' > a
  >     printf 'b' > b
  >     hg commit -Aqm base
  >     printf 'the same' > a
  >     printf 'the same' > new
  >     hg commit -Aqm left
  >     hg update -q 0
  >     printf 'the same' > a
  >     printf 'the same' > new
  >     hg commit -Aqm right
  >     printf 'a' > a
  >     hg remove -q b
  >     hg commit -qm 'taken back, and one removed'
  >     hg merge -q 1
  >     hg commit -qm merged
  >     hg backout -q 2 --no-commit --tool :local
  >     hg status
  > }
  $ threeways same
  same: 5 changesets, 3 blobs, the same three ways
  R new

A file that one side changed and the other removed, in both directions.

  $ gone() {
  >     "$PYTHON" -c 'print("text\n" * 300000)' > first
  >     cp first second
  >     hg commit -Aqm base
  >     echo more >> first
  >     hg remove -q second
  >     hg commit -qm left
  >     hg update -q 0
  >     echo more >> second
  >     hg remove -q first
  >     hg commit -qm right
  >     for tool in :local :other :merge :fail; do
  >         hg merge -r 1 --tool $tool
  >         hg status -A
  >         hg merge -q --abort
  >     done
  >     hg rebase -q -r 2 -d 1 --tool :other
  > }
  $ EXTENSIONS=rebase
  $ threeways gone
  gone: 3 changesets, 2 blobs, the same three ways
  0 files updated, 2 files merged, 0 files removed, 0 files unresolved
  (branch merge, don't forget to commit)
  C second
  0 files updated, 1 files merged, 1 files removed, 0 files unresolved
  (branch merge, don't forget to commit)
  M first
  R second
  file 'second' was deleted in other [merge rev] but was modified in local [working copy].
  You can use (c)hanged version, (d)elete, or leave (u)nresolved.
  What do you want to do? u
  file 'first' was deleted in local [working copy] but was modified in other [merge rev].
  You can use (c)hanged version, leave (d)eleted, or leave (u)nresolved.
  What do you want to do? u
  0 files updated, 0 files merged, 0 files removed, 2 files unresolved
  use 'hg resolve' to retry unresolved file merges or 'hg merge --abort' to abandon
  M first
  C second
  0 files updated, 0 files merged, 0 files removed, 2 files unresolved
  use 'hg resolve' to retry unresolved file merges or 'hg merge --abort' to abandon
  M first
  C second
  $ EXTENSIONS=
