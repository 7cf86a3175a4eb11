The client with another implementation of the Git LFS server: giftless.

  $ . "$TESTDIR/giftless.sh"
  $ giftless
  $ hg init away
  $ hg init work
  $ cd work
  $ echo 'a heap of sand' > sand
  $ echo 'a heap of gravel' > gravel
  $ hg commit -Aqm heaps

Its replies differ from those of lfs-test-server: the names of both adapters, a second
action to verify, tokens in headers, no cache of requests.

  $ hg push ../away --debug | sed -n -e '/^Status/,/^lfs: uploaded/p' -e '/^calling/p'
  Status: 200
  Connection: keep-alive
  Content-Length: * (glob)
  Content-Type: application/vnd.git-lfs+json
  Date: $HTTP_DATE$
  Server: gunicorn
  {
    "objects": [
      {
        "actions": {
          "upload": {
            "expires_in": 900
            "header": {
              "Authorization": "*" (glob)
            }
            "href": "http://localhost:$HGPORT/org/repo.git/info/lfs/objects/storage/a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4"
          }
          "verify": {
            "expires_in": 43200
            "header": {
              "Authorization": "*" (glob)
            }
            "href": "http://localhost:$HGPORT/org/repo.git/info/lfs/objects/storage/verify"
          }
        }
        "authenticated": true
        "oid": "a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4"
        "size": 15
      }
      {
        "actions": {
          "upload": {
            "expires_in": 900
            "header": {
              "Authorization": "*" (glob)
            }
            "href": "http://localhost:$HGPORT/org/repo.git/info/lfs/objects/storage/decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c"
          }
          "verify": {
            "expires_in": 43200
            "header": {
              "Authorization": "*" (glob)
            }
            "href": "http://localhost:$HGPORT/org/repo.git/info/lfs/objects/storage/verify"
          }
        }
        "authenticated": true
        "oid": "decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c"
        "size": 17
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 2 objects (32 bytes)
  lfs: uploading a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 (15 bytes)
  Status: 200
  Connection: keep-alive
  Content-Length: 0
  Content-Type: text/html; charset=utf-8
  Date: $HTTP_DATE$
  Server: gunicorn
  lfs: processed: a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4
  lfs: uploading decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c (17 bytes)
  Status: 200
  Connection: keep-alive
  Content-Length: 0
  Content-Type: text/html; charset=utf-8
  Date: $HTTP_DATE$
  Server: gunicorn
  lfs: processed: decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c
  lfs: uploaded 2 files (32 bytes)
  calling hook pretxnchangegroup.lfs: hgext.lfs.checkrequireslfs
  $ find $TESTTMP/lfs -type f | sed "s#$TESTTMP##" | sort
  /lfs/org/repo/a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4
  /lfs/org/repo/decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c

Blobs that the server has are not sent again.

  $ echo 'a heap of stones' > stones
  $ hg commit -Aqm stones
  $ hg push ../away -v | grep lfs:
  lfs: uploading 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b (17 bytes)
  lfs: processed: 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b
  lfs: uploaded 1 files (17 bytes)
  $ hg debuglfsupload --rev 'all()'

Clones and updates:

  $ rm -r `hg config lfs.usercache`
  $ hg clone -q -r 0 ../away ../clone --debug | sed -n -e '/^Status/,$p'
  Status: 200
  Connection: keep-alive
  Content-Length: * (glob)
  Content-Type: application/vnd.git-lfs+json
  Date: $HTTP_DATE$
  Server: gunicorn
  {
    "objects": [
      {
        "actions": {
          "download": {
            "expires_in": 900
            "header": {}
            "href": "http://localhost:$HGPORT/org/repo.git/info/lfs/objects/storage/a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4?*" (glob)
          }
        }
        "authenticated": true
        "oid": "a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4"
        "size": 15
      }
      {
        "actions": {
          "download": {
            "expires_in": 900
            "header": {}
            "href": "http://localhost:$HGPORT/org/repo.git/info/lfs/objects/storage/decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c?*" (glob)
          }
        }
        "authenticated": true
        "oid": "decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c"
        "size": 17
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 2 objects (32 bytes)
  lfs: downloading a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 (15 bytes)
  Status: 200
  Connection: keep-alive
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: gunicorn
  Transfer-Encoding: chunked
  lfs: adding a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 to the usercache
  lfs: processed: a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4
  lfs: downloading decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c (17 bytes)
  Status: 200
  Connection: keep-alive
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: gunicorn
  Transfer-Encoding: chunked
  lfs: adding decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c to the usercache
  lfs: processed: decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c
  lfs: downloaded 2 files (32 bytes)
   gravel: remote created -> g
  getting gravel
  lfs: found decbbd36b9ea045586e72d9773a1e03309e3ac7014b4d1d3acc721e74d346e1c in the local lfs store
   sand: remote created -> g
  getting sand
  lfs: found a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 in the local lfs store
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  updating the branch cache
  $ cd ../clone
  $ cat sand gravel
  a heap of sand
  a heap of gravel
  $ hg pull -u
  pulling from $TESTTMP/away
  searching for changes
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  new changesets f2d46bbd3dcd
  lfs: downloaded 1 files (17 bytes)
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat stones
  a heap of stones
  $ hg verify -q
  $ hg update -q null

cat, archive and revert, each with all blobs to be fetched:

  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ hg cat -v -r tip sand stones
  lfs: need to transfer 2 objects (32 bytes)
  lfs: downloading 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b (17 bytes)
  lfs: adding 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b to the usercache
  lfs: processed: 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b
  lfs: downloading a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 (15 bytes)
  lfs: adding a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 to the usercache
  lfs: processed: a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4
  lfs: downloaded 2 files (32 bytes)
  lfs: found a5a717b9539463b4e986cb39d8e3e9048b7828040aebfdb474730a229b277ab4 in the local lfs store
  a heap of sand
  lfs: found 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b in the local lfs store
  a heap of stones
  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ hg archive -r tip ../archive
  lfs: downloaded 3 files (49 bytes)
  $ cat ../archive/sand ../archive/gravel ../archive/stones
  a heap of sand
  a heap of gravel
  a heap of stones
  $ hg update -q tip
  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ rm sand stones
  $ hg revert --all
  lfs: downloaded 2 files (32 bytes)
  reverting sand
  reverting stones
  $ cat sand stones
  a heap of sand
  a heap of stones
  $ blobs .
  940c0eca2eb3
  a5a717b95394

A larger blob, in both directions:

  $ "$PYTHON" -c 'print("\n".join(map(str, range(700000))))' > big
  $ hg commit -Aqm big
  $ hg push
  pushing to $TESTTMP/away
  searching for changes
  lfs: uploaded 1 files (4.57 MB)
  adding changesets
  adding manifests
  adding file changes
  added 1 changesets with 1 changes to 1 files
  $ rm -r `hg config lfs.usercache`
  $ cd ..
  $ hg clone -q away large
  $ cmp large/big clone/big
  $ cd work
  $ hg pull -q ../away

The server has lost a blob. It refuses the whole request if all requested blobs are lost,
and names the blob if it has some of the others; the client then names the file. The
checkout stays as it was.

  $ blob() { # FILE: where the server has it
  >     echo $TESTTMP/lfs/org/repo/`hg debugdata "$1" 0 | sed -n 's/^oid sha256://p'`
  > }
  $ hg update -q 0
  $ stones=`blob stones`
  $ mv $stones $TESTTMP/sound
  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ hg update 1 --debug
  resolving manifests
   branchmerge: False, force: False, partial: False
   ancestor: 61e0eda32960, local: 61e0eda32960+, remote: f2d46bbd3dcd
  abort: LFS HTTP error: HTTP Error 404: NOT FOUND: Cannot find any of the requested objects
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/org/repo.git/info/lfs)
  [50]
  $ hg id -n
  0
  $ hg status
  $ hg archive -r 1 ../nothing
  abort: LFS server error for "stones": The object does not exist
  (changeset * needs it: "hg debuglfsupload -r *" in a clone that has the file sends it; "hg archive -r REV -X path:stones DIR" exports the other files; use --config lfs.missing=placeholder to go on without) (glob)
  [50]
  $ find ../nothing 2>/dev/null
  [1]

It has a damaged blob, of which it checks only the size. Nothing of it is kept.

  $ echo 'a heap of strays' > $stones
  $ hg update 1
  abort: corrupt remote lfs object: 940c0eca2eb3bab1791f091fe865eeb6e3dbc35b76619c31b31c0f38914dbd2b
  [255]
  $ echo 'a' > $stones
  $ hg update 1
  abort: LFS HTTP error: HTTP Error 422: UNPROCESSABLE ENTITY: Cannot validate any of the requested objects
  (api=http://localhost:$HGPORT/org/repo.git/info/lfs/objects/batch, action=download)
  [50]
  $ yes stones | head -c 100000 > $stones
  $ hg update 1
  abort: LFS HTTP error: HTTP Error 422: UNPROCESSABLE ENTITY: Cannot validate any of the requested objects
  (api=http://localhost:$HGPORT/org/repo.git/info/lfs/objects/batch, action=download)
  [50]
  $ hg id -n
  0
  $ hg status
  $ blobs .
  $ find `hg config lfs.usercache` .hg/store/lfs -type f 2>/dev/null
  [1]

Once the blob is repaired, everything works again.

  $ cp $TESTTMP/sound $stones
  $ hg update 1
  lfs: downloaded 1 files (17 bytes)
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat stones
  a heap of stones

A blob that is damaged locally is not sent.

  $ hg update -q tip
  $ echo 'a heap of dust' > dust
  $ hg commit -Aqm dust
  $ oid=`hg debugdata dust 0 | sed -n 's/^oid sha256://p'`
  $ echo 'a heap of lint' > .hg/store/lfs/objects/`echo $oid | sed 's#^..#&/#'`
  $ hg push ../away
  pushing to ../away
  searching for changes
  abort: detected corrupt lfs object: c61057b32cd74d0bbe89a38919476f128794781b0c8a79864409aa4889305f87
  (run hg verify)
  [255]
  $ test -e $TESTTMP/lfs/org/repo/$oid
  [1]
  $ hg -R ../away log -r tip -T '{desc}\n'
  big
  $ rm -r `hg config lfs.usercache` .hg/store/lfs

Neither is a blob that is missing everywhere.

  $ hg push -q ../away 2>&1 || echo refused
  lfs: not fetched: LFS HTTP error: HTTP Error 404: NOT FOUND: Cannot find any of the requested objects
  abort: * (glob)
  (find a repository that has it, and push it from there)
  refused
  $ hg -R ../away log -r tip -T '{desc}\n'
  big

A wrong URL on the right server, a server without Git LFS, and no server at all:

  $ cd ../clone
  $ hg update -q null
  $ rm -rf .hg/store/lfs `hg config lfs.usercache`
  $ hg update tip --config lfs.url=http://localhost:$HGPORT/org/repo.git
  abort: LFS HTTP error: HTTP Error 404: NOT FOUND: * (glob)
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/org/repo.git)
  [50]
  $ hg update tip --config lfs.url=http://localhost:$HGPORT/org/other.git/info/lfs
  abort: LFS HTTP error: HTTP Error 404: NOT FOUND: * (glob)
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/org/other.git/info/lfs)
  [50]
  $ hg update tip --config lfs.url=http://localhost:$HGPORT1/
  abort: LFS error: $ECONNREFUSED$
  (the "lfs.url" config may be used to override http://localhost:$HGPORT1)
  [50]
  $ hg update tip --config lfs.url=https://localhost:$HGPORT/org/repo.git/info/lfs
  abort: LFS error: WRONG_VERSION_NUMBER
  (the "lfs.url" config may be used to override https://localhost:$HGPORT/org/repo.git/info/lfs)
  [50]
  $ hg id
  000000000000
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ hg update tip
  abort: LFS error: $ECONNREFUSED$
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/org/repo.git/info/lfs)
  [50]
  $ cd ../large
  $ echo 'one more' > more
  $ hg commit -Aqm more
  $ hg push
  pushing to $TESTTMP/away
  searching for changes
  abort: LFS error: $ECONNREFUSED$
  (the "lfs.url" config may be used to override http://localhost:$HGPORT/org/repo.git/info/lfs)
  [50]
  $ hg -R ../away log -r tip -T '{desc}\n'
  big

