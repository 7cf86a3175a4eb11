Blobs that are damaged or missing, at either end, shown with --debug.

#testcases byname bypath

  $ . "$TESTDIR/helpers.sh"
#if bypath
  $ hglfs=`"$PYTHON" -c "import importlib.util as u; print(u.find_spec('hgext3rd.hglfs').submodule_search_locations[0])"`
  $ cat >> "$HGRCPATH" <<EOF
  > [extensions]
  > hglfs = !
  > lfs = $hglfs
  > EOF
#endif
  $ cat >> "$HGRCPATH" <<EOF
  > [experimental]
  > lfs.worker-enable = False
  > [lfs]
  > url = http://ann:secret@localhost:$HGPORT/.git/info/lfs
  > EOF

  $ hg init server
  $ serve server
  $ hg init work
  $ cd work
  $ echo 'the first of two' > one
  $ echo 'the second of two' > two
  $ hg commit -Aqm both
  $ hg push -q ../server
  $ hg clone -qU ../server ../copy
  $ object() { # FILE FILEREV: where a store has its blob
  >     hg debugdata "$1" "$2" | sed -n 's#^oid sha256:\(..\)#.hg/store/lfs/objects/\1/#p'
  > }
  $ two=`object two 0`
  $ remote=$TESTTMP/server/$two

The server reads a blob before it offers it, and reports a damaged one. It is stored
neither locally nor in the cache, and the working directory stays.

  $ rm -r `hg config lfs.usercache`
  $ cp $remote sound
  $ echo noise > $remote
  $ hg -R ../copy update tip --debug --config ui.detailed-exit-code=no
  http auth: user ann, password ******
  resolving manifests
   branchmerge: False, force: False, partial: False
   ancestor: 000000000000, local: 000000000000+, remote: 7adb3dd3d5bf
  http auth: user ann, password ******
  Status: 200
  Content-Length: 501
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/4d22699c2943328fb256c8893050fc3e91316d661eab2c3174855aac3fe45d66"
          }
        }
        "oid": "4d22699c2943328fb256c8893050fc3e91316d661eab2c3174855aac3fe45d66"
        "size": 17
      }
      {
        "error": {
          "code": 422
          "message": "The object is corrupt"
        }
        "oid": "d0b3d39a4b24cb96bc2796a4a6d52178e4322aa2a307cf6e9a6b6650cede69fe"
        "size": 18
      }
    ]
    "transfer": "basic"
  }
  abort: LFS server error for "two": Validation error
  [255]
  $ hg -R ../copy update -q tip
  abort: LFS server error for "two": Validation error: The object is corrupt
  [50]
  $ blobs ../copy
  $ find `hg config lfs.usercache` -type f 2>/dev/null
  [1]
  $ hg -R ../copy id -i
  000000000000
  $ hg -R ../copy status
  $ ls ../copy

A client with an intact copy can repair it by sending it again.

  $ hg debuglfsupload --rev tip
  lfs: uploaded 1 files (18 bytes)
  $ cmp sound $remote
  $ hg -R ../copy update tip
  lfs: downloaded 2 files (35 bytes)
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved

A blob that is damaged locally is not sent, and the push fails as a whole.

  $ echo 'a third thing' > one
  $ hg commit -m 'third'
  $ third=`object one 1`
  $ echo noise > $third
  $ hg push --debug ../server
  http auth: user ann, password ******
  pushing to ../server
  http auth: user ann, password ******
  http auth: user ann, password ******
  query 1; heads
  searching for changes
  all remote heads known locally
  listing keys for "phases"
  checking for updated bookmarks
  listing keys for "bookmarks"
  listing keys for "bookmarks"
  lfs: computing set of blobs to upload
  Status: 200
  Content-Length: 350
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/8b9f57898bb2e646ca7baa3ae22917af63ddc232aa8265ca63dc7d106cd1d109"
          }
        }
        "oid": "8b9f57898bb2e646ca7baa3ae22917af63ddc232aa8265ca63dc7d106cd1d109"
        "size": 14
      }
    ]
    "transfer": "basic"
  }
  lfs: uploading 8b9f57898bb2e646ca7baa3ae22917af63ddc232aa8265ca63dc7d106cd1d109 (14 bytes)
  abort: detected corrupt lfs object: 8b9f57898bb2e646ca7baa3ae22917af63ddc232aa8265ca63dc7d106cd1d109
  (run hg verify)
  [255]
  $ hg -R ../server log -r tip -T '{desc}\n'
  both
  $ blobs ../server | wc -l | sed 's/ //g'
  2

