Incoming changesets are shown before they are pulled, with their large files.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ cd server
  $ printf 'one\n' > words
  $ hg commit -Aqm first
  $ cd ..
  $ hg clone -q server clone
  $ cd server
  $ printf 'two\n' > words
  $ printf 'one\0' > picture
  $ hg commit -Aqm second
  $ cd ..
  $ serve server
  $ cat >> $HGRCPATH <<EOF
  > [paths]
  > http = http://localhost:$HGPORT/
  > ssh = ssh://user@dummy/server
  > EOF

The blobs come from the repository of the changesets, whatever the default path is:

  $ cd clone
  $ cat > .hg/hgrc <<EOF
  > [paths]
  > default = $TESTTMP/nowhere
  > EOF
  $ forget() {
  >   rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  > }
  $ forget
  $ hg incoming -q -p http -T '{rev}: {lfs_files}\n'
  1: picture words
  diff -r 87e9606fd3b1 -r 923fdfef8856 picture
  Binary file picture has changed
  diff -r 87e9606fd3b1 -r 923fdfef8856 words
  --- a/words	Thu Jan 01 00:00:00 1970 +0000
  +++ b/words	Thu Jan 01 00:00:00 1970 +0000
  @@ -1,1 +1,1 @@
  -one
  +two
  
  $ forget
  $ hg incoming -q -p ssh -T '{rev}: {lfs_files}\n'
  1: picture words
  diff -r 87e9606fd3b1 -r 923fdfef8856 picture
  Binary file picture has changed
  diff -r 87e9606fd3b1 -r 923fdfef8856 words
  --- a/words	Thu Jan 01 00:00:00 1970 +0000
  +++ b/words	Thu Jan 01 00:00:00 1970 +0000
  @@ -1,1 +1,1 @@
  -one
  +two
  
  $ forget
  $ hg incoming -q -G -p http -T '{rev}\n' | grep -o '[-+][a-z]*$'
  -one
  +two
  $ forget
  $ hg incoming -q --stat ssh -T '{rev}\n'
  1
   picture |  Bin 
   words   |    2 +-
   2 files changed, 1 insertions(+), 1 deletions(-)
  
  $ forget
  $ hg incoming -q http -T '{diff()}' | tail -n 2
  -one
  +two
  $ hg incoming -q ssh -T '{lfs_files % "{file} {lfsoid|short}\n"}'
  picture 9e964da04102
  words 27dd8ed44a83

A saved bundle contains no blobs. They come from where the bundle came from:

  $ forget
  $ hg incoming -q --bundle ../kept.hg http -p -T '{rev}\n' | tail -n 3
  -one
  +two
  
  $ forget
  $ hg -R ../kept.hg log -p -r tip -T '{rev}\n' 2> /dev/null | tail -n 3
  -one
  +two
  
  $ hg -R ../kept.hg log -r tip -T '{lfs_files}\n'
  picture words

In a repository without large files:

  $ hg init ../new
  $ cd ../new
  $ hg incoming -q -p http -r 0 -T '{rev}: {lfs_files}\n' | tail -n 3
  @@ -0,0 +1,1 @@
  +one
  
  $ cat .hg/requires .hg/store/requires | grep lfs
  [1]
  $ hg incoming -q --bundle ../full.hg ssh -T '{rev}: {lfs_files}\n'
  0: words
  1: picture words
  $ hg -R ../full.hg log -T '{rev}: {lfs_files}\n'
  1: picture words
  0: words
