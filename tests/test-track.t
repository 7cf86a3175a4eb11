A new user tracks some files as large ones.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOS
  > [lfs]
  > track = none()
  > [ui]
  > large-file-limit = 1MB
  > EOS
  $ hg init work
  $ cd work
  $ mkdir -p art/sub assets
  $ for name in logo.psd art/sky.exr art/sub/sea.exr assets/a assets/b words; do
  >     echo "this is $name" > $name
  > done
  $ hg add -q words logo.psd
  $ hg commit -qm 'first'
  $ hg lfs-track
  no rules; see 'hg help lfs-track'

Patterns are written as users type them. With -n the changes are only shown.

  $ hg lfs-track -n '*.psd'
  .hglfs: + **.psd = all()
  large with their next change:
    logo.psd (17 bytes)
  $ hg status -q
  $ hg lfs-track '*.psd'
  .hglfs: + **.psd = all()
  large with their next change:
    logo.psd (17 bytes)
  $ hg status -q
  A .hglfs
  $ hg lfs-track 'assets/**' 'art/*.exr'
  .hglfs: + path:assets = all()
  .hglfs: + path:art & **.exr = all()
  large when committed:
    art/sky.exr (20 bytes)
    art/sub/sea.exr (24 bytes)
    assets/a (17 bytes)
    assets/b (17 bytes)
  note: 'art/*.exr' also matches in folders below: path:art & **.exr
  $ cat .hglfs
  [track]
  **.psd = all()
  path:assets = all()
  path:art & **.exr = all()
  $ hg add -q
  $ hg commit -qm 'second'
  $ hg files -r . 'set:lfs()'
  art/sky.exr
  art/sub/sea.exr
  assets/a
  assets/b

A rule that exists is not written again:

  $ hg lfs-track '*.psd' 'assets/*'
  $ hg lfs-track 'art/sub/sea.exr'

Without patterns the rules are listed.

  $ hg lfs-track
  .hglfs:2: **.psd = all()  (1 file, 1 large: 17 bytes)
  .hglfs:3: path:assets = all()  (2 files, 2 large: 34 bytes)
  .hglfs:4: path:art & **.exr = all()  (2 files, 2 large: 44 bytes)
  $ hg lfs-track -v
  .hglfs:2: **.psd = all()  (1 file, 1 large: 17 bytes)
    L logo.psd (17 bytes)
  .hglfs:3: path:assets = all()  (2 files, 2 large: 34 bytes)
    L assets/a (17 bytes)
    L assets/b (17 bytes)
  .hglfs:4: path:art & **.exr = all()  (2 files, 2 large: 44 bytes)
    L art/sky.exr (20 bytes)
    L art/sub/sea.exr (24 bytes)
  $ hg lfs-track -T '{source} {left} {right} {count} {large} {bytes} {earlier}\n'
  .hglfs:2 **.psd all() 1 1 17 0
  .hglfs:3 path:assets all() 2 2 34 0
  .hglfs:4 path:art & **.exr all() 2 2 44 0
  $ hg lfs-track -T '{left}:{files % " {path}"}\n'
  **.psd: logo.psd
  path:assets: assets/a assets/b
  path:art & **.exr: art/sky.exr art/sub/sea.exr
  $ hg lfs-track -T json | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)[0])'
  {'bytes': 17, 'count': 1, 'earlier': 0, 'files': [{'large': True, 'path': 'logo.psd', 'size': 17}], 'large': 1, 'left': '**.psd', 'right': 'all()', 'source': '.hglfs:2'}

Mercurial's own lfs reads the same file, and keeps other sections:

  $ mkdir 'my - dir' a=b
  $ for name in 'my - dir/x.y' 'my - dir/n' a=b/c 'and' IMAGE.Ai; do echo 1 > "$name"; done
  $ hg lfs-track -q 'my - dir/**.y' a=b and
  $ hg lfs-track -q -i '*.ai'
  $ tail -4 .hglfs
  "path:my - dir" & **.y = all()
  "path:a\x3db" = all()
  "path:and" = all()
  **.ai | **.AI | **.Ai | **.aI = all()
  $ stock='--config extensions.hglfs=! --config extensions.lfs='
  $ hg init ../stock
  $ cp -r .hglfs * ../stock
  $ rm -r 'my - dir' a=b and IMAGE.Ai
  $ hg revert -q --no-backup .hglfs
  $ hg -R ../stock $stock commit -qAm 'first'
  $ hg -R ../stock $stock files -r . 'set:lfs()'
  ../stock/IMAGE.Ai
  ../stock/a=b/c
  ../stock/and
  ../stock/art/sky.exr
  ../stock/art/sub/sea.exr
  ../stock/assets/a
  ../stock/assets/b
  ../stock/logo.psd
  ../stock/my - dir/x.y

