Transfers that are killed repeatedly are resumed: only the bytes in flight at a kill are
sent twice, also where a download uses several ranges.

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
