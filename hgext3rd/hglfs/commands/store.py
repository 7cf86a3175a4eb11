"""Commands that clean up, verify and count a store, or show the cache."""

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
            _(b'keep blobs newer than this (s, m, h, d or w)'),
            _(b'DURATION'),
        ),
        (b'', b'delete', None, _(b'remove the blobs (default: only list them)')),
        (
            b'',
            b'forget',
            [],
            _(b'unregister a share that no longer exists'),
            _(b'PATH'),
        ),
        *cmdutil.formatteropts,
    ],
    _(b'[--grace DURATION] [--delete] | --forget PATH...'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsgc(ui, repo, **opts):
    r"""remove unreferenced blobs

    Lists the blobs to remove, and removes them with ``--delete``. They are the blobs in
    the repository's own store that are older than the grace period (``--grace``, by
    default 14 days), and that are not referenced by:

    - any revision of a file, including hidden and secret ones;
    - any bundle in ``.hg/strip-backup``, ``.hg/shelved`` or ``.hg/shelve-backup``, of
      this repository or of a share of it;
    - any list in ``.hg/lfs/keep``: files with one object id per line.

    This command may run during pushes. A client uploads blobs before the changesets
    that reference them. When a client asks for a blob, its age starts at zero again, at
    most once a day. With a grace period of less than two days, make sure that no push
    is in progress.

    Shares are registered in ``.hg/lfs/shares`` when they are opened. If a share cannot
    be read, because its disk is not mounted or because it was deleted, no blob is
    removed, as its bundles are unknown. Mount the disk, or unregister the share if it
    no longer exists::

      hg admin::lfs-gc --forget /path/to/share

    Users' caches are not changed. Shares that were last opened before hg-lfs was
    enabled are not registered, and bundles kept elsewhere are not read.

    Examples::

      hg admin::lfs-gc                      # what would be removed
      hg admin::lfs-gc --delete             # remove it
      hg admin::lfs-gc --grace 2d --delete  # what is older than two days
      hg admin::lfs-gc -T '{oid} {size}\n'  # for scripts
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
        ui.status(_(b'unregistered the share %s\n') % root)
    return 0


def _showremoved(fm, blob, deleted: bool) -> None:
    fm.startitem()
    fm.data(oid=blob.oid, size=blob.size, deleted=deleted)
    fm.data(date=fm.formatdate((blob.mtime, 0)))
    day = dateutil.datestr((blob.mtime, 0), b'%Y-%m-%d')
    fm.plain(b'%s  %s  %s\n' % (blob.oid, day, util.bytecount(blob.size)))


def _summary(delete: bool, count: int, size: bytes) -> bytes:
    from ..lfs import words

    if not count:
        return _(b'nothing to remove\n')
    if delete:
        one, many = _(b'%d blob removed (%s)\n'), _(b'%d blobs removed (%s)\n')
    else:
        one = _(b'%d blob (%s) can be removed; use --delete to remove it\n')
        many = _(b'%d blobs (%s) can be removed; use --delete to remove them\n')
    return words.plural(count, one, many) % (count, size)


@command(
    b'admin::lfs-scrub',
    [
        (
            b'',
            b'rate',
            b'50MB',
            _(b'read at most this many bytes per second; 0: no limit'),
            _(b'SIZE'),
        ),
        (
            b'',
            b'restart',
            None,
            _(b'start again, instead of resuming an interrupted run'),
        ),
        *cmdutil.formatteropts,
    ],
    _(b'[--rate SIZE] [--restart]'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsscrub(ui, repo, **opts):
    """verify the checksums of all blobs, and quarantine damaged ones

    Reads the repository's own store at a limited rate. A blob that does not match its
    checksum is moved to ``.hg/lfs/quarantine``, so that it is not served and can be
    uploaded again. If the user's cache has an intact copy, that replaces it. The files
    and changesets that reference a damaged blob are listed.

    An interrupted run is resumed by the next one.

    To repair a blob, upload it again from a clone that has it, with
    :hg:`debuglfsupload -r REV`, where REV is a changeset listed by this command. The
    next run then removes the damaged copy; :hg:`lfs-fsck --clear` does it at once.

    Blobs that are missing are found by :hg:`lfs-fsck`.

    Examples::

      hg admin::lfs-scrub               # read at most 50 MB per second
      hg admin::lfs-scrub --rate 200MB
      hg admin::lfs-scrub --restart     # from the beginning

    Returns 0 if all blobs are intact or were repaired, 1 if damage remains.
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
    r"""show statistics of the LFS store

    Counts the blobs in the repository's own store. A blob counts in the month of the
    oldest changeset that references it. Blobs that are not in history may belong to a
    push in progress, or to a bundle: see :hg:`help admin::lfs-gc`.

    Examples::

      hg admin::lfs-stats
      hg admin::lfs-stats -T json                       # for monitoring
      hg admin::lfs-stats -T '{objects} {bytes}\n'
      hg admin::lfs-stats -T '{quarantined_objects}\n'  # damaged blobs
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
            (b'absent', _(b'not in store:'), found.absent),
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
    """print information about the local blob cache

    Examples::

      hg debug::lfs-local-cache
      hg debug::lfs-local-cache -T '{path}'   # the folder alone
    """
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
