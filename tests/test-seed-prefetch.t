Commands that read many files request their blobs once, together.

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
  $ echo 'salt' > salt
  $ echo 'salt' > seasalt
  $ echo 'pepper' > pepper
  $ echo 'mustard seed' > mustard
  $ hg commit -Aqm 'spices'
  $ echo 'white pepper' > pepper
  $ hg commit -qm 'another pepper'
  $ hg push -q ../server

archive:

  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ hg archive --debug -r 0 ../archive
  http auth: user ann, password ******
  http auth: user ann, password ******
  Status: 200
  Content-Length: 986
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6"
          }
        }
        "oid": "06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6"
        "size": 5
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a"
          }
        }
        "oid": "19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a"
        "size": 13
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b"
          }
        }
        "oid": "f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b"
        "size": 7
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 3 objects (25 bytes)
  lfs: downloading 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 (5 bytes)
  Status: 200
  Content-Length: 5
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 to the usercache
  lfs: processed: 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6
  lfs: downloading 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a (13 bytes)
  Status: 200
  Content-Length: 13
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a to the usercache
  lfs: processed: 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a
  lfs: downloading f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b (7 bytes)
  Status: 200
  Content-Length: 7
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b to the usercache
  lfs: processed: f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b
  lfs: downloaded 3 files (25 bytes)
  lfs: found 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a in the local lfs store
  lfs: found f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b in the local lfs store
  lfs: found 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 in the local lfs store
  lfs: found 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 in the local lfs store
  $ find ../archive -type f | sort
  ../archive/.hg_archival.txt
  ../archive/mustard
  ../archive/pepper
  ../archive/salt
  ../archive/seasalt
  $ cat ../archive/seasalt
  salt

cat:

  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ hg cat --debug -r 0 salt seasalt pepper nosuch
  http auth: user ann, password ******
  http auth: user ann, password ******
  Status: 200
  Content-Length: 668
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6"
          }
        }
        "oid": "06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6"
        "size": 5
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b"
          }
        }
        "oid": "f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b"
        "size": 7
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 2 objects (12 bytes)
  lfs: downloading 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 (5 bytes)
  Status: 200
  Content-Length: 5
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 to the usercache
  lfs: processed: 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6
  lfs: downloading f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b (7 bytes)
  Status: 200
  Content-Length: 7
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b to the usercache
  lfs: processed: f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b
  lfs: downloaded 2 files (12 bytes)
  lfs: found f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b in the local lfs store
  pepper
  lfs: found 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 in the local lfs store
  salt
  lfs: found 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 in the local lfs store
  salt
  nosuch: no such file in rev f1bdf082d3b9
  $ hg cat -r 0 nosuch
  nosuch: no such file in rev * (glob)
  [1]

revert:

  $ rm -r .hg/store/lfs `hg config lfs.usercache`
  $ rm salt mustard
  $ hg revert --all -r 0 --debug
  http auth: user ann, password ******
  http auth: user ann, password ******
  Status: 200
  Content-Length: 986
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
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6"
          }
        }
        "oid": "06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6"
        "size": 5
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a"
          }
        }
        "oid": "19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a"
        "size": 13
      }
      {
        "actions": {
          "download": {
            "expires_at": "$ISO_8601_DATE_TIME$"
            "header": {
              "Accept": "application/vnd.git-lfs"
            }
            "href": "http://localhost:$HGPORT/.hg/lfs/objects/f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b"
          }
        }
        "oid": "f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b"
        "size": 7
      }
    ]
    "transfer": "basic"
  }
  lfs: need to transfer 3 objects (25 bytes)
  lfs: downloading 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 (5 bytes)
  Status: 200
  Content-Length: 5
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 to the usercache
  lfs: processed: 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6
  lfs: downloading 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a (13 bytes)
  Status: 200
  Content-Length: 13
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a to the usercache
  lfs: processed: 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a
  lfs: downloading f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b (7 bytes)
  Status: 200
  Content-Length: 7
  Content-Type: application/octet-stream
  Date: $HTTP_DATE$
  Server: testing stub value
  lfs: adding f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b to the usercache
  lfs: processed: f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b
  lfs: downloaded 3 files (25 bytes)
  reverting mustard
  lfs: found 19845546ab332500fd188c0c21a7cf0c90ea9045f96c35f0dc6c7fa8ac33606a in the local lfs store
  reverting pepper
  lfs: found f44eb291149cb8bd1441bdfa5aa57e9807d03074a5245f666ebec1188330983b in the local lfs store
  reverting salt
  lfs: found 06a4b397fc7045eac527c2aec3ff46cee5ce30016c760f238c26e79902fe67b6 in the local lfs store
  $ cat salt seasalt pepper mustard
  salt
  salt
  pepper
  mustard seed
  $ cd ..
  $ "$PYTHON" $RUNTESTDIR/killdaemons.py $DAEMON_PIDS
  $ grep -c POST access.log
  4
  $ cat errors.log
