"""The declarations of all configuration items: (section, name, default).

A name with ``*`` is a pattern, for items whose names users choose.
"""

from __future__ import annotations

from mercurial import error, registrar
from mercurial.i18n import _

ITEMS = (
    # URL of the Git LFS endpoint; unset: derived from the peer's URL
    (b'lfs', b'url', None),
    # URL of the endpoint for uploads; unset: lfs.url
    (b'lfs', b'pushurl', None),
    # directory of the cache that all of a user's repositories share
    (b'lfs', b'usercache', None),
    # size in bytes above which blobs that no repository has are evicted from it; 0:
    # no limit
    (b'lfs', b'usercache-size', b'0'),
    # days without use after which blobs that no repository has are evicted; 0: no limit
    (b'lfs', b'usercache-age', b'0'),
    # whether updates and pushes remove blobs that the remote has, too
    (b'lfs', b'autoprune', False),
    # days for which the blobs of a changeset are not pruned
    (b'lfs', b'prune-retention', b'30'),
    # which files are large, without a .hglfs file: a fileset expression
    (b'lfs', b'track', b'none()'),
    # deprecated: files above this size in bytes are large, too
    (b'lfs', b'threshold', None),
    # size in bytes above which a commit warns of an added file that no rule matches;
    # 0: never; unset: ui.large-file-limit
    (b'lfs', b'warnsize', None),
    # how hg diff and hg log show large files: "text", or "summary" for their pointers
    (b'lfs', b'diff', b'text'),
    # what hg verify does about blobs that are missing: "fetch", or "local" to skip them
    (b'lfs', b'verify', b'fetch'),
    # size in bytes above which reading a whole file into memory is warned about
    (b'lfs', b'maxtext', b'100MB'),
    # origins that get the user's credentials when a server refers to them
    (b'lfs', b'trusted-origins', list),
    # number of retries of a failed transfer
    (b'lfs', b'retry', 5),
    # number of parallel connections for transfers
    (b'lfs', b'concurrency', 8),
    # seconds without data until a connection or an agent times out; 0: never
    (b'lfs', b'timeout', 30),
    # bytes per second of all transfers together; 0: no limit
    (b'lfs', b'bandwidth', b'0'),
    # URLs of endpoints for downloads of blobs that the others do not have
    (b'lfs', b'fallback', list),
    # patterns of the files whose content checkouts fetch; none: all files
    (b'lfs', b'fetchinclude', list),
    # patterns of the files whose content checkouts do not fetch
    (b'lfs', b'fetchexclude', list),
    # what checkouts write for large files: their "content", or "pointers"
    (b'lfs', b'checkout', b'content'),
    # what happens when no remote has a blob: "abort", or go on with a "placeholder"
    (b'lfs', b'missing', b'abort'),
    # a custom transfer agent, and its arguments, quoted as in a shell
    (b'lfs', b'customtransfer.*.path', None),
    (b'lfs', b'customtransfer.*.args', b''),
    # whether several processes of the agent may run at once
    (b'lfs', b'customtransfer.*.concurrent', True),
    # what the agent is used for: upload, download or both
    (b'lfs', b'customtransfer.*.direction', b'both'),
    # name of the agent that transfers all blobs, without an LFS server
    (b'lfs', b'standalonetransferagent', None),
    # server: maximum number of objects in a batch request; 0: no limit
    (b'lfs', b'maxobjects', 100000),
    # server: maximum size of a received blob in bytes; 0: no limit
    (b'lfs', b'maxsize', b'0'),
    # server: maximum size in bytes of a received file that is not large; 0: no limit
    (b'lfs', b'maxplainsize', b'0'),
    # server: maximum number of parallel transfers of a process; 0: no limit
    (b'lfs', b'maxtransfers', 0),
    # server: how many more transfers may wait, for up to 20 seconds
    (b'lfs', b'maxwaiting', 0),
    # server: whether the web server in front sends files: "no", "x-accel-redirect"
    # (nginx) or "x-sendfile" (Apache)
    (b'lfs', b'offload', b'no'),
    # server: replaces offload-root in a file's path; unset: the whole path is sent
    (b'lfs', b'offload-prefix', b''),
    # server: only files below this directory are sent by the web server in front
    (b'lfs', b'offload-root', b'/'),
    # server: whether a batch reply's actions carry a signed token
    (b'lfs', b'signed-actions', False),
    # server: the file with the keys of tokens; unset: .hg/lfs/signing-key
    (b'lfs', b'signing-key', None),
    # server: users who may read .hg/lfs/metrics; "*": all who may read the repository
    (b'lfs', b'metrics', b'no'),
    # server: a log file with a line for each transferred object
    (b'lfs', b'accesslog', None),
    # server: whether to refuse pushes that change files locked by other users
    (b'lfs', b'enforcelocks', True),
    # server: users who may remove locks of others; unset: all who may push
    (b'lfs', b'lockadmins', list),
    # server: maximum number of locks of one user; 0: no limit
    (b'lfs', b'maxlocks', 10000),
    # server: user name over ssh; unset: $REMOTE_USER, else the system's user
    (b'lfs', b'user', None),
    # server: whether to refuse changesets whose blobs are missing; auto: those pushed
    # over http and ssh, unless lfs.url is set
    (b'lfs', b'requireblobs', b'auto'),
    # server: whether hgweb serves blobs
    (b'experimental', b'lfs.serve', True),
    # User-Agent header of the client; unset: like git-lfs
    (b'experimental', b'lfs.user-agent', None),
    # whether to do without the cache
    (b'experimental', b'lfs.disableusercache', False),
    # whether transfers run in parallel, and may use other adapters than basic
    (b'experimental', b'lfs.worker-enable', True),
    # whether the server advertises clone bundles to clients that clone without them
    (b'ui', b'clonebundleadvertise', True),
    # bundle specifications of the bundles to generate
    (b'clone-bundles', b'auto-generate.formats', list),
    # whether to generate them automatically when the repository has changed
    (b'clone-bundles', b'auto-generate.on-change', False),
    # whether to send them inline, over Mercurial's own connection
    (b'clone-bundles', b'auto-generate.serve-inline', False),
    # seconds without changes before they are generated
    (b'clone-bundles', b'auto-generate.delay', 5),
    # generate a bundle again when it has less than this fraction of all changesets,
    (b'clone-bundles', b'trigger.below-bundled-ratio', 0.95),
    # or lacks this many changesets,
    (b'clone-bundles', b'trigger.revs', 1000),
    # or lacks an estimated number of bytes (0: never),
    (b'clone-bundles', b'trigger.bytes', b'0'),
    # or was incomplete for this many clones (0: never)
    (b'clone-bundles', b'trigger.clones', 0),
    # whether to generate packs of blobs: of the files that a clone checks out ("auto"),
    # or of the changesets that a revset selects
    (b'clone-bundles', b'blobs', b'no'),
    # generate another pack when packs have less than this fraction of the blobs' bytes
    (b'clone-bundles', b'trigger.below-packed-ratio', 0.9),
    # destinations of bundles: "store", "inline", or names; unset: see the items below
    (b'clone-bundles', b'publish', list),
    # for a named destination: a directory that a web server serves
    (b'clone-bundles', b'publish.*.directory', None),
    # or shell commands that upload and delete a bundle
    (b'clone-bundles', b'publish.*.upload-command', None),
    (b'clone-bundles', b'publish.*.delete-command', None),
    # URL of a bundle there, with {basename}
    (b'clone-bundles', b'publish.*.url-template', None),
    # attributes of the destination in the manifest: key=value
    (b'clone-bundles', b'publish.*.attributes', list),
    # the same for the destination "command", as in stock clonebundles
    (b'clone-bundles', b'upload-command', None),
    (b'clone-bundles', b'delete-command', None),
    (b'clone-bundles', b'url-template', None),
    # regions of clients by their addresses: NETWORK=NAME
    (b'clone-bundles', b'regions', list),
    # maximum number of increments to a bundle; 0: always generate whole bundles
    (b'clone-bundles', b'chain-length', 8),
    # whether to serve increments as pull bundles, too
    (b'clone-bundles', b'pullbundles', False),
    # seconds that a replaced bundle is kept
    (b'clone-bundles', b'grace', 86400),
)

configtable: dict[bytes, object] = {}


def _declare() -> None:
    item = registrar.configitem(configtable)
    for section, name, default in ITEMS:
        item(section, name, default=default, generic=b'*' in name)


_declare()


def choice(ui, name: bytes, values: tuple[bytes, ...]) -> bytes:
    """Return an item of ``[lfs]``; raise ConfigError if it is not in ``values``."""
    value = ui.config(b'lfs', name)
    if value not in values:
        raise error.ConfigError(
            _(b'lfs.%s must be one of %s, not %s') % (name, b', '.join(values), value)
        )
    return value
