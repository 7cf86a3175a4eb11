#require symlink execbit

Hashes of changesets are those of plain Mercurial, whatever happens to files.

  $ . "$TESTDIR/threeways.sh"

Files are added, changed and removed.

  $ changes() {
  >     printf 'first words of a' > a
  >     mkdir -p deep/down
  >     printf '\0 binary \377' > deep/down/b
  >     hg commit -Aqm 'two files'
  >     printf 'other words of a' > a
  >     hg commit -qm 'of the same size'
  >     printf 'more' >> deep/down/b
  >     hg commit -qm 'longer'
  >     hg remove -q a
  >     hg commit -qm 'less'
  >     printf 'first words of a' > a
  >     hg commit -Aqm 'back again'
  >     hg remove -q deep/down/b
  >     printf 'a file where a folder was' > deep
  >     hg commit -Aqm 'one in place of the other'
  > }
  $ threeways changes
  changes: 6 changesets, 5 blobs, the same three ways

Copies and renames have metadata, which is in the pointer.

  $ copies() {
  >     printf 'the text that is copied\n' > original
  >     hg commit -Aqm original
  >     hg copy original copied
  >     hg commit -qm 'copied as it was'
  >     hg copy original changed
  >     echo change >> changed
  >     hg commit -qm 'copied and changed'
  >     hg rename copied 'a name with spaces'
  >     hg commit -qm 'renamed'
  >     hg rename changed moved
  >     echo 'another change' >> moved
  >     hg commit -qm 'renamed and changed'
  >     echo 'yet another' >> moved
  >     hg copy --after original moved --force --quiet
  >     hg commit -qm 'said to be another copy'
  >     hg log --follow --template '{rev} {file_copies}\n' moved
  >     hg annotate moved
  > }
  $ threeways copies
  copies: 6 changesets, 4 blobs, the same three ways
  5 moved (original)
  0 
  0: the text that is copied
  5: change
  5: another change
  5: yet another

Exec bits and symbolic links are flags in the manifest; the target of a link may be
large, too.

  $ flags() {
  >     echo '#!/bin/sh' > script
  >     ln -s script link
  >     hg commit -Aqm 'a file and a link'
  >     chmod +x script
  >     hg commit -qm 'only the bit'
  >     echo 'true' >> script
  >     chmod -x script
  >     hg commit -qm 'bit and content'
  >     ln -sf deep/away link
  >     hg commit -qm 'the link goes elsewhere'
  >     rm link
  >     printf 'deep/away' > link
  >     hg commit -qm 'a file with what the link had'
  >     rm script
  >     ln -s link script
  >     hg commit -qm 'a link in place of a file'
  >     hg update -q 2
  > }
  $ threeways flags
  flags: 6 changesets, 5 blobs, the same three ways

Content can be empty, and it can look like metadata or like a pointer.

  $ contents() {
  >     : > empty
  >     printf '\1\n' > marker
  >     printf '\1\ncopy: a\ncopyrev: b\n\1\ntext' > likemeta
  >     printf '\1\n\1\n' > twomarkers
  >     printf '\1\nnothing ends this' > unended
  >     printf 'version https://git-lfs.github.com/spec/v1\n' > likepointer
  >     hg commit -Aqm 'strange contents'
  >     for name in empty marker likemeta twomarkers unended likepointer; do
  >         hg copy -q "$name" "copied-$name"
  >     done
  >     hg commit -qm 'their copies'
  >     for name in copied-*; do
  >         printf 'x' >> "$name"
  >     done
  >     printf '\1\n\1\n\1\n' > empty
  >     : > marker
  >     hg commit -qm 'their changes'
  >     hg cat -r 0 likemeta twomarkers
  >     hg status --change 1 -C
  >     hg update -q 1
  > }
  $ threeways contents
  contents: 3 changesets, 13 blobs, the same three ways
  \x01 (esc)
  copy: a
  copyrev: b
  \x01 (esc)
  text\x01 (esc)
  \x01 (esc)
  A copied-empty
    empty
  A copied-likemeta
    likemeta
  A copied-likepointer
    likepointer
  A copied-marker
    marker
  A copied-twomarkers
    twomarkers
  A copied-unended
    unended

The rules for large files may change with every commit: by size, by folder, and by the
file that has the rules.

  $ TRACK='size(">10B")'
  $ thresholds() {
  >     printf 'small' > a
  >     printf 'large because it is long' > b
  >     hg commit -Aqm 'one of each'
  >     printf 'now a large one, too' > a
  >     printf 'small' > b
  >     hg commit -qm 'the other way round'
  >     hg copy b c
  >     printf ', of a small one that grew' >> c
  >     hg rename a d
  >     printf 'small' > d
  >     hg commit -qm 'copies that change sides'
  >     printf '[track]\npath:in = all()\n**.md = none()\n** = size(">15B")\n' > .hglfs
  >     mkdir in
  >     printf 'x' > in/tiny
  >     printf 'as long as it likes' > in/readme.md
  >     printf 'as long as it likes' > readme.md
  >     hg commit -Aqm 'rules'
  >     printf '[track]\n** = none()\n' > .hglfs
  >     printf 'as long as you like' > in/readme.md
  >     hg commit -qm 'other rules'
  >     hg update -q 0
  >     hg revert -qa --no-backup -r 2
  >     hg update -qC tip
  > }
  $ threeways thresholds
  thresholds: 5 changesets, 6 blobs, the same three ways
  $ TRACK='all()'
