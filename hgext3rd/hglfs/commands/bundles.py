"""Commands that generate, show and remove clone bundles."""

from __future__ import annotations

from mercurial import cmdutil, encoding, pycompat, registrar, util
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'admin::clone-bundles-refresh',
    [(b'', b'background', False, _(b'generate the bundles in the background'))],
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def refresh(ui, repo, **opts):
    """generate outdated clone bundles

    A bundle of a format in ``clone-bundles.auto-generate.formats`` is outdated when a
    condition in ``clone-bundles.trigger.*`` holds. A new bundle is published, fetched
    back and compared, and then advertised to clients. The bundle that it replaces is
    kept for ``clone-bundles.grace`` seconds.

    Example:

    - generate what is outdated without waiting for it::

        hg admin::clone-bundles-refresh --background

    Returns 0 on success, 1 if a bundle could not be published at every destination.
    """
    from ..clonebundles.server import refresh as bundles_refresh

    return bundles_refresh.now(repo, opts.get('background', False))


@command(
    b'admin::clone-bundles-status',
    [
        (
            b'',
            b'check',
            False,
            _(b'download the advertised bundles and verify their checksums'),
        )
    ]
    + cmdutil.formatteropts,
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def status(ui, repo, **opts):
    r"""show clone bundle status

    For each format: the age of its bundle, how many of the public changesets it
    contains, its size and the size of its increments, where it is published, the last
    failure, and the next step. Packs of large files follow, and the lines of
    ``clonebundles.manifest`` that are not advertised because they are invalid.

    Examples:

    - verify what clients download::

        hg admin::clone-bundles-status --check

    - the age of each bundle in seconds, for monitoring::

        hg admin::clone-bundles-status -T '{format} {age}\n'

    Returns 0 on success, 1 if something is wrong.
    """
    from ..clonebundles.server import status as bundles_status

    found = bundles_status.report(repo, opts.get('check'))
    with ui.formatter(b'clone-bundles-status', pycompat.byteskwargs(opts)) as fm:
        for row in found.rows:
            fm.startitem()
            fields, lists = bundles_status.fields(row), bundles_status.lists(row)
            fm.data(**fields)
            for name, items in lists.items():
                fm.data(**{name: fm.formatlist(items, pycompat.sysbytes(name[:-1]))})
            fm.plain(_text(row, {**fields, **lists}))
        if found.packs is not None:
            _showpacks(fm, found.packs)
        for number, words in found.complaints:
            fm.startitem()
            fm.data(line=number, error=words)
            fm.plain(_(b'clonebundles.manifest, line %d: %s\n') % (number, words))
        fm.plain(_worker(found.worker))
    return 1 if found.bad else 0


def _text(row, fields: dict) -> bytes:
    from ..lfs import words

    lines = [b'%s\n' % fields['format']]
    if row.bundle is not None:
        lines += [
            _(b'  made:      %s ago\n') % _duration(row.age),
            words.plural(
                row.revs,
                _(b'  has:       %d of %d changeset, lacks about %s\n'),
                _(b'  has:       %d of %d changesets, lacks about %s\n'),
            )
            % (row.bundle.revs, row.revs, util.bytecount(row.lacking)),
            _(b'  size:      %s\n') % util.bytecount(row.bundle.size),
        ]
    if fields['chainlength']:
        lines.append(
            _(b'  chain:     %s with %s, %s\n')
            % (
                _count(fields['chainlength'], _(b'%d increment'), _(b'%d increments')),
                _count(fields['chainrevs'], _(b'%d changeset'), _(b'%d changesets')),
                util.bytecount(fields['chainsize']),
            )
        )
    if row.bundle is not None:
        lines += [_(b'  published: %s\n') % place for place in fields['places']]
    if fields['error']:
        lines.append(_(b'  failed:    %s\n') % fields['error'])
    lines += [_(b'  wrong:     %s\n') % words for words in fields['problems']]
    lines.append(_(b'  next:      %s\n') % fields['next'])
    return b''.join(lines)


def _showpacks(fm, report) -> None:
    failed = report.failure.message if report.failure else ''
    words = encoding.strtolocal(failed)
    fm.startitem()
    fm.data(
        format=b'blobs',
        packs=report.packs,
        blobs=report.blobs,
        size=report.size,
        error=words,
        due=report.due,
    )
    fm.plain(b'blobs\n')
    fm.plain(
        _(b'  has:       %s in %s\n')
        % (
            _count(report.blobs, _(b'%d large file'), _(b'%d large files')),
            _count(report.packs, _(b'%d pack'), _(b'%d packs')),
        )
    )
    fm.plain(_(b'  size:      %s\n') % util.bytecount(report.size))
    if words:
        fm.plain(_(b'  failed:    %s\n') % words)
    if report.due:
        fm.plain(_(b'  next:      look whether new packs are worth it\n'))


def _duration(seconds: float) -> bytes:
    for unit, length in ((b'days', 86400), (b'hours', 3600), (b'minutes', 60)):
        if seconds >= 2 * length:
            return b'%d %s' % (seconds // length, unit)
    return _count(int(seconds), b'%d second', b'%d seconds')


def _count(number: int, one: bytes, many: bytes) -> bytes:
    from ..lfs import words

    return words.plural(number, one, many) % number


def _worker(holder) -> bytes:
    if holder is None:
        return b''
    if not holder.pid:
        return _(b'another process is making bundles\n')
    host = pycompat.sysbytes(holder.machine)
    return _(b'process %d on %s is making bundles\n') % (holder.pid, host)


@command(b'admin::clone-bundles-clear', [], helpcategory=command.CATEGORY_MAINTENANCE)
def clear(ui, repo, **opts):
    """remove the clone bundles

    The bundles are no longer advertised, and then removed from their destinations.
    Lines that were written into ``clonebundles.manifest`` by hand stay, and so does a
    bundle that is being generated at the time.

    Example:

    - remove the clone bundles of a repository on the server::

        hg -R /srv/hg/project admin::clone-bundles-clear

    Returns 0 on success, 1 if a bundle could not be removed.
    """
    from ..clonebundles.server import refresh

    return refresh.clear(repo)


@command(b'debug::clone-bundles-worker', [])
def worker(ui, repo, **opts):
    """generate outdated clone bundles until none is left (INTERNAL)

    The configuration is read from standard input.
    """
    from ..clonebundles.server import refresh
    from ..hg import background

    background.benice()
    background.configure(repo.ui, ui.fin.read())
    return refresh.background(repo)
