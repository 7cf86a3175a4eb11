#require no-chg

Output for blobs that move between client and server, over http.

  $ . "$TESTDIR/helpers.sh"
  $ hg init server
  $ serve server
  $ url=http://localhost:$HGPORT/
  $ cat >> "$HGRCPATH" <<EOF
  > [experimental]
  > lfs.disableusercache = yes
  > EOF
  $ forget() { rm -rf .hg/store/lfs/objects; hg update -q null; > $TESTTMP/access.log; }
  $ requests() {
  >     sed -n 's/.*"\([A-Z]* [^ ]*lfs[^ ]*\) [^"]*" \([0-9]*\) .*/\1 \2/p' \
  >         $TESTTMP/access.log | sed 's#\([0-9a-f]\{12\}\)[0-9a-f]*#\1#'
  > }

A push: the blobs are sent first, with a summary. A blob of two files is sent once.

  $ hg init work
  $ cd work
  $ printf 'one' > one
  $ printf 'two2' > two
  $ printf 'one' > again
  $ hg commit -Aqm first
  $ hg push $url
  pushing to http://localhost:$HGPORT/
  searching for changes
  lfs: uploaded 2 files (7 bytes)
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 3 changes to 3 files
  $ requests
  POST /.git/info/lfs/objects/batch 200
  POST /.hg/lfs/packs/upload 200

With --verbose each is named:

  $ printf 'three' > three
  $ printf 'four4' > four
  $ hg commit -Aqm second
  $ > $TESTTMP/access.log
  $ hg push -v $url | grep -v 'HTTP requests'
  pushing to http://localhost:$HGPORT/
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  searching for changes
  lfs: need to transfer 2 objects (10 bytes)
  lfs: uploading 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f (5 bytes)
  lfs: uploading df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 (5 bytes)
  lfs: processed: 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f
  lfs: processed: df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093
  lfs: uploaded 2 files (10 bytes)
  1 changesets found
  uncompressed size of bundle content:
       190 (changelog)
       227 (manifests)
       270  four
       271  three
  remote: adding changesets
  remote: adding manifests
  remote: adding file changes
  remote: added 1 changesets with 2 changes to 2 files
  $ requests
  POST /.git/info/lfs/objects/batch 200
  POST /.hg/lfs/packs/upload 200

A clone, and the same with --verbose:

  $ cd ..
  $ hg clone $url clone
  (remote is using large file support (lfs); lfs will be enabled for this repository)
  requesting all changes
  adding changesets
  adding manifests
  adding file changes
  added 2 changesets with 5 changes to 5 files
  new changesets 35aa0ef8e1eb:9ca8138ed948
  updating to branch default
  lfs: downloaded 4 files (17 bytes)
  5 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cd clone
  $ forget
  $ hg update -v
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  resolving manifests
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: need to transfer 4 objects (17 bytes)
  lfs: downloading 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed (3 bytes)
  lfs: processed: 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
  lfs: downloading df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 (5 bytes)
  lfs: processed: df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093
  lfs: downloading 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f (5 bytes)
  lfs: processed: 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f
  lfs: downloading 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba (4 bytes)
  lfs: processed: 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba
  lfs: downloaded 4 files (17 bytes)
  getting again
  lfs: found 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed in the local lfs store
  getting four
  lfs: found df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 in the local lfs store
  getting one
  lfs: found 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed in the local lfs store
  getting three
  lfs: found 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f in the local lfs store
  getting two
  lfs: found 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba in the local lfs store
  5 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ requests
  POST /.git/info/lfs/objects/batch 200
  POST /.hg/lfs/packs/download 200

