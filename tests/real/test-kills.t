Transfers that are killed again and again go on where they were: what was lost with the
connections is all that passes twice, also where a download comes in several ranges.

  $ "$PYTHON" "$TESTDIR/kills.py" "`command -v hg`" --size 300 --kills 3 > kills.log 2>&1
  $ grep -v passed kills.log
  upload 1: exit -9
  upload 2: exit -9
  upload 3: exit -9
  download 1: exit -9
  download 2: exit -9
  download 3: exit -9
  $ grep -c 'MB passed for 300 MB' kills.log
  2
