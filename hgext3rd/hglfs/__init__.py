# Copyright the hg-lfs authors
#
# This software may be used and distributed according to the terms of the
# GNU General Public License version 2 or any later version.
"""large files over the Git LFS protocol

Files that a repository tracks as large are committed as *pointers*. Their
content, in *blobs* named by SHA-256, is kept outside of the history and travels
over the Git LFS protocol: to any Git LFS server, or to :hg:`serve` with this
extension enabled. Hashes of changesets are those of a repository without large
files, and repositories are interchangeable with those of Mercurial's own
``lfs`` extension, whose place this one takes.

Which files are large is said by a versioned ``.hglfs`` file in the root of the
working directory::

  [track]
  # the first pattern that matches a file decides
  **.py = none()
  **.zip = all()
  **.bin = size(">1MB")
  ** = size(">10MB")

The left side is a file's extension (``**.bin``) or its place
(``path:some/directory``). The right side is ``all()``, ``none()``, ``size()``,
or filesets joined by operators: see :hg:`help filesets`. The file is a regular one
of at most 1 MiB, without links, and nests no operators more than 100 deep.

Blobs are sent before a push, and fetched in one go where :hg:`update`,
:hg:`cat`, :hg:`archive` and :hg:`revert` need them: from the repository that the
changesets came from, over the same kind of connection, or from where ``lfs.url``
says. A transfer that was broken off, or killed, goes on where it was. A copy of
each blob is kept in a cache that all of a user's repositories share.

A server is kept in order with :hg:`admin::lfs-gc`, :hg:`admin::lfs-scrub`,
:hg:`admin::lfs-stats` and :hg:`admin::lfs-locks`.

Clone bundles, which a server may offer for new clones, are tried one after the other
until one works; only then ``ui.clonebundlefallback`` decides. What has a digest of
SHA-256 is proven before it is applied, and a clone that was broken off, or killed,
goes on with its bundle where it was, for three days.

Files can be locked against changes by others: see :hg:`help lfs-lock`. Locks are
kept where pushes go. A server with locks refuses pushes that change what somebody
else has locked, by what their changesets have, and not by what they claim to change. A
merge may take a file as its owner has changed it, and may not drop that change. What
:hg:`pull` brings to the server itself is not checked.

Over HTTP a user's name is the ``REMOTE_USER`` that the web server in front sets when it
has asked for a password: the examples in ``contrib/deploy`` do. :hg:`serve` by itself
has no users; where everybody may push to it (``web.allow-push = *``), it has no locks,
as clients are told, Git LFS ones too. Over ssh a user's name is
``lfs.user``, else ``$REMOTE_USER``, which a forced command may set
(``command="REMOTE_USER=alice hg-ssh repo"``), else the system's name of the user.
Who may only read (``hg-ssh --read-only``, or any ``pretxnopen`` hook that refuses)
sends no blobs and locks nothing.

Configs::

    [lfs]
    # Where blobs are kept:
    # - http(s)://user:pass@example.com/path: a Git LFS endpoint
    # - ssh://user@example.com/path: a Git LFS server that says over ssh where it is
    # - file:///some/path: a folder
    # - null://: nowhere
    # If unset, a repository that is pulled from or pushed to keeps its blobs
    # itself: over http(s), over ssh, and on the same machine. (default: unset)
    url = https://example.com/repo.git/info/lfs

    # The same for uploads. (default: lfs.url)
    pushurl = https://example.com/repo.git/info/lfs

    # Which files are large, as a fileset; ignored where there is a .hglfs.
    # (default: none())
    track = size(">10M")

    # Files above so many bytes are large, too. (DEPRECATED)
    threshold = 10MB

    # How :hg:`diff` and :hg:`log` show changes of large files: as Mercurial does
    # (``text``), or by their pointers (``summary``). (default: text)
    diff = summary

    # Almost everything is done without reading large files into memory. What
    # can't be (annotate, grep, textual diffs and merges) says so for files above
    # this size. (default: 100MB)
    maxtext = 1GB

    # More endpoints to be asked for what the others don't have. (default: none)
    fallback = https://mirror.example.com/repo.git/info/lfs

    # Your credentials (passwords, client certificates, cookies) are sent to the host
    # and port of the endpoint alone, or of the repository that is cloned; over ssh, to
    # the ssh server. Where its replies name another origin, for blobs, bundles, packs
    # or in a redirect, that one gets the headers that come with its URL and no more,
    # and nothing is prompted for. So it is with the URL that ``git-lfs-authenticate``
    # returns. List the origins here that may have your credentials as well.
    # (default: none)
    trusted-origins = https://blobs.example.com, https://lfs.example.com:8443

    # Over how many connections blobs are moved at once. (default: 8)
    concurrency = 8

    # How many bytes a second transfers may take together. (default: 0, no limit)
    bandwidth = 10MB

    # After how many seconds without a byte a connection is given up; 0 is never.
    # An http.timeout that is set goes before. A custom transfer agent may be silent
    # for as long, and is then ended. (default: 30)
    timeout = 30

    # How many times a broken transfer is tried again. (default: 5)
    retry = 5

    # The cache's folder. (default: a place that the system has for caches)
    usercache = /path/to/global/cache

    # A custom transfer agent of Git LFS: a program that moves blobs in a way of
    # its own, called NAME, and its arguments. It is used where a server chooses
    # that name. (default: unset)
    customtransfer.NAME.path = /path/to/agent
    customtransfer.NAME.args = --some "argument"

    # Whether it may run several times at once. (default: True)
    customtransfer.NAME.concurrent = False

    # What it is for: ``upload``, ``download`` or ``both``. (default: both)
    customtransfer.NAME.direction = download

    # The agent that moves all blobs it is for, without asking any server.
    # (default: unset)
    standalonetransferagent = NAME

    # For servers: how many objects one request may name, how large a file may be
    # that is pushed, over whatever it comes, how many transfers a process does at
    # once, and how many more wait for their turn while others are refused for a while:
    # together fewer than the web server has threads. Mercurial's own client names all
    # the files of a push or an update in one request, and fails where it may not;
    # others split them. What the repository commits or fetches itself may be larger.
    # (default: 100000, and 0 for the others: no limit, and none that wait)
    maxobjects = 100000
    maxsize = 100GB
    maxtransfers = 32
    maxwaiting = 200

    # For servers behind another: have that one send files, by nginx's
    # ``x-accel-redirect`` or Apache's ``x-sendfile``, which files it finds below a
    # folder, and the prefix that it knows the folder by. (default: no)
    offload = x-accel-redirect
    offload-root = /srv/hg
    offload-prefix = /hg-files

    # For servers: give those who may fetch or send an object a token that is good
    # for ten minutes, so that the server in front need not ask for a password for
    # objects again; whoever has neither told who he is nor a token gets none. The
    # keys are in a file that nobody else may read, one a line, newest first.
    # (default: no; .hg/lfs/signing-key)
    signed-actions = yes
    signing-key = /etc/mercurial/lfs-keys

    # Who may read the server's counters, in Prometheus' text format, at
    # ``.hg/lfs/metrics`` below the repository's URL: users, or ``*`` for all who may
    # read the repository. Where it is ``no``, nothing is counted. (default: no)
    metrics = alice, prometheus

    # A file to which the server adds a line for each object that it sends or gets:
    # time (UTC), user, operation, object id, bytes, seconds, status, address. The
    # same, without the time, is logged as ``hglfs``, for the blackbox extension.
    # (default: unset)
    accesslog = /var/log/hg/lfs.log

    # Whether pushes are refused that change files which others have locked; for
    # servers, as the next three. (default: True)
    enforcelocks = True

    # Who may end the locks of others. On the server itself
    # :hg:`admin::lfs-locks --break` can. (default: unset, whoever may push)
    lockadmins = alice, bob

    # How many locks one user may have. (default: 10000; 0 is no limit)
    maxlocks = 10000

    # The name of whoever comes over ssh. (default: unset)
    user = alice

    # Whether a repository refuses changesets whose blobs it does not hold, and which
    # therefore have to be sent before: ``yes`` for whatever is pushed to it and for
    # :hg:`unbundle`, ``no`` for nothing, ``auto`` for what is pushed over http and
    # ssh, unless an lfs.url says that its blobs are elsewhere. Pulls bring no blobs,
    # and are never refused. (default: auto)
    requireblobs = yes

    [paths]
    # The endpoint for one path.
    default = https://example.com/repo
    default:lfs.url = https://lfs.example.com/repo

    [experimental]
    # Whether hg serve and hgweb serve blobs. (default: True)
    lfs.serve = True

    # Whether repositories keep their blobs to themselves. (default: False)
    lfs.disableusercache = False

    # Whether blobs may be moved by several workers, and by what is newer than basic
    # transfers. If not, they go one by one. (default: True)
    lfs.worker-enable = True

    # What the client calls itself to servers. (default: like git-lfs)
    lfs.user-agent = example/1.0

A server can have clones begin with *clone bundles*: files made in advance, which
cost it next to nothing. In the ``hgrc`` of a repository on the server::

    [clone-bundles]
    auto-generate.formats = zstd-v2, gzip-v2
    auto-generate.on-change = yes

From then on they are made in the background, after a push, when they are worth it.
:hg:`admin::clone-bundles-refresh` makes them now, :hg:`admin::clone-bundles-status`
tells how they are, and :hg:`admin::clone-bundles-clear` removes them. Lines that
somebody writes into ``.hg/clonebundles.manifest`` are advertised, too. Nothing but
public changesets gets into a bundle. There is no need for Mercurial's own
``clonebundles`` extension, whose place this one takes.

Configs::

    [clone-bundles]
    # Which bundles are made: see :hg:`help bundlespec`. (default: none)
    auto-generate.formats = zstd-v2, gzip-v2, none-streamv2

    # Whether they are made by themselves when the repository has changed.
    # (default: False)
    auto-generate.on-change = yes

    # For how many seconds the repository has to be quiet before. (default: 5)
    auto-generate.delay = 5

    # A new bundle is worth it where the last has less than this part of the
    # changesets, or lacks so many of them. (default: 0.95, 1000)
    trigger.below-bundled-ratio = 0.95
    trigger.revs = 1000

    # So it is where the last lacks about so many bytes, or where so many clones had
    # to fetch what it lacks. (default: 0, never)
    trigger.bytes = 100MB
    trigger.clones = 50

    # Whether large files come in *packs*, too: files of up to a gigabyte that hold many
    # of them. ``auto`` packs the large files of what a clone checks out, a revset those
    # of other changesets; in any case, public ones. Clients with hg-lfs use packs, from
    # any place but ``inline``. (default: no)
    blobs = auto

    # Packs are added to where they have less than this part of these files' bytes, and
    # made anew where half of one is of no use any more. (default: 0.9)
    trigger.below-packed-ratio = 0.9

    # Where bundles are published, the best place first:
    # - store: among the repository's blobs, for whoever clones over http(s); where not
    #   everybody may read the repository, lfs.signed-actions has to be on
    # - inline: sent over the connection that is cloned over, for ssh, too
    # - any other name: as the items with that name say
    # (default: store, inline)
    publish = NAME, inline

    # A folder that a web server serves, or shell commands that upload and delete a
    # bundle. They have $HGCB_BUNDLE_PATH, $HGCB_BUNDLE_BASENAME, $HGCB_BUNDLE_URL.
    publish.NAME.directory = /srv/bundles
    publish.NAME.upload-command = scp $HGCB_BUNDLE_PATH host:$HGCB_BUNDLE_BASENAME
    publish.NAME.delete-command = ssh host rm -f $HGCB_BUNDLE_BASENAME

    # Where clients find the bundles. It must not redirect them.
    publish.NAME.url-template = https://bundles.example.com/{basename}

    # What clients are told of the place.
    publish.NAME.attributes = region=eu

    # Only ``inline``, as with Mercurial's own extension. (default: False)
    auto-generate.serve-inline = yes

    # Only a place that has these, as with Mercurial's own extension.
    upload-command = scp $HGCB_BUNDLE_PATH host:$HGCB_BUNDLE_BASENAME
    delete-command = ssh host rm -f $HGCB_BUNDLE_BASENAME
    url-template = https://bundles.example.com/{basename}

    # In which region clients are, by their addresses. They are told of bundles with
    # the same ``region`` first. (default: none)
    regions = 192.0.2.0/24=eu, 2001:db8::/32=us

    # How many increments there may be: what has come since is then published in a
    # small bundle, until there are so many, or they are larger than half the first.
    # Clients with hg-lfs apply one after the other, and others pull what is in them.
    # Streams have none. (default: 8; with 0 bundles are always made anew)
    chain-length = 8

    # Whether all who pull may get increments instead of an answer that is made for
    # them, by way of ``.hg/pullbundles.manifest``; only of those published at
    # ``store`` or ``inline``. Mercurial forgets about bookmarks in such a pull: they
    # come with the next one. (default: False)
    pullbundles = yes

    # For how many seconds a bundle that was replaced is kept, for those who are
    # downloading it. (default: 86400, a day)
    grace = 86400

    [ui]
    # Whether those who clone without the bundles are told of them. (default: True)
    clonebundleadvertise = False
"""

