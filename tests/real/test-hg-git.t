hg-git, which does not support Git LFS, is kept from exporting large files to Git, and
from importing pointers as files.

  $ hg() { env -u PYTHONPATH "$TESTDIR/../../hg-git/bin/hg" "$@"; }
  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs = $("$PYTHON" -c 'import hgext3rd.hglfs as us; print(us.__path__[0])')
  > hggit =
  > [lfs]
  > usercache = $TESTTMP/cache
  > track = size(">8B")
  > EOF
  $ export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test
  $ export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test
  $ git init -q --bare target.git
  $ hg init repo
  $ cd repo
  $ echo small > small
  $ hg commit -qAm small
  $ hg bookmark main
  $ hg push -q ../target.git
  $ echo 'a large file' > large
  $ hg commit -qAm large
  $ hg push -q ../target.git
  abort: large@* is a large file, which hg-git cannot send to Git (glob)
  (push to a Mercurial repository instead, or commit the file with --config lfs.track="none()" and without .hglfs)
  [20]
  $ git -C ../target.git log --all --format=%s
  small
  $ cd ..

  $ git init -q source
  $ cd source
  $ echo hello > file
  $ git add file
  $ git commit -qm first
  $ cd ..
  $ hg clone -q source clone
  $ cd source
  $ cat > pointer <<EOF
  > version https://git-lfs.github.com/spec/v1
  > oid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
  > size 5
  > EOF
  $ git add pointer
  $ git commit -qm second
  $ hg -R ../clone pull -q
  abort: pointer in commit * of Git is kept in Git LFS, which hg-git lacks (glob)
  (run "git lfs migrate export --everything --include=pointer" in a clone made by git, and clone that)
  [20]
  $ hg -R ../clone log -T '{rev} {desc}\n'
  0 first
  $ cd ..
  $ hg clone -q source another
  transaction abort!
  rollback completed
  abort: pointer in commit * of Git is kept in Git LFS, which hg-git lacks (glob)
  (run "git lfs migrate export --everything --include=pointer" in a clone made by git, and clone that)
  [20]
