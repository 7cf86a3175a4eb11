"""The commands about a repository's own blobs, and the cache."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar, util
from mercurial.i18n import _
from mercurial.utils import dateutil

table: dict = {}
command = registrar.command(table)

#: How many of the largest blobs `hg admin::lfs-stats` lists.
_LARGEST = 10


@command(
    b'admin::lfs-gc',
    [
        (
            b'',
            b'grace',
            b'14d',
            _(b'keep what changed within this time (s, m, h, d or w)'),
            _(b'DURATION'),
        ),
        (b'', b'delete', None, _(b'remove the blobs, instead of telling which')),
        (
            b'',
            b'forget',
            [],
            _(b'remove a share that is gone for good from those that keep blobs'),
            _(b'PATH'),
        ),
        *cmdutil.formatteropts,
    ],
    _(b'[--grace DURATION] [--delete] | --forget PATH...'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsgc(ui, repo, **opts):
    """remove blobs that nothing refers to

    Without --delete it is only told which would go. They are those in the
    repository's own store that are older than a grace period (14 days, unless said
    otherwise), and that are named by:

    - no revision of any file, hidden and secret ones included;
    - no bundle in ``.hg/strip-backup``, ``.hg/shelved`` or ``.hg/shelve-backup``,
      here or in any share of the repository;
    - no list in ``.hg/lfs/keep``, whose files have an object id a line.

    It may run while others push: they send blobs before the changesets that name
    them, and a blob that is asked about counts as new again, once a day. With a
    grace period of less than two days nobody should push meanwhile.

    Shares are registered in ``.hg/lfs/shares`` when they are opened. Where one can't
    be read, because its disk is not mounted or because it was deleted, its bundles
    are unknown, and no blob is removed: the command stops and names it. Mount the
    disk; or, if the share is gone for good, remove it from the list::

      hg admin::lfs-gc --forget /path/to/share

    Copies in the caches of users are left alone: they are not the repository's. A
    share that was last opened before hg-lfs was enabled is not known; neither are
    bundles that somebody keeps elsewhere.
    """
    cmdutil.check_incompatible_arguments(opts, 'forget', ['delete'])
    from ..actions.maintenance import gc
    from ..hg import lfsrepo
    from ..lfs import duration

    lfs = lfsrepo.get(repo)
    if lfs and opts['forget']:
        return _forget(ui, lfs, opts['forget'])
    try:
        grace = duration.parse(opts['grace'])
    except ValueError as exc:
        raise error.InputError(
            _(b'not a duration: %s') % opts['grace'],
            hint=_(b'use a number and one of s, m, h, d, w; such as 14d'),
        ) from exc
    delete = bool(opts['delete'])
    count = size = 0
    ui.pager(b'lfs-gc')
    with ui.formatter(b'lfs-gc', pycompat.byteskwargs(opts)) as fm:
        for blob in gc.collect(lfs, grace, delete) if lfs else ():
            count, size = count + 1, size + blob.size
            _showremoved(fm, blob, delete)
        fm.plain(_summary(delete, count, util.bytecount(size)))
    return 0


def _forget(ui, lfs, names) -> int:
    from ..actions.maintenance import shares

    for root in shares.forget(lfs, names):
        ui.status(_(b'forgot the share %s\n') % root)
    return 0


def _showremoved(fm, blob, deleted: bool) -> None:
    fm.startitem()
    fm.data(oid=blob.oid, size=blob.size, deleted=deleted)
    fm.data(date=fm.formatdate((blob.mtime, 0)))
    day = dateutil.datestr((blob.mtime, 0), b'%Y-%m-%d')
    fm.plain(b'%s  %s  %s\n' % (blob.oid, day, util.bytecount(blob.size)))


def _summary(delete: bool, count: int, size: bytes) -> bytes:
    if not count:
        return _(b'nothing to remove\n')
    if delete:
        return _(b'%d blobs removed (%s)\n') % (count, size)
    return _(b'%d blobs (%s) could go; use --delete to remove them\n') % (count, size)


@command(
    b'admin::lfs-scrub',
    [
        (
            b'',
            b'rate',
            b'50MB',
            _(b'read so many bytes a second at the most; 0 is no limit'),
            _(b'SIZE'),
        ),
        (b'', b'restart', None, _(b'begin anew, where the last run was ended early')),
        *cmdutil.formatteropts,
    ],
    _(b'[--rate SIZE] [--restart]'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsscrub(ui, repo, **opts):
    """read all blobs again and put aside those that are damaged

    Reads the repository's own store at a limited rate. A blob that is not what its
    name says is moved to ``.hg/lfs/quarantine``, so that it isn't handed out, and
    can be sent again. Where the user's cache has a sound copy, that takes its place.
    For each the files and changesets are told that it belongs to.

    A run that is ended early, or killed, is gone on with by the next.

    To mend what is damaged, push it again from a clone that has it, with
    :hg:`debuglfsupload -r REV`, where REV is a changeset that is told here.

    Returns 0 if all blobs are sound, or could be repaired, 1 if damage remains.
    """
    from ..actions.maintenance import scrub
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo)
    try:
        rate = util.sizetoint(opts['rate'])
    except error.ParseError as exc:
        raise error.InputError(_(b'not a size: %s') % opts['rate']) from exc
    remains = False
    with ui.formatter(b'lfs-scrub', pycompat.byteskwargs(opts)) as fm:
        for damage in scrub.scrub(lfs, rate, bool(opts['restart'])) if lfs else ():
            remains = remains or damage.state != scrub.REPAIRED
            _showdamage(fm, scrub, lfs, damage)
    return 1 if remains else 0


def _showdamage(fm, scrub, lfs, damage) -> None:
    fm.startitem()
    fm.data(oid=damage.oid, state=damage.state)
    fm.plain(b'%s: %s\n' % (damage.oid, damage.state))
    nested = fm.nested(b'files')
    for reference in damage.files:
        node = scrub.changeset(lfs, reference)
        nested.startitem()
        nested.data(path=reference.path, node=node)
        nested.plain(_(b'  %s in %s\n') % (reference.path, node[:12]))
    nested.end()


@command(
    b'admin::lfs-stats',
    cmdutil.formatteropts,
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsstats(ui, repo, **opts):
    """tell how many blobs there are, and how they grow

    It is about the repository's own store. A blob counts in the month of the oldest
    changeset that names it. Those that the history doesn't name may be on their way,
    or in a bundle that was put by: see :hg:`help admin::lfs-gc`.
    """
    from ..actions.maintenance import stats
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo)
    found = stats.gather(lfs, _LARGEST) if lfs else stats.Stats()
    with ui.formatter(b'lfs-stats', pycompat.byteskwargs(opts)) as fm:
        fm.startitem()
        for name, label, amount in (
            (b'', _(b'objects:'), found.held),
            (b'linked', _(b'linked elsewhere:'), found.linked),
            (b'unreferenced', _(b'not in history:'), found.unreferenced),
            (b'absent', _(b'not here:'), found.absent),
            (b'partial', _(b'unfinished:'), found.partial),
            (b'quarantined', _(b'quarantined:'), found.quarantined),
        ):
            _amount(fm, name, label, amount)
        _largest(fm, found.largest)
        _months(fm, found.months)
    return 0


def _amount(fm, name: bytes, label: bytes, amount) -> None:
    for unit, number in ((b'objects', amount.objects), (b'bytes', amount.bytes)):
        key = name + unit if not name else b'%s_%s' % (name, unit)
        fm.data(**{pycompat.sysstr(key): number})
    size = util.bytecount(amount.bytes)
    fm.plain(b'%-17s %d (%s)\n' % (label, amount.objects, size))


def _largest(fm, largest) -> None:
    nested = fm.nested(b'largest')
    if largest:
        fm.plain(_(b'largest:\n'))
    for big in largest:
        nested.startitem()
        nested.data(oid=big.oid, bytes=big.size, path=big.path)
        name = big.path or _(b'(not in history)')
        nested.plain(b'  %s %s %s\n' % (big.oid[:12], util.bytecount(big.size), name))
    nested.end()


def _months(fm, months) -> None:
    nested = fm.nested(b'months')
    if months:
        fm.plain(_(b'growth:\n'))
    for month, amount in months.items():
        nested.startitem()
        nested.data(month=month, objects=amount.objects, bytes=amount.bytes)
        size = util.bytecount(amount.bytes)
        nested.plain(b'  %s %d (%s)\n' % (month, amount.objects, size))
    nested.end()


@command(b'debug::lfs-local-cache', cmdutil.formatteropts)
def locallfscache(ui, repo, **opts):
    """print information about the local blob cache"""
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo)
    path = lfs.settings.usercache if lfs else None
    enabled = b'yes' if path else b'no'
    with ui.formatter(b'lfs-local-cache', pycompat.byteskwargs(opts)) as fm:
        fm.startitem()
        fm.data(path=path or b'', enabled=enabled)
        fm.plain(_(b'path:    %s\n') % (path or _(b'(unknown)')))
        fm.plain(_(b'enabled: %s\n') % enabled)
    return 0