Blobs that are there are not fetched again, and those on the server not sent again:

  $ > $TESTTMP/access.log
  $ hg update -q null
  $ hg update -v | grep -v -e found -e getting
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  resolving manifests
  5 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ requests
  $ echo more > more
  $ hg copy one copy
  $ hg commit -Aqm third
  $ hg push -v | grep lfs
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: uploading 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74 (5 bytes)
  lfs: processed: 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74
  lfs: uploaded 1 files (5 bytes)
  $ requests
  POST /.git/info/lfs/objects/batch 200
  POST /.hg/lfs/packs/upload 200
  $ hg debuglfsupload -v -r 'all()'
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs

One connection, so that blobs move one after the other, but still in packs:

  $ forget
  $ hg update -v --config lfs.concurrency=1
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  resolving manifests
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: need to transfer 5 objects (22 bytes)
  lfs: downloading 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed (3 bytes)
  lfs: processed: 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
  lfs: downloading df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 (5 bytes)
  lfs: processed: df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093
  lfs: downloading 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74 (5 bytes)
  lfs: processed: 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74
  lfs: downloading 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f (5 bytes)
  lfs: processed: 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f
  lfs: downloading 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba (4 bytes)
  lfs: processed: 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba
  lfs: downloaded 5 files (22 bytes)
  getting again
  lfs: found 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed in the local lfs store
  getting copy
  lfs: found 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed in the local lfs store
  getting four
  lfs: found df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 in the local lfs store
  getting more
  lfs: found 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74 in the local lfs store
  getting one
  lfs: found 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed in the local lfs store
  getting three
  lfs: found 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f in the local lfs store
  getting two
  lfs: found 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba in the local lfs store
  7 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ requests
  POST /.git/info/lfs/objects/batch 200
  POST /.hg/lfs/packs/download 200