Missing on the server: the error names the file, and nothing is written.

  $ hg update -q -r 'desc(both)'
  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ hg update -r tip --debug
  http auth: user ann, password ******
  resolving manifests
   branchmerge: False, force: False, partial: False
   ancestor: 7adb3dd3d5bf, local: 7adb3dd3d5bf+, remote: b0030ce27e28
  http auth: user ann, password ******
  Status: 200
  Content-Length: 187
  Content-Type: application/vnd.git-lfs+json
  Date: $HTTP_DATE$
  Server: testing stub value
  {
    "objects": [
      {
        "error": {
          "code": 404
          "message": "The object does not exist"
        }
        "oid": "8b9f57898bb2e646ca7baa3ae22917af63ddc232aa8265ca63dc7d106cd1d109"
        "size": 14
      }
    ]
    "transfer": "basic"
  }
  abort: LFS server error for "one": The object does not exist
  [50]
  $ hg id -n
  0
  $ hg status -q
  $ cat one
  the first of two
  $ cd ..

The same for a clone, from a server that has none of the blobs. The history is stored,
and an update succeeds as soon as the blobs are available.

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat errors.log
  $ rm access.log errors.log
  $ rm -rf `hg config lfs.usercache` servercache
  $ hg init empty
  $ serve empty
  $ hg --debug clone copy another
  http auth: user ann, password ******
  linked * files (glob)
  http auth: user ann, password ******
  updating to branch default
  resolving manifests
   branchmerge: False, force: False, partial: False
   ancestor: 000000000000, local: 000000000000+, remote: 7adb3dd3d5bf
  http auth: user ann, password ******
  Status: 200
  Content-Length: 340
  Content-Type: application/vnd.git-lfs+json
  Date: $HTTP_DATE$
  Server: testing stub value
  {
    "objects": [
      {
        "error": {
          "code": 404
          "message": "The object does not exist"
        }
        "oid": "4d22699c2943328fb256c8893050fc3e91316d661eab2c3174855aac3fe45d66"
        "size": 17
      }
      {
        "error": {
          "code": 404
          "message": "The object does not exist"
        }
        "oid": "d0b3d39a4b24cb96bc2796a4a6d52178e4322aa2a307cf6e9a6b6650cede69fe"
        "size": 18
      }
    ]
    "transfer": "basic"
  }
  abort: LFS server error for "one": The object does not exist
  [50]
  $ hg -R another log -T '{rev}:{desc}\n'
  0:both
  $ hg -R another id
  000000000000
  $ ls another
  $ blobs another
  $ hg -R copy debuglfsupload --rev tip
  lfs: uploaded 2 files (35 bytes)
  $ hg -R another update
  lfs: downloaded 2 files (35 bytes)
  2 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat another/one another/two
  the first of two
  the second of two
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat access.log errors.log
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "PUT /.hg/lfs/objects/4d22699c2943328fb256c8893050fc3e91316d661eab2c3174855aac3fe45d66 HTTP/1.1" 201 -
  $LOCALIP - - [$LOGDATE$] "PUT /.hg/lfs/objects/d0b3d39a4b24cb96bc2796a4a6d52178e4322aa2a307cf6e9a6b6650cede69fe HTTP/1.1" 201 -
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "GET /.hg/lfs/objects/4d22699c2943328fb256c8893050fc3e91316d661eab2c3174855aac3fe45d66 HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "GET /.hg/lfs/objects/d0b3d39a4b24cb96bc2796a4a6d52178e4322aa2a307cf6e9a6b6650cede69fe HTTP/1.1" 200 -
