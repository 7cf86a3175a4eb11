"""Every configuration item, declared once: (section, name, default).

A name with a star is a pattern, for the items that users name themselves.
"""

from __future__ import annotations

from mercurial import registrar

ITEMS = (
    # URL of the Git LFS endpoint; unset: derived from the peer's URL
    (b'lfs', b'url', None),
    # URL of the endpoint for uploads; unset: lfs.url
    (b'lfs', b'pushurl', None),
    # folder of the cache that all of a user's repositories share
    (b'lfs', b'usercache', None),
    # which files are large, where there is no .hglfs: a fileset expression
    (b'lfs', b'track', b'none()'),
    # deprecated: files above so many bytes are large as well
    (b'lfs', b'threshold', None),
    # how hg diff and hg log show large files: their text, or a "summary"
    (b'lfs', b'diff', b'text'),
    # bytes of a file from which it is told that it has to be in memory
    (b'lfs', b'maxtext', b'100MB'),
    # origins that get the user's credentials where a server names them
    (b'lfs', b'trusted-origins', list),
    # how many times a broken transfer is tried again
    (b'lfs', b'retry', 5),
    # over how many connections blobs are moved at once
    (b'lfs', b'concurrency', 8),
    # seconds without a byte, or an agent's word, until either is given up; 0: never
    (b'lfs', b'timeout', 30),
    # bytes a second that transfers may take together; 0: no limit
    (b'lfs', b'bandwidth', b'0'),
    # URLs of endpoints that are asked for what the others lack
    (b'lfs', b'fallback', list),
    # a program that moves blobs, and its arguments as in a shell
    (b'lfs', b'customtransfer.*.path', None),
    (b'lfs', b'customtransfer.*.args', b''),
    # whether the program may run several times at once
    (b'lfs', b'customtransfer.*.concurrent', True),
    # what it is for: upload, download, both
    (b'lfs', b'customtransfer.*.direction', b'both'),
    # which of these programs moves all blobs, without any server
    (b'lfs', b'standalonetransferagent', None),
    # how many objects one request to the server may name; 0: no limit
    (b'lfs', b'maxobjects', 100000),
    # bytes of the largest file that the server takes, by whatever route; 0: no limit
    (b'lfs', b'maxsize', b'0'),
    # how many transfers a process of the server does at once; 0: no limit
    (b'lfs', b'maxtransfers', 0),
    # how many more wait for up to 20 seconds before they have to come again
    (b'lfs', b'maxwaiting', 0),
    # who sends files: the server (no), or the one in front by "x-accel-redirect"
    # (nginx) or "x-sendfile" (Apache)
    (b'lfs', b'offload', b'no'),
    # what the one in front puts before a file's path; unset: its whole path is sent
    (b'lfs', b'offload-prefix', b''),
    # below which folder the one in front finds files, and what the prefix is for
    (b'lfs', b'offload-root', b'/'),
    # whether a batch reply's actions carry a token for who may use them
    (b'lfs', b'signed-actions', False),
    # the file with the keys of tokens; unset: .hg/lfs/signing-key
    (b'lfs', b'signing-key', None),
    # who may read counters at .hg/lfs/metrics: users, or * for all who may read
    (b'lfs', b'metrics', b'no'),
    # a file that gets a line for each object that the server moves
    (b'lfs', b'accesslog', None),
    # whether pushes are refused that change files which others have locked
    (b'lfs', b'enforcelocks', True),
    # who may end the locks of others; unset: whoever may push
    (b'lfs', b'lockadmins', list),
    # how many locks one user may have; 0: no limit
    (b'lfs', b'maxlocks', 10000),
    # the owner of what is locked over ssh; unset: $REMOTE_USER, or the system's user
    (b'lfs', b'user', None),
    # whether changesets come in only after their blobs; auto: those that are pushed
    # over http and ssh, where no lfs.url is set
    (b'lfs', b'requireblobs', b'auto'),
    # whether hgweb serves blobs
    (b'experimental', b'lfs.serve', True),
    # what the client calls itself to servers; unset: like git-lfs
    (b'experimental', b'lfs.user-agent', None),
    # whether repositories keep their blobs to themselves
    (b'experimental', b'lfs.disableusercache', False),
    # whether blobs are moved by several workers at once
    (b'experimental', b'lfs.worker-enable', True),
    # whether who clones without the bundles that there are is told of them
    (b'ui', b'clonebundleadvertise', True),
    # bundle specifications of the bundles to be made
    (b'clone-bundles', b'auto-generate.formats', list),
    # whether they are made anew by themselves when the repository changes
    (b'clone-bundles', b'auto-generate.on-change', False),
    # whether they are sent over Mercurial's own connection
    (b'clone-bundles', b'auto-generate.serve-inline', False),
    # for how many seconds the repository has to be quiet before they are made
    (b'clone-bundles', b'auto-generate.delay', 5),
    # a bundle with less than this part of all changesets is made anew
    (b'clone-bundles', b'trigger.below-bundled-ratio', 0.95),
    # so is one that lacks so many changesets
    (b'clone-bundles', b'trigger.revs', 1000),
    # and one that lacks so many bytes, by an estimate; 0: never
    (b'clone-bundles', b'trigger.bytes', b'0'),
    # and one that lacked anything for so many clones; 0: never
    (b'clone-bundles', b'trigger.clones', 0),
    # whether packs of large files are made, too: those of what a clone checks out
    # (auto), or of the changesets that a revset names
    (b'clone-bundles', b'blobs', b'no'),
    # packs that have less than this part of these files' bytes are added to
    (b'clone-bundles', b'trigger.below-packed-ratio', 0.9),
    # names of where bundles are published; unset: as the items below say
    (b'clone-bundles', b'publish', list),
    # a folder that a web server serves, for the destination of that name
    (b'clone-bundles', b'publish.*.directory', None),
    # shell commands by which bundles get to the destination, and away
    (b'clone-bundles', b'publish.*.upload-command', None),
    (b'clone-bundles', b'publish.*.delete-command', None),
    # URL of a bundle there, with {basename} in it
    (b'clone-bundles', b'publish.*.url-template', None),
    # what clients are told of the destination: key=value
    (b'clone-bundles', b'publish.*.attributes', list),
    # the same for the destination "command", as in Mercurial's own clonebundles
    (b'clone-bundles', b'upload-command', None),
    (b'clone-bundles', b'delete-command', None),
    (b'clone-bundles', b'url-template', None),
    # regions of clients: NETWORK=NAME
    (b'clone-bundles', b'regions', list),
    # how many increments may go on where a bundle ends; 0: bundles are made anew
    (b'clone-bundles', b'chain-length', 8),
    # whether increments are pull bundles, too
    (b'clone-bundles', b'pullbundles', False),
    # for how many seconds a bundle is kept after it was replaced
    (b'clone-bundles', b'grace', 86400),
)

configtable: dict[bytes, object] = {}


def _declare() -> None:
    item = registrar.configitem(configtable)
    for section, name, default in ITEMS:
        item(section, name, default=default, generic=b'*' in name)


_declare()