One by one, in the order of their oids, by basic transfers only:

  $ forget
  $ hg update --debug --config experimental.lfs.worker-enable=False | grep -v -e '^ [a-z]' -e ^getting -e found
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  resolving manifests
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  Status: 200
  Content-Length: 1619
  Content-Type: application/vnd.git-lfs+json
  Date: $HTTP_DATE$
  Server: testing stub value
  {
    "objects": [
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74"
          }
        }
        "oid": "2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74"
        "size": 5
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba"
          }
        }
        "oid": "57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba"
        "size": 4
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
          }
        }
        "oid": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
        "size": 3
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f"
          }
        }
        "oid": "8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f"
        "size": 5
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093"
          }
        }
        "oid": "df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093"
        "size": 5
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 5 objects (22 bytes)
  lfs: downloading 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74 (5 bytes)
  Status: 200
  Content-Length: 5
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74
  lfs: downloading 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba (4 bytes)
  Status: 200
  Content-Length: 4
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba
  lfs: downloading 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed (3 bytes)
  Status: 200
  Content-Length: 3
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
  lfs: downloading 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f (5 bytes)
  Status: 200
  Content-Length: 5
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f
  lfs: downloading df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 (5 bytes)
  Status: 200
  Content-Length: 5
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093
  lfs: downloaded 5 files (22 bytes)
  7 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ requests
  POST /.git/info/lfs/objects/batch 200
  GET /.hg/lfs/objects/2396099c6c08 200
  GET /.hg/lfs/objects/57920dd7d131 200
  GET /.hg/lfs/objects/7692c3ad3540 200
  GET /.hg/lfs/objects/8b5b9db0c13d 200
  GET /.hg/lfs/objects/df3b135c42f8 200
  $ for i in five six; do echo $i > $i; done
  $ hg commit -Aqm fourth
  $ > $TESTTMP/access.log
  $ hg push --debug --config experimental.lfs.worker-enable=False | sed -n '/^lfs: computing/,/^lfs: uploaded/p'
  lfs: computing set of blobs to upload
  Status: 200
  Content-Length: 664
  Content-Type: application/vnd.git-lfs+json
  Date: $HTTP_DATE$
  Server: testing stub value
  {
    "objects": [
      {
        "actions": {
          "upload": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/ac169f9fb7cb48d431466d7b3bf2dc3e1d2e7ad6630f6b767a1ac1801c496b35"
          }
        }
        "oid": "ac169f9fb7cb48d431466d7b3bf2dc3e1d2e7ad6630f6b767a1ac1801c496b35"
        "size": 5
      }
      {
        "actions": {
          "upload": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/fe2547fe2604b445e70fc9d819062960552f9145bdb043b51986e478a4806a2b"
          }
        }
        "oid": "fe2547fe2604b445e70fc9d819062960552f9145bdb043b51986e478a4806a2b"
        "size": 4
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 2 objects (9 bytes)
  lfs: uploading ac169f9fb7cb48d431466d7b3bf2dc3e1d2e7ad6630f6b767a1ac1801c496b35 (5 bytes)
  Status: 201
  Content-Length: 0
  Content-Type: text/plain; charset=utf-8
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: ac169f9fb7cb48d431466d7b3bf2dc3e1d2e7ad6630f6b767a1ac1801c496b35
  lfs: uploading fe2547fe2604b445e70fc9d819062960552f9145bdb043b51986e478a4806a2b (4 bytes)
  Status: 201
  Content-Length: 0
  Content-Type: text/plain; charset=utf-8
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: fe2547fe2604b445e70fc9d819062960552f9145bdb043b51986e478a4806a2b
  lfs: uploaded 2 files (9 bytes)
  $ requests
  POST /.git/info/lfs/objects/batch 200
  PUT /.hg/lfs/objects/ac169f9fb7cb 201
  PUT /.hg/lfs/objects/fe2547fe2604 201

With several connections, --debug shows the same lines, in any order:

  $ forget
  $ hg update --debug | grep -e '^lfs: [^f]' -e '"transfer"' | sort
    "transfer": "hglfs-packs"
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: assuming remote store: http://localhost:$HGPORT/.git/info/lfs
  lfs: downloaded 7 files (31 bytes)
  lfs: downloading 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74 (5 bytes)
  lfs: downloading 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba (4 bytes)
  lfs: downloading 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed (3 bytes)
  lfs: downloading 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f (5 bytes)
  lfs: downloading ac169f9fb7cb48d431466d7b3bf2dc3e1d2e7ad6630f6b767a1ac1801c496b35 (5 bytes)
  lfs: downloading df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093 (5 bytes)
  lfs: downloading fe2547fe2604b445e70fc9d819062960552f9145bdb043b51986e478a4806a2b (4 bytes)
  lfs: need to transfer 7 objects (31 bytes)
  lfs: processed: 2396099c6c084fa4b9beac9f0d52cf3be9cf8d47040ef127883d532b5790cd74
  lfs: processed: 57920dd7d131ee68c80a2b1561bd2df7081b2eedb4c31b3777d6df8321b95eba
  lfs: processed: 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
  lfs: processed: 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f
  lfs: processed: ac169f9fb7cb48d431466d7b3bf2dc3e1d2e7ad6630f6b767a1ac1801c496b35
  lfs: processed: df3b135c42f863d7bea22067eb7c9dccba5ef665c6588ef72b97bf3078ba6093
  lfs: processed: fe2547fe2604b445e70fc9d819062960552f9145bdb043b51986e478a4806a2b

A progress bar counts bytes:

  $ cat > $TESTTMP/bar.rc <<EOF
  > [progress]
  > assume-tty = yes
  > delay = 0
  > refresh = 0
  > format = topic bar number unit
  > width = 50
  > EOF
  $ bar() {
  >     HGRCPATH=$HGRCPATH:$TESTTMP/bar.rc \
  >         hg "$@" --config experimental.lfs.worker-enable=no 2>&1 |
  >         tr '\r' '\n' | grep '^lfs'
  > }
  $ forget
  $ bar update
  lfs checking [ <=>                      ] 1 files
  lfs checking [  <=>                     ] 2 files
  lfs checking [   <=>                    ] 3 files
  lfs checking [    <=>                   ] 4 files
  lfs checking [     <=>                  ] 5 files
  lfs checking [      <=>                 ] 6 files
  lfs checking [       <=>                ] 7 files
  lfs checking [        <=>               ] 8 files
  lfs checking [         <=>              ] 9 files
  lfs downloading [                   ]  0/31 bytes
  lfs downloading [==>                ]  5/31 bytes
  lfs downloading [====>              ]  9/31 bytes
  lfs downloading [======>            ] 12/31 bytes
  lfs downloading [=========>         ] 17/31 bytes
  lfs downloading [============>      ] 22/31 bytes
  lfs downloading [===============>   ] 27/31 bytes
  lfs downloading [==================>] 31/31 bytes
  lfs: downloaded 7 files (31 bytes)
  $ echo seven7 > seven
  $ hg commit -Aqm fifth
  $ bar push
  lfs search [====================>] 1/1 changesets
  lfs checking [ <=>                      ] 1 files
  lfs uploading [                       ] 0/7 bytes
  lfs uploading [======================>] 7/7 bytes
  lfs: uploaded 1 files (7 bytes)

A bandwidth limit, on a clock that advances only while a thread waits:

  $ cat > $TESTTMP/clock.py <<EOF
  > from hgext3rd.hglfs.lfs.transfer import throttle
  > def uisetup(ui):
  >     waited = [0.0]
  >     def wait(seconds):
  >         waited[0] += seconds
  >     plain = throttle.Throttle.__init__
  >     def init(self, rate):
  >         plain(self, rate, lambda: waited[0], wait)
  >     throttle.Throttle.__init__ = init
  >     ui.atexit(lambda: ui.status(b'waited for %.1f seconds\n' % waited[0]))
  > EOF
  $ slow() { hg "$@" --config extensions.clock=$TESTTMP/clock.py; }
  $ "$PYTHON" -c 'open("big", "wb").write(b"0123456789abcdef" * (3 << 16))'
  $ hg commit -Aqm sixth
  $ slow push --config lfs.concurrency=1 --config lfs.bandwidth=256KB | grep -e lfs -e waited
  lfs: uploaded 1 files (3.00 MB)
  waited for 12.0 seconds
  $ forget
  $ slow update --config lfs.concurrency=1 --config lfs.bandwidth=256KB
  lfs: downloaded 9 files (3.00 MB)
  11 files updated, 0 files merged, 0 files removed, 0 files unresolved
  waited for 12.0 seconds
  $ forget
  $ slow update
  lfs: downloaded 9 files (3.00 MB)
  11 files updated, 0 files merged, 0 files removed, 0 files unresolved
  waited for 0.0 seconds

A proxy that logs the moved objects, and breaks a connection after so many bytes of one:

  $ cat > $TESTTMP/proxy.py <<EOF
  > import os, re, socket, sys, threading
  > noted = (
  >     rb'(?mi)^(?:(?:GET|HEAD|PUT|PATCH) \S*/objects/[0-9a-f]{12}'
  >     rb'|(?:Range|If-Range|Upload-Offset): .{,40})'
  > )
  > def limit(way):
  >     try:
  >         with open('cut') as file:
  >             word, count = file.read().split()
  >     except OSError:
  >         return None
  >     return int(count) if word == way else None
  > def pump(way, source, sink, moving):
  >     left, pending = None, []
  >     while True:
  >         try:
  >             data = body = source.recv(1 << 16)
  >         except OSError:
  >             break
  >         if re.match(rb'HTTP/1|[A-Z]+ /', data):
  >             head, gap, body = data.partition(b'\r\n\r\n')
  >             if way == 'up':
  >                 moving[:] = pending = re.findall(noted, head)
  >             left = limit(way) if moving else None
  >         if pending and (body or not pending[0].startswith(b'P')):
  >             with open('proxy.log', 'ab') as log:
  >                 log.writelines(line.strip() + b'\n' for line in pending)
  >             pending = []
  >         over = left is not None and len(body) >= left
  >         if over:
  >             os.unlink('cut')
  >             data = data[:len(data) - len(body) + left]
  >         elif left is not None:
  >             left -= len(body)
  >         try:
  >             sink.sendall(data)
  >         except OSError:
  >             break
  >         if over or not data:
  >             break
  >     for end in (source, sink):
  >         try:
  >             end.shutdown(socket.SHUT_RDWR)
  >         except OSError:
  >             pass
  > server = socket.create_server(('localhost', int(sys.argv[1])))
  > open('proxy.ready', 'w').close()
  > while True:
  >     near = server.accept()[0]
  >     far = socket.create_connection(('localhost', int(sys.argv[2])))
  >     moving = []
  >     for args in (('up', near, far, moving), ('down', far, near, moving)):
  >         threading.Thread(target=pump, args=args, daemon=True).start()
  > EOF
  $ cd ..
  $ "$PYTHON" proxy.py $HGPORT1 $HGPORT &
  $ echo $! >> $DAEMON_PIDS
  $ until test -e proxy.ready; do sleep 0.1; done
  $ noted() { cat $TESTTMP/proxy.log; rm $TESTTMP/proxy.log; }
  $ cd clone
  $ cat >> .hg/hgrc <<EOF
  > [lfs]
  > url = http://localhost:$HGPORT1/.git/info/lfs
  > EOF

An interrupted download, resumed by the next update:

  $ forget
  $ echo down 2097152 > ../cut
  $ hg update --config lfs.retry=0
  lfs: downloaded 8 of 9 files (38 bytes of 3.00 MB); run the same command again to go on
  abort: Response length (2097152) does not match Content-Length header (3145728) for 5bcd44e1ae4d34173b36402d6b2f1ecdb3460aac1d66937a5fcc92beb5ec6779
  [50]
  $ noted
  GET /.hg/lfs/objects/5bcd44e1ae4d
  $ hg update
  lfs: downloaded 1 files (3.00 MB)
  11 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ noted
  GET /.hg/lfs/objects/5bcd44e1ae4d
  range: bytes=2097152-3145727

An interrupted download, resumed by a retry:

  $ forget
  $ echo down 1500000 > ../cut
  $ hg update -v | grep -e fail -e 'lfs: downloaded'
  lfs: failed: 'Response length (1500000) does not match Content-Length header (3145728) for 5bcd44e1ae4d34173b36402d6b2f1ecdb3460aac1d66937a5fcc92beb5ec6779' (remaining retry 5)
  lfs: downloaded 9 files (3.00 MB)
  $ noted
  GET /.hg/lfs/objects/5bcd44e1ae4d
  GET /.hg/lfs/objects/5bcd44e1ae4d
  range: bytes=1500000-3145727

The same for uploads:

  $ "$PYTHON" -c 'open("big", "wb").write(b"abcdef0123456789" * (20 << 16))'
  $ hg commit -qm seventh
  $ echo up 10000000 > ../cut
  $ hg push --config lfs.retry=0
  pushing to http://localhost:$HGPORT/
  searching for changes
  abort: LFS error: the connection broke
  (attempted connection to http://localhost:$HGPORT1/.hg/lfs/objects/65d8404b67bb5458a354b36819981577d49caeedcc29b6b84e777d75df607608)
  [50]
  $ noted
  HEAD /.hg/lfs/objects/65d8404b67bb
  PATCH /.hg/lfs/objects/65d8404b67bb
  upload-offset: 0
  $ hg push | grep lfs
  lfs: uploaded 1 files (20.0 MB)
  $ noted
  HEAD /.hg/lfs/objects/65d8404b67bb
  PATCH /.hg/lfs/objects/65d8404b67bb
  upload-offset: 999* (glob)

  $ hg verify -q
  $ hg -R ../server verify -q
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat $TESTTMP/errors.log
