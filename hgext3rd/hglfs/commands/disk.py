"""Commands that free disk space in a user's repositories and cache."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar, util
from mercurial.i18n import _
from mercurial.utils import dateutil

table: dict = {}
command = registrar.command(table)


@command(
    b'lfs-prune',
    [
        (b'n', b'dry-run', None, _(b'list what would be removed, and remove nothing')),
        (b'', b'verify-remote', True, _(b'remove only what the remote has')),
        (
            b'',
            b'retention',
            b'',
            _(b'keep what changesets of this many days need'),
            _(b'DAYS'),
        ),
        (b'', b'cache', None, _(b"evict blobs from the user's cache instead")),
        (
            b'',
            b'age',
            b'',
            _(b'with --cache: evict what was not used for this many days'),
            _(b'DAYS'),
        ),
        (
            b'',
            b'size',
            b'',
            _(b'with --cache: evict until the cache takes at most this'),
            _(b'SIZE'),
        ),
        (b'', b'all', None, _(b'with --cache: evict all that no repository has')),
        *cmdutil.formatteropts,
    ],
    _(b'[-n] [--retention DAYS] | --cache [-n] [--age DAYS] [--size SIZE] [--all]'),
    helpcategory=command.CATEGORY_MAINTENANCE,
    optionalrepo=True,
)
def lfsprune(ui, repo, **opts):
    """remove local blobs that can be fetched again

    Removes blobs from the store of this repository that it does not need locally. They
    are fetched again when they are needed. These are kept:

    - the blobs of the parents of the working directory, also in shares;
    - the blobs that an unfinished merge, graft, rebase or other operation needs;
    - the blobs of changesets that are not public: drafts, secret ones, shelves, and
      hidden ones;
    - the blobs of recent changesets, which are at most ``--retention`` days old (by
      default ``lfs.prune-retention``, which is 30);
    - the blobs that are named by bundles in ``.hg/strip-backup`` and ``.hg/shelved``,
      and by the lists in ``.hg/lfs/keep``;
    - blobs that the remote does not have. The remote is that of ``lfs.url`` or of the
      default path, and is asked for each blob.

    With ``--no-verify-remote``, the remote is not asked, and only blobs of public
    changesets are removed. Make sure that a server has them: :hg:`phase` can make a
    changeset public that was never pushed.

    A blob in the store and in the user's cache is one file, whose space is free when
    both are removed. With ``--cache``, blobs are evicted from the cache: those that no
    repository has any more, the least recently used first, beyond ``--age`` and
    ``--size``. The defaults of these are ``lfs.usercache-age`` and
    ``lfs.usercache-size``. Blobs used within a day stay, except with ``--all``.
    Blobs that this repository needs, by the list above, are linked into its store
    first. Other repositories may have to fetch blobs again that only the cache had.

    See :hg:`help hglfs.settings` for ``lfs.autoprune``, which does this after updates
    and pushes.

    Examples::

      hg lfs-prune -n                  # what can go, and how much that frees
      hg lfs-prune --retention 90      # keep what the last three months need
      hg lfs-prune --cache --size 20GB # bound the cache of all repositories

    Keywords for ``-T``: ``{oid}``, ``{size}``, ``{path}`` (empty for a blob that is not
    in the history, or of the cache), ``{date}`` (of the last use), ``{deleted}``,
    ``{freed}`` (bytes that are free now, or would be) and ``{cached}`` (bytes of the
    blob that only the cache has now, or would have).

    Returns 0 on success.
    """
    cmdutil.check_at_most_one_arg(opts, 'cache', 'retention')
    for name in ('age', 'size', 'all'):
        if opts[name] and not opts['cache']:
            raise error.InputError(_(b'--%s needs --cache') % pycompat.sysbytes(name))
    if opts['cache']:
        return _evict(ui, repo, opts)
    if repo is None:
        raise error.InputError(
            _(b'no repository found'), hint=_(b"--cache is for the user's cache")
        )
    return _prune(ui, repo, opts)


def _prune(ui, repo, opts) -> int:
    from ..actions import prune
    from ..hg import lfsrepo
    from ..lfs import words

    lfs = lfsrepo.get_if_required(repo)
    delete, verify = not opts['dry_run'], bool(opts['verify_remote'])
    ui.pager(b'lfs-prune')
    with ui.formatter(b'lfs-prune', pycompat.byteskwargs(opts)) as fm:
        total = _Total(delete)
        if lfs is not None:
            retention = _days(opts['retention'], lfs.settings.retention)
            if not verify:
                ui.warn(_(b'warning: no server was asked whether it has the blobs\n'))
            run = prune.Pruning(lfs, prune.Terms(retention, verify, delete))
            for blob in run.run():
                total.add(fm, blob)
            if run.absent:
                one = _(b'%d blob is kept, because the remote does not have it\n')
                many = _(b'%d blobs are kept, because the remote does not have them\n')
                fm.plain(words.plural(run.absent, one, many) % run.absent)
        fm.plain(total.text())
    return 0


def _evict(ui, repo, opts) -> int:
    from ..actions import evict
    from ..hg import lfsrepo, settings

    lfs = lfsrepo.get_if_required(repo) if repo is not None else None
    found = lfs.settings if lfs is not None else settings.read(ui)
    if found.usercache is None:
        raise error.InputError(
            _(b'there is no cache'),
            hint=_(b'it is turned off by experimental.lfs.disableusercache'),
        )
    limits = _limits(opts, found)
    delete = not opts['dry_run']
    ui.pager(b'lfs-prune')
    with ui.formatter(b'lfs-prune', pycompat.byteskwargs(opts)) as fm:
        total = _Total(delete)
        for blob in evict.evict(ui, lfs, limits, delete):
            total.add(fm, blob)
        fm.plain(total.text())
    return 0


def _limits(opts, found):
    """Return the limits for the cache: from the options, else from the settings."""
    from ..lfs.store.eviction import Limits

    age = _days(opts['age'], found.cacheage or None)
    size = found.cachesize or None
    if opts['size']:
        try:
            size = util.sizetoint(opts['size'])
        except error.ParseError as exc:
            raise error.InputError(_(b'not a size: %s') % opts['size']) from exc
    if age is None and size is None and not opts['all']:
        raise error.InputError(
            _(b'the cache has no limits'),
            hint=_(b'give --age, --size or --all, or set lfs.usercache-size'),
        )
    return Limits(age, size, bool(opts['all']))


def _days(text: bytes, default):
    """Convert a duration, by default in days, to seconds.

    Returns ``default`` for an empty text. Raises InputError.
    """
    from ..lfs import duration

    try:
        return duration.parsedays(text) if text else default
    except ValueError as exc:
        raise error.InputError(
            _(b'not a number of days: %s') % text,
            hint=_(b'use a number, or a number and one of s, m, h, d, w'),
        ) from exc


class _Total:
    """Print blobs, and add up their sizes for the summary at the end."""

    def __init__(self, delete: bool) -> None:
        self._delete = delete
        self._count = self._size = self._freed = self._cached = 0

    def add(self, fm, blob) -> None:
        """Print a blob and count it."""
        self._count += 1
        self._size += blob.size
        self._freed += blob.freed
        self._cached += blob.cached
        fm.startitem()
        fm.data(oid=blob.oid, size=blob.size, path=blob.path or None)
        fm.data(deleted=self._delete, freed=blob.freed, cached=blob.cached)
        fm.data(date=fm.formatdate((blob.mtime, 0)))
        day = dateutil.datestr((blob.mtime, 0), b'%Y-%m-%d')
        size = util.bytecount(blob.size)
        line = b'%s  %s  %s  %s' % (blob.oid[:12], day, size, blob.path)
        fm.plain(line.rstrip() + b'\n')

    def text(self) -> bytes:
        """Return the summary of the printed blobs: their number and size."""
        if not self._count:
            return _(b'nothing to remove\n')
        from ..lfs import words

        one = _(b'%d blob can be removed (%s), which frees %s\n')
        many = _(b'%d blobs can be removed (%s), which frees %s\n')
        if self._delete:
            one = _(b'%d blob removed (%s), which freed %s\n')
            many = _(b'%d blobs removed (%s), which freed %s\n')
        text = words.plural(self._count, one, many)
        left = _(b"the cache holds %s: 'hg lfs-prune --cache --all' frees that\n")
        size, freed = util.bytecount(self._size), util.bytecount(self._freed)
        text %= self._count, size, freed
        return text + left % util.bytecount(self._cached) if self._cached else text
