Blobs of local pushes and updates are transferred through a server, shown with --debug.
The server has its own cache, or it would see the blobs committed here.

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

Output of Mercurial's own exchange differs between versions and is left out.

  $ quieter() {
  >     sed -e '/^bundle2-/d' -e '/^listing keys/d' -e '/^query/d' \
  >         -e '/total queries/d' -e '/^updating the branch cache/d'
  > }

  $ hg init server
  $ serve server
  $ hg init studio
  $ cd studio
  $ echo 'a song of sixpence' > song
  $ hg commit -Aqm 'a song'

The repository's own copy is removed, and the push reads the cache.

  $ hg init ../stage
  $ mv .hg/store/lfs ../aside
  $ hg push ../stage --debug | quieter
  http auth: user ann, password ******
  pushing to ../stage
  http auth: user ann, password ******
  http auth: user ann, password ******
  searching for changes
  checking for updated bookmarks
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9"
          }
        }
        "oid": "cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9"
        "size": 19
      }
    ]
    "transfer": "basic"
  }
  lfs: uploading cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 (19 bytes)
  Status: 201
  Content-Length: 0
  Content-Type: text/plain; charset=utf-8
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9
  lfs: uploaded 1 files (19 bytes)
  1 changesets found
  list of changesets:
  473b20a159004883751426640c610bf29d0b4bfa
  adding changesets
  add changeset 473b20a15900
  adding manifests
  adding file changes
  adding song revisions
  calling hook pretxnchangegroup.lfs: hgext.lfs.checkrequireslfs
  added 1 changesets with 1 changes to 1 files
  $ blobs ../server
  cfea83215682
  $ mv ../aside .hg/store/lfs

The other repository got a pointer, and has the requirement. Its checkout has to ask the
server, as it has no cache.

  $ grep lfs ../stage/.hg/requires ../stage/.hg/store/requires
  ../stage/.hg/store/requires:lfs
  $ blobs ../stage
  $ rm -r `hg config lfs.usercache`
  $ cd ../stage
  $ hg update tip --debug
  http auth: user ann, password ******
  resolving manifests
   branchmerge: False, force: False, partial: False
   ancestor: 000000000000, local: 000000000000+, remote: 473b20a15900
  http auth: user ann, password ******
  Status: 200
  Content-Length: 352
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9"
          }
        }
        "oid": "cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9"
        "size": 19
      }
    ]
    "transfer": "basic"
  }
  lfs: downloading cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 (19 bytes)
  Status: 200
  Content-Length: 19
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 to the usercache
  lfs: processed: cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9
  lfs: downloaded 1 files (19 bytes)
   song: remote created -> g
  getting song
  lfs: found cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 in the local lfs store
  1 files updated, 0 files merged, 0 files removed, 0 files unresolved
  $ cat song
  a song of sixpence
  $ blobs .
  cfea83215682

Blobs that the server has get no action in its reply, and are not sent again.

  $ hg rename song ballad
  $ echo 'a pocket full of rye' > pocket
  $ echo 'four and twenty blackbirds' > birds
  $ hg commit -Aqm 'more lines'
  $ hg push ../studio --debug | quieter
  http auth: user ann, password ******
  pushing to ../studio
  http auth: user ann, password ******
  http auth: user ann, password ******
  searching for changes
  all remote heads known locally
  checking for updated bookmarks
  lfs: computing set of blobs to upload
  Status: 200
  Content-Length: 755
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777"
          }
        }
        "oid": "894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777"
        "size": 21
      }
      {
        "oid": "cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9"
        "size": 19
      }
      {
        "actions": {
          "upload": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566"
          }
        }
        "oid": "fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566"
        "size": 27
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 2 objects (48 bytes)
  lfs: uploading 894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777 (21 bytes)
  Status: 201
  Content-Length: 0
  Content-Type: text/plain; charset=utf-8
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: 894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777
  lfs: uploading fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566 (27 bytes)
  Status: 201
  Content-Length: 0
  Content-Type: text/plain; charset=utf-8
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: processed: fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566
  lfs: uploaded 2 files (48 bytes)
  1 changesets found
  list of changesets:
  6bbef97e1fc9ca6261f0440e3c76d1e6afc0e6b8
  adding changesets
  add changeset 6bbef97e1fc9
  adding manifests
  adding file changes
  adding ballad revisions
  adding birds revisions
  adding pocket revisions
  added 1 changesets with 3 changes to 3 files
  $ blobs ../server
  894b82663b41
  cfea83215682
  fa1ac82acc7d

Several blobs are fetched in the order of their oids, after one request.

  $ rm -r `hg config lfs.usercache`
  $ hg --repo ../studio update tip --debug
  http auth: user ann, password ******
  resolving manifests
   branchmerge: False, force: False, partial: False
   ancestor: 473b20a15900, local: 473b20a15900+, remote: 6bbef97e1fc9
  http auth: user ann, password ******
  Status: 200
  Content-Length: 670
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777"
          }
        }
        "oid": "894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777"
        "size": 21
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566"
          }
        }
        "oid": "fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566"
        "size": 27
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 2 objects (48 bytes)
  lfs: downloading 894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777 (21 bytes)
  Status: 200
  Content-Length: 21
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding 894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777 to the usercache
  lfs: processed: 894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777
  lfs: downloading fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566 (27 bytes)
  Status: 200
  Content-Length: 27
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566 to the usercache
  lfs: processed: fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566
  lfs: downloaded 2 files (48 bytes)
   song: other deleted -> r
  removing song
   ballad: remote created -> g
  getting ballad
  lfs: found cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 in the local lfs store
   birds: remote created -> g
  getting birds
  lfs: found fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566 in the local lfs store
   pocket: remote created -> g
  getting pocket
  lfs: found 894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777 in the local lfs store
  3 files updated, 0 files merged, 1 files removed, 0 files unresolved
  $ cat ../studio/ballad ../studio/birds ../studio/pocket
  a song of sixpence
  four and twenty blackbirds
  a pocket full of rye

Nothing is left to be sent: no line about it, and no transfer.

  $ hg -R ../studio push ../stage
  pushing to ../stage
  searching for changes
  no changes found
  [1]
  $ hg -R ../studio debuglfsupload --rev 'all()'
  $ cd ..

The server's log of all this:

  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ cat access.log errors.log
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "PUT /.hg/lfs/objects/cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 HTTP/1.1" 201 -
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "GET /.hg/lfs/objects/cfea832156829183ad5edac3618313b40a814584080e531f9ac2dbbd5f48b8f9 HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "PUT /.hg/lfs/objects/894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777 HTTP/1.1" 201 -
  $LOCALIP - - [$LOGDATE$] "PUT /.hg/lfs/objects/fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566 HTTP/1.1" 201 -
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "GET /.hg/lfs/objects/894b82663b41810acde628331f735a08a84a61f2a075b60c7f583a95b9f3b777 HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "GET /.hg/lfs/objects/fa1ac82acc7db7ef2123ecc58bde0779bb3fe2895ae315b331319b1dfd002566 HTTP/1.1" 200 -
  $LOCALIP - - [$LOGDATE$] "POST /.git/info/lfs/objects/batch HTTP/1.1" 200 -
