Diffs fetch no blob whose content they do not show.

  $ . "$TESTDIR/helpers.sh"
  $ make() {
  >   hg init $1
  >   cd $1
  >   printf 'one\0\n' > picture
  >   printf 'some\nwords\n' > words
  >   hg commit -Aqm first
  >   printf 'two\0\0\n' > picture
  >   hg copy picture copied
  >   printf 'some\nother\nwords\n' > words
  >   hg commit -qm second
  >   printf 'no longer\n' > picture
  >   hg remove copied
  >   hg commit -qm third
  >   hg update -q null
  >   cd ..
  > }
  $ make server
  $ cp $HGRCPATH $HGRCPATH.ours
  $ printf '[extensions]\nhglfs = !\n' >> $HGRCPATH
  $ make plain
  $ mv $HGRCPATH.ours $HGRCPATH
  $ hg clone -qU ssh://user@dummy/server clone

Offline there are only pointers, which are enough for binary files:

  $ cd clone
  $ cat >> $HGRCPATH <<EOF
  > [lfs]
  > usercache = $TESTTMP/cache
  > EOF
  $ offline='--config paths.default=/nowhere'
  $ same() {
  >   hg "$@" $offline > ../ours
  >   (cd ../plain && hg --config extensions.hglfs=! "$@" > ../theirs)
  >   cmp ../ours ../theirs
  > }
  $ same log -p picture copied
  $ same log -p --git --config diff.nobinary=yes picture copied
  $ same log --stat picture copied
  $ same log --stat --git picture copied
  $ same log -G --stat -T '{rev}\n' picture copied
  $ same diff -c 1 picture
  $ same diff -r 0 -r 2 picture
  $ same diff --stat --git -r 0 -r 2 picture
  $ hg log -p --git --config lfs.diff=summary $offline -T '{rev}\n' | grep -c '^[-+]oid'
  11
  $ hg diff --config lfs.diff=summary $offline -r 0 -r 2 --stat
   picture |  5 +++--
   words   |  4 ++--
   2 files changed, 5 insertions(+), 4 deletions(-)
  $ find .hg/store/lfs
  find: '.hg/store/lfs': $ENOENT$
  [1]

Content that is shown has to be there:

  $ hg log -p -r 1 words $offline
  abort: LFS error: repository /nowhere not found
  (check where "lfs.url" and the default path point to)
  [50]
  $ hg diff -a -c 1 picture $offline
  abort: LFS error: repository /nowhere not found
  (check where "lfs.url" and the default path point to)
  [50]

and is fetched, all of it in one request:

  $ fetched() {
  >   rm -rf .hg/store/lfs ../cache
  >   hg "$@" > ../ours 2> /dev/null
  >   (cd ../plain && hg --config extensions.hglfs=! "$@" > ../theirs)
  >   cmp ../ours ../theirs
  >   find .hg/store/lfs -type f | grep -c objects
  > }
  $ fetched diff -c 1
  2
  $ fetched log --stat
  2
  $ fetched diff --git -c 1
  4
  $ fetched diff -a -c 1 picture
  2
  $ fetched diff --git -a -r 0 -r 2
  4
  $ fetched diff --git --config diff.nobinary=yes --config experimental.extendedheader.index=full -c 1 picture
  2