Files with extensions in upper case are covered:

  $ echo photo > PHOTO.TIF
  $ hg lfs-track '*.tif'
  abort: '*.tif' matches no file, but would in another case: PHOTO.TIF
  (use '*.TIF', or -i for any case)
  [10]
  $ hg lfs-track -i '*.tif'
  .hglfs: + **.tif | **.TIF | **.Tif | **.tiF | **.tIf | **.tIF | **.TiF | **.TIf = all()
  large when committed:
    PHOTO.TIF (6 bytes)
  $ tail -1 .hglfs | tr '|' '\n' | wc -l | tr -d ' '
  8
  $ hg lfs-untrack '*.tif' -q
  abort: '*.tif' matches no file, but would in another case: PHOTO.TIF
  (use '*.TIF', or -i for any case)
  [10]
  $ hg revert -q --no-backup .hglfs
  $ echo '**.tif = all()' >> .hglfs
  $ hg lfs-track
  .hglfs:2: **.psd = all()  (1 file, 1 large: 17 bytes)
  .hglfs:3: path:assets = all()  (2 files, 2 large: 34 bytes)
  .hglfs:4: path:art & **.exr = all()  (2 files, 2 large: 44 bytes)
  .hglfs:5: **.tif = all()  (no files)
  .hglfs:5: **.tif matches no file, but would in another case: PHOTO.TIF
  (write **.TIF = all())
  $ hg revert -q --no-backup .hglfs
  $ rm PHOTO.TIF

Patterns are relative to the current folder, and paths are shown relative to it:

  $ cd art
  $ hg lfs-track -n '*.psb' sky.exr
  .hglfs: + path:art & **.psb = all()
  '*.psb' matches no file
  [1]
  $ touch a.psb
  $ hg lfs-track '*.psb'
  .hglfs: + path:art & **.psb = all()
  large when committed:
    a.psb (0 bytes)
  $ hg revert -q --no-backup ../.hglfs
  $ rm a.psb
  $ cd ..

A pattern that the shell has expanded:

  $ touch a.bin b.bin
  $ hg lfs-track -n *.bin
  note: to match all such files, quote the pattern: '*.bin'
  .hglfs: + path:a.bin = all()
  .hglfs: + path:b.bin = all()
  large when committed:
    a.bin (0 bytes)
    b.bin (0 bytes)
  $ rm *.bin

