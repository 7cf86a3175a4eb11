#require no-chg

A client with forged pointers is refused, over http and ssh, and leaves nothing behind.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [experimental]
  > lfs.disableusercache = yes
  > [ui]
  > ssh = "$PYTHON" "$RUNTESTDIR/dummyssh"
  > EOS
  $ state() { # REPO: how much it has, and whether it is sound
  >     hg -R "$1" log -r 'last(all())' -T '{rev}:{phase} {desc}\n'
  >     find "$1/.hg/store" -name '*.i' -size +0 | wc -l | tr -d ' '
  >     grep -c lfs "$1/.hg/store/requires"
  >     hg -R "$1" verify -q
  >     hg -R "$1" recover
  > }
  $ hg init server
  $ serve server
  $ http=http://localhost:$HGPORT/
  $ ssh=ssh://user@dummy/server

Invalid pointers. One of the servers has its blobs elsewhere.

  $ hg init target
  $ cat > target/.hg/hgrc <<EOS
  > [lfs]
  > url = null://
  > EOS
  $ cat > forge.py <<EOS
  > import importlib, os
  > from mercurial import extensions
  > def extsetup(ui):
  >     ours = extensions.find(b'hglfs').__name__
  >     pointer = importlib.import_module(ours + '.lfs.pointer')
  >     push = importlib.import_module(ours + '.actions.push')
  >     # it has to live with what it made itself
  >     scan = importlib.import_module(ours + '.actions.scan')
  >     content = importlib.import_module(ours + '.actions.content')
  >     scan.checkfile = lambda rlog: None
  >     content.read = lambda box, path, rawtext: rawtext
  >     text = os.environb.get(b'FORGED')
  >     if text is not None:
  >         pointer.Pointer.encode = lambda self: text.replace(b'OID', self.oid)
  >     push.upload = lambda *args, **kwargs: None
  > EOS
  $ forge() { # TEXT: pushes a file whose pointer has this text
  >     rm -rf liar
  >     hg init liar
  >     echo lie > liar/lie
  >     FORGED="$1" hg -R liar --config extensions.forge=forge.py commit -Aqm lie
  >     pushlie
  > }
  $ pushlie() {
  >     for where in $http $ssh ssh://user@dummy/target; do
  >         hg -R liar --config extensions.forge=forge.py push -f $where 2>&1 |
  >             grep '^remote:.*\(lie\|large\)'
  >     done
  > }
  $ version='version https://git-lfs.github.com/spec/v1'
  $ forge ''
  remote: lie: cannot parse git-lfs text: ''
  remote: large files are corrupt: lie
  remote: lie: cannot parse git-lfs text: ''
  remote: large files are corrupt: lie
  remote: lie: cannot parse git-lfs text: ''
  remote: large files are corrupt: lie
  $ forge 'no pointer at all'
  remote: lie: missing lfs pointer keys: oid, size, version
  remote: large files are corrupt: lie
  remote: lie: missing lfs pointer keys: oid, size, version
  remote: large files are corrupt: lie
  remote: lie: missing lfs pointer keys: oid, size, version
  remote: large files are corrupt: lie
  $ forge "$version
  > oid sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd
  > size 4
  > "
  remote: lie: unexpected lfs pointer value: oid='sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd'
  remote: large files are corrupt: lie
  remote: lie: unexpected lfs pointer value: oid='sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd'
  remote: large files are corrupt: lie
  remote: lie: unexpected lfs pointer value: oid='sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd'
  remote: large files are corrupt: lie
  $ forge "$version
  > oid sha256:OID
  > size -4
  > "
  remote: lie: unexpected lfs pointer value: size='-4'
  remote: large files are corrupt: lie
  remote: lie: unexpected lfs pointer value: size='-4'
  remote: large files are corrupt: lie
  remote: lie: unexpected lfs pointer value: size='-4'
  remote: large files are corrupt: lie
  $ forge "$version
  > oid sha256:OID
  > size 99999999999999999999999
  > "
  remote: lie: unexpected lfs pointer value: size='99999999999999999999999'
  remote: large files are corrupt: lie
  remote: lie: unexpected lfs pointer value: size='99999999999999999999999'
  remote: large files are corrupt: lie
  remote: lie: unexpected lfs pointer value: size='99999999999999999999999'
  remote: large files are corrupt: lie
  $ forge "$version
  > oid sha256:OID
  > "
  remote: lie: missing lfs pointer keys: size
  remote: large files are corrupt: lie
  remote: lie: missing lfs pointer keys: size
  remote: large files are corrupt: lie
  remote: lie: missing lfs pointer keys: size
  remote: large files are corrupt: lie
  $ forge "$version
  > oid sha256:OID
  > size 4
  > size 4
  > "
  remote: lie: duplicate lfs pointer key: size
  remote: large files are corrupt: lie
  remote: lie: duplicate lfs pointer key: size
  remote: large files are corrupt: lie
  remote: lie: duplicate lfs pointer key: size
  remote: large files are corrupt: lie
  $ forge "$version
  > oid sha256:OID
  > size 4
  > `"$PYTHON" -c 'print("y" * 100000)'`
  > "
  remote: lie: cannot parse git-lfs text: 'version https://git-lfs.github.com/spec/v1\noid sha256:24b4d2157737e1449ef7840538f4519e2dc709d5f01694e74adfabd32a7b1f06\nsize 4\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
  remote: large files are corrupt: lie
  remote: lie: cannot parse git-lfs text: 'version https://git-lfs.github.com/spec/v1\noid sha256:24b4d2157737e1449ef7840538f4519e2dc709d5f01694e74adfabd32a7b1f06\nsize 4\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
  remote: large files are corrupt: lie
  remote: lie: cannot parse git-lfs text: 'version https://git-lfs.github.com/spec/v1\noid sha256:24b4d2157737e1449ef7840538f4519e2dc709d5f01694e74adfabd32a7b1f06\nsize 4\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
  remote: large files are corrupt: lie

A changeset and a manifest with the flags of large files.

  $ for history in changelog manifest; do
  >     rm -r liar
  >     hg init liar
  >     echo lie > liar/lie
  >     hg -R liar commit -Aqm lie --config 'lfs.track=none()'
  >     "$PYTHON" - liar/.hg/store/00$history.i <<EOS
  > import sys
  > with open(sys.argv[1], 'r+b') as index:
  >     index.seek(6)  # the flags of the first revision
  >     index.write(b'\x20')
  > EOS
  >     pushlie
  > done
  remote: lfs: a large revision in 00changelog, which is no file
  remote: lfs: a large revision in 00changelog, which is no file
  remote: lfs: a large revision in 00changelog, which is no file
  remote: lfs: a large revision in 00manifest, which is no file
  remote: lfs: a large revision in 00manifest, which is no file
  remote: lfs: a large revision in 00manifest, which is no file
  $ state server
  0
  0
  no interrupted transaction available
  [1]
  $ state target
  0
  0
  no interrupted transaction available
  [1]
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
