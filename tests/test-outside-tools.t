External programs that compare and merge files get large ones as files, which are
written without loading them into memory.

  $ . "$TESTDIR/helpers.sh"
  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > extdiff =
  > [extdiff]
  > cmd.sizes = $TESTTMP/sizes
  > [merge-tools]
  > sizes.executable = $TESTTMP/sizes
  > sizes.args = \$local \$base \$other
  > taker.executable = $TESTTMP/taker
  > taker.args = \$local \$base \$other \$output
  > EOF
  $ cat > sizes <<'EOF'
  > #!/bin/sh
  > for place; do
  >     find "$place" -type f | LC_ALL=C sort | while read file; do
  >         wc -c < "$file" | tr -d ' '
  >     done
  > done
  > exit 1
  > EOF
  $ cat > taker <<'EOF'
  > #!/bin/sh
  > wc -c "$@" | awk '$2 != "total" {print $1}'
  > cat "$3" > "$4"
  > EOF
  $ chmod +x sizes taker

The peak memory of the largest process, if it is above 80 MiB:

  $ cat > lean.py <<EOF
  > import resource, subprocess, sys
  > status = subprocess.call(['hg', *sys.argv[1:]])
  > peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
  > peak //= 1 << (20 if sys.platform == 'darwin' else 10)
  > if peak > 80:
  >     print('%d MiB of memory' % peak)
  > sys.exit(status)
  > EOF
  $ lean() { "$PYTHON" "$TESTTMP/lean.py" "$@"; }
  $ grown() { "$PYTHON" -c "open('big', 'r+b').seek($1) and open('big', 'r+b').truncate($1)"; }

  $ hg init repo
  $ cd repo
  $ > big
  $ echo small > small
  $ grown 104857600
  $ hg commit -Aqm base
  $ grown 104857601
  $ echo change > small
  $ hg commit -qm one
  $ hg update -q 0
  $ grown 104857602
  $ hg commit -qm other

Comparisons of two revisions, of one with the working directory, of several files:

  $ lean sizes -r 0 -r 1 big
  104857600
  104857601
  [1]
  $ lean sizes -r 0 -r 1
  104857600
  6
  104857601
  7
  [1]
  $ grown 104857603
  $ lean sizes
  104857602
  104857603
  [1]
  $ lean extdiff -p cmp -r 0 -r 1 big
  cmp: EOF on *big* (glob)
  [1]
  $ hg update -qC 2
  $ lean sizes -c .
  104857600
  104857602
  [1]

Merges:

  $ lean merge 1 --tool taker
  merging big
  104857602
  104857600
  104857601
  104857602
  1 files updated, 1 files merged, 0 files removed, 0 files unresolved
  (branch merge, don't forget to commit)
  $ wc -c big | awk '{print $1}'
  104857601
  $ lean commit -m merge
  $ hg verify -q
  $ hg update -qC 2
  $ lean merge -q 1 --tool sizes
  104857602
  104857600
  104857601
  merging big failed!
  [1]
  $ cmp big big.orig
  $ lean resolve -q --all --tool taker
  104857602
  104857600
  104857601
  104857602
  $ lean resolve --all --re-merge --tool :other
  (no more unresolved files)
  $ wc -c big | awk '{print $1}'
  104857601
