A repository moves between the stock extension and hg-lfs, and back, without a
conversion.

  $ . "$TESTDIR/threeways.sh"

  $ printf '\n[extensions]\nstrip =\n[web]\npush_ssl = False\nallow-push = *\n' > extra.rc
  $ content() {
  >     printf 'text\n' > text
  >     printf '\0binary' > binary
  >     printf '\1\nlike metadata' > marker
  >     : > empty
  >     hg commit -Aqm 'first'
  >     hg copy marker copied
  >     hg rename text renamed
  >     echo more >> renamed
  >     hg commit -qm 'second'
  > }
  $ checked() {
  >     hg verify -q
  >     hg update -q null
  >     hg update -q
  >     hg status
  >     hg log -r tip -T '{files % "{file}: {lfs_file}\n"}' > /dev/null
  > }

Each continues where the other stopped; every byte is as if one alone had been used.

  $ for way in stock ours; do
  >     as $way
  >     hg init $way
  >     (cd $way; content)
  > done
  $ for way in stock ours; do
  >     if test $way = stock; then other=ours; else other=stock; fi
  >     for turn in one two; do
  >         test $turn = two && as $way || as $other
  >         (
  >             cd $way
  >             checked
  >             echo $turn > new
  >             hg copy -q --force binary copied
  >             echo $turn >> copied
  >             hg commit -Aqm $turn
  >             hg commit -q --amend -m "$turn, amended"
  >             hg strip -q tip
  >             hg unbundle -q .hg/strip-backup/*-backup.hg
  >             hg update -q tip
  >             rm .hg/strip-backup/*
  >             checked
  >         )
  >     done
  >     (cd $way; changesets; workingfiles; storebytes) > $way.end
  > done
  $ diff stock.end ours.end

The stock extension fetches from the hg-lfs server, and the other way round. Both sides
have their own caches, so that blobs are transferred.

  $ served() {
  >     hg --config lfs.usercache=$TESTTMP/cache-server --config lfs.track='none()' \
  >         -R "$1" serve -d -p $HGPORT --pid-file hg.pid -E errors.log
  >     cat hg.pid >> $DAEMON_PIDS
  > }
  $ for way in stock ours; do
  >     if test $way = stock; then other=ours; else other=stock; fi
  >     as $way
  >     sed -i '/url = null/d' $TESTTMP/$way.rc
  >     hg init served-$way
  >     served served-$way
  >     as $other
  >     sed -i '/url = null/d' $TESTTMP/$other.rc
  >     hg -R $way push -q http://localhost:$HGPORT/
  >     rm -rf $TESTTMP/cache-$other
  >     hg clone -q http://localhost:$HGPORT/ cloned-by-$other
  >     (cd cloned-by-$other; checked)
  >     rm -rf $TESTTMP/cache-$other
  >     hg clone -q --stream http://localhost:$HGPORT/ streamed-by-$other
  >     (cd streamed-by-$other; checked)
  >     (cd cloned-by-$other; bloblist) > cloned.blobs
  >     (cd $way; bloblist) | diff - cloned.blobs
  >     hg -R cloned-by-$other log -T '{node}\n' > cloned.nodes
  >     hg -R $way log -T '{node}\n' | diff - cloned.nodes
  >     "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  >     cat errors.log
  > done

A user without any extension gets an error that names the missing feature.

  $ as plain
  $ hg -R ours log --config extensions.lfs=!
  abort: repository requires features unknown to this Mercurial: lfs
  (see https://mercurial-scm.org/wiki/MissingRequirement for more information)
  [255]
