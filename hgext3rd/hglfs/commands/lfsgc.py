"""``hg admin::lfs-gc``."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar, util
from mercurial.i18n import _
from mercurial.utils import dateutil

table: dict = {}
command = registrar.command(table)


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
            _show(fm, blob, delete)
        fm.plain(_summary(delete, count, util.bytecount(size)))
    return 0


def _forget(ui, lfs, names) -> int:
    from ..actions.maintenance import shares

    for root in shares.forget(lfs, names):
        ui.status(_(b'forgot the share %s\n') % root)
    return 0


def _show(fm, blob, deleted: bool) -> None:
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