Patterns without an equivalent rule are refused, with the nearest one:

  $ hg lfs-track 'tex_*.png'
  abort: tex_*.png: a rule cannot have this: it knows a path's folder and its end
  (the nearest is '*.png')
  [10]
  $ hg lfs-track 'art/*/*.exr'
  abort: art/*/*.exr: a rule cannot have this: it knows a path's folder and its end
  (the nearest is 'art/**/*.exr')
  [10]
  $ hg lfs-track 're:.*[.]exr'
  abort: re:.*[.]exr: a rule cannot have such a pattern
  (see 'hg help lfs-track' for those that it can have)
  [10]
  $ hg lfs-track -i 'photographs/*'
  abort: photographs/*: a rule cannot ignore the case of more than 6 letters
  (name the cases that there are, each as a pattern of its own)
  [10]
  $ hg lfs-track ../elsewhere
  abort: ../elsewhere not under root '$TESTTMP/work'
  [255]
  $ hg lfs-track -n
  abort: no patterns specified
  [10]
  $ hg status

Rules that depend on size, comments and the order of rules stay as they are:

  $ cat > .hglfs <<EOS
  > [track]
  > # texts are merged
  > **.txt = none()
  > # all else that is big
  > ** = size(">1MB")
  > EOS
  $ hg lfs-track '*.exr' 'notes/**'
  .hglfs: + **.exr = all()
  .hglfs: + path:notes = all()
  large with their next change:
    art/sky.exr (20 bytes)
    art/sub/sea.exr (24 bytes)
  'notes/**' matches no file
  [1]
  $ cat .hglfs
  [track]
  path:notes = all()
  # texts are merged
  **.txt = none()
  **.exr = all()
  # all else that is big
  ** = size(">1MB")

Files that are no longer tracked:

  $ hg lfs-untrack '*.exr' art/sub/sea.exr
  .hglfs: - **.exr = all()
  .hglfs: + **.exr = none()
  not large from their next change on:
    art/sky.exr (20 bytes)
    art/sub/sea.exr (24 bytes)
  'art/sub/sea.exr': no rule makes such files large
  [1]
  $ cat .hglfs
  [track]
  **.exr = none()
  path:notes = all()
  # texts are merged
  **.txt = none()
  # all else that is big
  ** = size(">1MB")
  $ hg lfs-untrack -n .
  .hglfs: - path:notes = all()
  .hglfs: - ** = size(">1MB")
  $ hg lfs-untrack '*.exr' '*.none'
  .hglfs: + **.none = none()
  '*.none' matches no file
  '*.exr': no rule makes such files large
  [1]
  $ hg lfs-untrack
  abort: no patterns specified
  [10]
  $ hg lfs-track -T '{path} {size} {large} {pending}\n' art words
  art/sky.exr 20 True False
  art/sub/sea.exr 24 True False
  words 14 True False

Mistakes that Mercurial itself ignores are errors:

  $ printf '**.psd = all()\n' > .hglfs
  $ hg commit -m 'third'
  abort: parse error in .hglfs: a rule outside of [track]: **.psd = all()
  (see .hglfs:1; write [track] on a line before it)
  [255]
  $ printf '# large files\n[tracks]\n**.psd = all()\n' > .hglfs
  $ hg commit -m 'third'
  abort: parse error in .hglfs: section [tracks] is not [track]
  (see .hglfs:2; write [track])
  [255]
  $ hg commit --amend -m 'third'
  abort: parse error in .hglfs: section [tracks] is not [track]
  (see .hglfs:2; write [track])
  [255]
  $ hg lfs-track
  abort: parse error in .hglfs: section [tracks] is not [track]
  (see .hglfs:2; write [track])
  [255]
  $ hg lfs-track '*.exr'
  abort: parse error in .hglfs: section [tracks] is not [track]
  (see .hglfs:2; write [track])
  [255]
  $ printf '[track]\n*.psd = all()\n' > .hglfs
  $ hg commit -m 'third'
  abort: parse error in .hglfs: unsupported file pattern: *.psd
  (see .hglfs:2; paths must be prefixed with "path:"; write **.psd = all())
  [255]
  $ printf '[track]\n**.psd = yes\n' > .hglfs
  $ hg lfs-track '*.exr'
  abort: parse error in .hglfs: unsupported file pattern: yes
  (see .hglfs:2; paths must be prefixed with "path:"; write **.psd = all())
  [255]
  $ printf '[track]\n**.psd = all()\n%%unset **.psd\n' > .hglfs
  $ hg lfs-track '*.exr'
  abort: .hglfs has lines that can only be changed by hand
  (a line that begins with % is in the way: write the rule by hand)
  [255]
  $ hg revert -q --no-backup .hglfs

So are rule files in a folder, which are never read:

  $ printf '[track]\n**.exr = all()\n' > art/.hglfs
  $ hg lfs-track -q
  .hglfs:2: **.psd = all()  (1 file, 1 large: 17 bytes)
  .hglfs:3: path:assets = all()  (2 files, 2 large: 34 bytes)
  .hglfs:4: path:art & **.exr = all()  (2 files, 2 large: 44 bytes)
  art/.hglfs:2: rules are read from .hglfs in the root of the repository alone
  (write there: path:art & **.exr = all())
  $ hg add -q art/.hglfs
  $ hg commit -qm 'rules in a folder'
  warning: art/.hglfs:2: rules are read from .hglfs in the root of the repository alone
  (write there: path:art & **.exr = all())
  $ hg remove -q art/.hglfs
  $ hg commit -qm 'no rules in a folder'

A commit warns of big files that no rule matches, when they are added:

  $ "$PYTHON" -c 'open("film.iso", "wb").truncate(2 << 20)'
  $ "$PYTHON" -c 'open("big.psd", "wb").truncate(2 << 20)'
  $ hg add film.iso big.psd
  big.psd: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert big.psd' to cancel the pending addition)
  film.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert film.iso' to cancel the pending addition)
  $ hg commit -m 'films'
  warning: film.iso (2.00 MB) is committed as it is, not as a large file
  (no rule in .hglfs matches: see 'hg help -v lfs-track' for how to change that)
  $ echo more >> film.iso
  $ hg commit -m 'more of it'
  $ cp film.iso FILM.PSD
  $ hg add -q FILM.PSD
  FILM.PSD: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert FILM.PSD' to cancel the pending addition)
  $ hg commit --amend -m 'more of it'
  warning: FILM.PSD (2.00 MB) is committed as it is, not as a large file
  (.hglfs:2: **.psd would match in another case; see 'hg help -v lfs-track')
  saved backup bundle to *-amend.hg (glob)
  $ hg commit --amend -m 'and more of it'
  saved backup bundle to *-amend.hg (glob)
  $ hg files -r . 'set:lfs()'
  art/sky.exr
  art/sub/sea.exr
  assets/a
  assets/b
  big.psd

Not where there is a rule, or where it is not wanted:

  $ "$PYTHON" -c 'open("a.iso", "wb").truncate(2 << 20)'
  $ hg lfs-track -q 'a.iso'
  $ hg lfs-untrack -q 'a.iso'
  $ echo 'path:a.iso = none()' >> .hglfs
  $ hg add -q a.iso
  a.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert a.iso' to cancel the pending addition)
  $ hg commit -m 'an exception'
  $ cp a.iso b.iso
  $ hg add -q b.iso
  b.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert b.iso' to cancel the pending addition)
  $ hg commit -m 'no warning' --config lfs.warnsize=0
  $ cp a.iso c.iso
  $ hg add -q c.iso
  c.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert c.iso' to cancel the pending addition)
  $ hg commit -m 'no warning' --config lfs.warnsize=3MB
  $ for number in 1 2 3 4 5 6 7 8 9 10 11 12; do cp a.iso $number.iso; done
  $ hg add -q
  1.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 1.iso' to cancel the pending addition)
  10.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 10.iso' to cancel the pending addition)
  11.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 11.iso' to cancel the pending addition)
  12.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 12.iso' to cancel the pending addition)
  2.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 2.iso' to cancel the pending addition)
  3.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 3.iso' to cancel the pending addition)
  4.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 4.iso' to cancel the pending addition)
  5.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 5.iso' to cancel the pending addition)
  6.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 6.iso' to cancel the pending addition)
  7.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 7.iso' to cancel the pending addition)
  8.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 8.iso' to cancel the pending addition)
  9.iso: up to 6 MB of RAM may be required to manage this file
  (use 'hg revert 9.iso' to cancel the pending addition)
  $ hg commit -m 'many'
  warning: 1.iso (2.00 MB) is committed as it is, not as a large file
  warning: 10.iso (2.00 MB) is committed as it is, not as a large file
  warning: 11.iso (2.00 MB) is committed as it is, not as a large file
  warning: 12.iso (2.00 MB) is committed as it is, not as a large file
  warning: 2.iso (2.00 MB) is committed as it is, not as a large file
  warning: 3.iso (2.00 MB) is committed as it is, not as a large file
  warning: 4.iso (2.00 MB) is committed as it is, not as a large file
  warning: 5.iso (2.00 MB) is committed as it is, not as a large file
  warning: 6.iso (2.00 MB) is committed as it is, not as a large file
  warning: 7.iso (2.00 MB) is committed as it is, not as a large file
  and 2 more
  (no rule in .hglfs matches: see 'hg help -v lfs-track' for how to change that)

The last changeset can be amended with a rule:

  $ hg --config extensions.strip= strip -q --keep -r .
  $ hg lfs-track '[1-9].iso'
  .hglfs: + path:1.iso = all()
  .hglfs: + path:2.iso = all()
  .hglfs: + path:3.iso = all()
  .hglfs: + path:4.iso = all()
  .hglfs: + path:5.iso = all()
  .hglfs: + path:6.iso = all()
  .hglfs: + path:7.iso = all()
  .hglfs: + path:8.iso = all()
  .hglfs: + path:9.iso = all()
  large when committed:
    1.iso (2.00 MB)
    2.iso (2.00 MB)
    3.iso (2.00 MB)
    4.iso (2.00 MB)
    5.iso (2.00 MB)
    6.iso (2.00 MB)
    7.iso (2.00 MB)
    8.iso (2.00 MB)
    9.iso (2.00 MB)
  $ hg lfs-track '*.iso'
  .hglfs: - path:a.iso = none()
  .hglfs: + **.iso = all()
  large when committed:
    10.iso (2.00 MB)
    11.iso (2.00 MB)
    12.iso (2.00 MB)
  large with their next change:
    a.iso (2.00 MB)
    b.iso (2.00 MB)
    c.iso (2.00 MB)
    film.iso (2.00 MB)
  $ hg commit -q --addremove -m 'many large files'
  $ hg files -r . 'set:lfs()' | grep -c iso
  12

Rules in the configuration are ignored where there is a .hglfs:

  $ hg init ../configured
  $ cd ../configured
  $ echo 1 > a.bin
  $ echo 1 > b.dat
  $ hg lfs-track --config 'lfs.track=**.bin'
  lfs.track: ** = **.bin  (1 file, 1 large: 2 bytes)
  $ hg lfs-track '*.dat' --config 'lfs.track=**.bin'
  .hglfs: + **.dat = all()
  large when committed:
    b.dat (2 bytes)
  not large when committed:
    a.bin (2 bytes)
  warning: .hglfs replaces lfs.track of the configuration
  (to keep it, write this as the last line of .hglfs: ** = **.bin)
