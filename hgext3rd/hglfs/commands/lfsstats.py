"""``hg admin::lfs-stats``."""

from __future__ import annotations

from mercurial import cmdutil, pycompat, registrar, util
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)

_LARGEST = 10


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