from __future__ import annotations

from mercurial import encoding

from . import wrap
from .commands import cmdtable
from .hg import stockext
from .hg.config import configtable
from .lfs import words
from .metadata import __version__, minimumhgversion, testedwith

__all__ = [
    '__version__',
    'cmdtable',
    'configtable',
    'minimumhgversion',
    'testedwith',
]


def uisetup(ui):
    words.local = _encoding
    wrap.install(ui)


def _encoding():
    return encoding.encoding.decode('ascii')


def reposetup(ui, repo):
    from .actions import setup

    hooks = setup.Hooks(checkrequireslfs, _bundleschanged, _prefetch)
    setup.opened(ui, repo, hooks)


def _bundleschanged(ui, repo, **kwargs):
    from .clonebundles.server import start

    start.changed(ui, repo)


def _prefetch(lfsrepo, refs):
    from .clonebundles.client import prefetch

    prefetch.fetch(lfsrepo, refs)


def featuresetup(ui, supported):
    """Declare the ``lfs`` requirement as supported."""
    supported |= {b'lfs'}


def checkrequireslfs(ui, repo, **kwargs):
    """Add the ``lfs`` requirement if the incoming changegroup has large files."""
    from .actions import requirement

    requirement.received(repo)


# hooks are shown with their module: keep that of stock lfs
checkrequireslfs.__module__ = 'hgext.lfs'


def wrapfilelog(filelog):
    """Wrap a filelog class of another extension; called by remotefilelog."""
    from .wrap.history import filelog as wrapped

    wrapped.wrapshallow(filelog)


stockext.take_over()
