"""Commands that transfer blobs, and that write them into the working directory."""

from __future__ import annotations

from mercurial import cmdutil, pycompat, registrar, util
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'lfs-fetch',
    [
        (b'r', b'rev', [], _(b'fetch the large files in these revisions'), _(b'REV')),
        (b'', b'all', None, _(b'fetch the large files of the whole history')),
        *cmdutil.dryrunopts,
        *cmdutil.formatteropts,
    ],
    _(b'[-n] [-r REV]... [--all] [FILE...]'),
    helpcategory=command.CATEGORY_REMOTE_REPO_MANAGEMENT,
)
def lfsfetch(ui, repo, *pats, **opts):
    """fetch blobs without writing files

    Fetch the blobs that are missing in this repository: by default those of the
    revision that the working directory is at, with ``-r`` those of all files in the
    given revisions, with ``--all`` those of the whole history. Files and patterns limit
    the selection; without any, ``lfs.fetchinclude`` and ``lfs.fetchexclude`` limit it.

    Before you go offline, fetch what you are going to need::

      hg lfs-fetch -r "branch(stable) and date(-30)"

    A mirror has everything::

      hg clone -U https://example.com/project mirror
      hg -R mirror lfs-fetch --all

    A transfer that was interrupted resumes when the command is run again. No file in
    the working directory changes; :hg:`lfs-checkout` writes contents in place of
    placeholders.

    Blobs that no server has are named at the end; all others are fetched.

    Keywords for ``-T``, for each blob: ``{oid}``, ``{size}``, ``{path}``, and
    ``{state}``: ``fetched``, ``missing`` (everywhere), or with ``--dry-run``
    ``wanted``.

    Returns 0 on success, 1 if a blob is missing everywhere, or if no large file was
    found.
    """
    cmdutil.check_at_most_one_arg(opts, 'rev', 'all')
    from mercurial import logcmdutil

    from ..actions import fetchcommand, missing
    from ..hg import messages

    dryrun = bool(opts['dry_run'])
    if opts['all']:
        done = fetchcommand.history(repo, pats, dryrun)
    else:
        revs = logcmdutil.revrange(repo, opts['rev']) if opts['rev'] else None
        done = fetchcommand.revisions(repo, revs, pats, dryrun)
    plural = (
        _(b'lfs: would download %d file (%s)\n'),
        _(b'lfs: would download %d files (%s)\n'),
    )
    with ui.formatter(b'lfs-fetch', pycompat.byteskwargs(opts)) as fm:
        lost = {ref.oid for ref in done.absent}
        found = [ref for ref in done.wanted if ref.oid not in lost]
        _show(ui, fm, b'wanted' if dryrun else b'fetched', found, dryrun)
        _show(ui, fm, b'missing', done.absent, False)
        if dryrun and done.chosen:
            _showtotal(fm, plural, done.wanted)
    if not done.chosen:
        messages.status(ui, _(b'no large files found\n'))
        return 1
    if not done.wanted and not dryrun:
        messages.status(ui, _(b'lfs: nothing to download\n'))
    missing.warn(ui, done.absent)
    return 1 if done.absent else 0


@command(
    b'lfs-push',
    [
        (b'r', b'rev', [], _(b'upload the large files in these revisions'), _(b'REV')),
        (b'', b'all', None, _(b'upload the large files of the whole history')),
        *cmdutil.dryrunopts,
        *cmdutil.formatteropts,
    ],
    _(b'[-n] [-r REV]... [--all] [DEST]'),
    helpcategory=command.CATEGORY_REMOTE_REPO_MANAGEMENT,
)
def lfspush(ui, repo, dest=None, **opts):
    """upload blobs without changesets

    Upload the blobs that the destination does not have: by default those of outgoing
    changesets, with ``-r`` those of all files in the given revisions, with ``--all``
    those of the whole history. They go where those of :hg:`push` would go. Secret
    changesets are left out.

    Use it to upload big blobs before a push, to repair a server that has lost blobs, or
    to fill a new server::

      hg lfs-push --all

    Blobs that are missing in this repository are fetched first.

    Keywords for ``-T``, for each blob: ``{oid}``, ``{size}``, ``{path}``, and
    ``{state}``: ``uploaded``, or ``wanted`` with ``--dry-run``.

    Returns 0 on success.
    """
    cmdutil.check_at_most_one_arg(opts, 'rev', 'all')
    from mercurial import logcmdutil

    from ..actions import pushcommand
    from ..hg import messages

    dryrun = bool(opts['dry_run'])
    if opts['all']:
        needed = pushcommand.history(repo, dest, dryrun)
    elif opts['rev']:
        revs = logcmdutil.revrange(repo, opts['rev'])
        needed = pushcommand.revisions(repo, revs, dest, dryrun)
    else:
        needed = pushcommand.outgoing(repo, dest, dryrun)
    plural = (
        _(b'lfs: would upload %d file (%s)\n'),
        _(b'lfs: would upload %d files (%s)\n'),
    )
    with ui.formatter(b'lfs-push', pycompat.byteskwargs(opts)) as fm:
        _show(ui, fm, b'wanted' if dryrun else b'uploaded', needed, dryrun)
        if dryrun:
            _showtotal(fm, plural, needed)
    if not needed and not dryrun:
        messages.status(ui, _(b'lfs: nothing to upload\n'))
    return 0


