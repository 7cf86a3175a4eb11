Large files in templates, filesets and debug commands.

  $ . "$TESTDIR/helpers.sh"
  $ hg init repo
  $ cd repo
  $ cat > .hglfs <<EOF
  > [track]
  > .hglfs = none()
  > **.hglfs = none()
  > **.bin = size(">8")
  > ** = none()
  > EOF
  $ hg commit -Aqm rules 2>&1
  abort: parse error in .hglfs: unsupported file pattern: .hglfs
  (see .hglfs:2; paths must be prefixed with "path:"; write path:.hglfs = none())
  [255]
  $ sed -i.bak '/^\.hglfs/d' .hglfs
  $ rm .hglfs.bak
  $ printf 'large enough' > a.bin
  $ printf 'small' > b.bin
  $ printf 'large enough, but text' > c.txt
  $ hg commit -Aqm first
  $ printf 'another large one' > b.bin
  $ hg move -q a.bin moved.bin
  $ hg commit -qm second
  $ hg remove -q moved.bin
  $ hg commit -qm third

Templates:

  $ hg log -T '{rev}:{lfs_files % " {file}={lfsoid|short}"}\n'
  2: moved.bin=
  1: a.bin=* b.bin=* moved.bin=* (glob)
  0: a.bin=* (glob)
  $ hg log -r 1 -T '{lfs_files}\n'
  a.bin b.bin moved.bin
  $ hg log -r 1 -T '{lfs_files % "{file}\n{lfspointer % "  {key}={value}\n"}"}'
  a.bin
  b.bin
    version=https://git-lfs.github.com/spec/v1
    oid=sha256:* (glob)
    size=17
    x-is-binary=0
  moved.bin
    version=https://git-lfs.github.com/spec/v1
    oid=sha256:* (glob)
    size=12
    x-hg-copy=a.bin
    x-hg-copyrev=* (glob)
    x-is-binary=0
  $ hg cat -r 1 -T '{path}: {rawdata|firstline}\n' moved.bin c.txt
  c.txt: large enough, but text
  moved.bin: version https://git-lfs.github.com/spec/v1

Filesets:

  $ hg files -r 1 'set:lfs()'
  b.bin
  moved.bin
  $ hg files -r 1 'set:**.bin & !lfs()'
  [1]
  $ hg files -r 0 'set:lfs()'
  a.bin
  $ hg files -r 0 'set:lfs(1)'
  hg: parse error: lfs takes no arguments
  [10]
  $ hg help filesets | grep -A3 'lfs(\['
      "lfs([missing|locked])"
        Large file. With "missing", only those whose content is not on this
        machine. With "locked", only those that are locked, which asks the
        server.

Sizes and copies are read from pointers, without a blob:

  $ rm -rf .hg/store/lfs "`hg config lfs.usercache`"
  $ hg files -v -r 1 b.bin
          17   b.bin
  $ hg log -r 1 -C -T '{file_copies}\n'
  moved.bin (a.bin)
  $ hg verify -q --no-lfs
  $ hg verify -q
   a.bin@0: unpacking *: *: lfs object * is not here (glob)
   b.bin@1: unpacking *: *: lfs object * is not here (glob)
   moved.bin@1: unpacking *: *: lfs object * is not here (glob)
  not checking dirstate because of previous errors (?)
  3 integrity errors encountered!
  (first damaged changeset appears to be 0)
  [1]
  $ hg verify -q --config verify.skipflags=8192

The debug commands of the stock extension:

  $ hg debug::lfs-local-cache
  path:    $TESTTMP/.cache/lfs
  enabled: yes
  $ hg debug::lfs-local-cache -T '{enabled}\n' --config experimental.lfs.disableusercache=yes
  no
  $ cd ..
  $ hg init other
  $ cd other
  $ printf 'for upload' > a.bin
  $ hg commit -Aqm one --config 'lfs.track=all()'
  $ hg debuglfsupload -r tip --config lfs.url=file://$TESTTMP/remote
  $ find $TESTTMP/remote -type f | wc -l | sed 's/ //g'
  1