@command(
    b'lfs-checkout',
    [*cmdutil.formatteropts],
    _(b'[FILE...]'),
    helpcategory=command.CATEGORY_WORKING_DIRECTORY,
)
def lfscheckout(ui, repo, *pats, **opts):
    """write contents in place of placeholders

    Fetch the contents of placeholders, and write them into the working directory: those
    of the given files and patterns, by default all. It does not matter why a file is a
    placeholder, by ``lfs.checkout``, ``lfs.fetchexclude`` or ``lfs.missing``; the next
    :hg:`update` obeys these settings again.

    Examples::

      hg lfs-checkout                  # all placeholders
      hg lfs-checkout art/film.mov
      hg lfs-checkout 'glob:art/*.psd'

    While there are placeholders, Mercurial cannot open the working copy without hg-lfs.

    A placeholder whose blob no server has stays, and is named. So does an untracked
    copy of a placeholder.

    Keywords for ``-T``, for each blob: ``{oid}``, ``{size}``, ``{path}``, and
    ``{state}``: ``written``, or ``missing`` (everywhere).

    Returns 0 on success, 1 if a blob is missing everywhere, or if placeholders are
    left although no files were given.
    """
    from ..actions import fill, missing
    from ..hg import messages
    from ..lfs import words

    done = fill.fill(repo, pats)
    with ui.formatter(b'lfs-checkout', pycompat.byteskwargs(opts)) as fm:
        _show(ui, fm, b'written', [one.ref for one in done.written], False)
        _show(ui, fm, b'missing', done.absent, False)
    count = len(done.written)
    written = words.plural(count, _(b'%d file written\n'), _(b'%d files written\n'))
    messages.status(ui, written % count)
    missing.warn(ui, done.absent)
    for path in done.untracked:
        ui.warn(_(b'%s is a placeholder that is not tracked\n') % words.shown(path))
    if done.untracked:
        ui.warn(_(b"(remove it, or use 'hg add' and this command again)\n"))
    left = not done.ended and not pats
    if left and not (done.absent or done.untracked):
        ui.warn(_(b'placeholders are left\n'))
    return 1 if left or done.absent else 0


def _show(ui, fm, state: bytes, refs, planned: bool) -> None:
    """Add blobs to the formatter's output.

    With ``planned`` and --verbose, also print them: a dry run has printed nothing else.
    """
    from ..lfs import words

    for ref in refs:
        fm.startitem()
        fm.data(oid=ref.oid, size=ref.size, path=ref.path, state=state)
        if planned and ui.verbose:
            size = util.bytecount(ref.size)
            fm.plain(b'%s  %s (%s)\n' % (ref.oid, words.shown(ref.path), size))


def _showtotal(fm, plural: tuple[bytes, bytes], refs) -> None:
    """Print a line with the number and the total size of some blobs.

    ``plural`` is the text for one blob and the text for several.
    """
    from ..lfs import words

    size = util.bytecount(sum(ref.size for ref in refs))
    fm.plain(words.plural(len(refs), *plural) % (len(refs), size))


@command(
    b'debuglfsupload',
    [(b'r', b'rev', [], _(b'upload large files introduced by REV'))],
)
def debuglfsupload(ui, repo, **opts):
    """upload lfs blobs added by the working copy parent or given revisions

    Examples::

      hg debuglfsupload -r 5f711a4b083d   # a changeset that a message has named
      hg debuglfsupload -r 'all()'        # all blobs, as to a new server
    """
    from mercurial import logcmdutil

    from ..actions import push

    push.upload(repo, logcmdutil.revrange(repo, opts.get('rev', [])))
