"""The command that finds and repairs missing and damaged blobs."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar, util
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)

#: How many other files of a problem are listed without --verbose.
_MOST = 5


@command(
    b'lfs-fsck',
    [
        (b'r', b'rev', [], _(b'check the files of these revisions'), _(b'REV')),
        (b'', b'all', None, _(b'report every blob that is not here')),
        (b'', b'repair', None, _(b'replace what is damaged or missing')),
        (b'', b'clear', None, _(b'remove damaged copies of blobs that are sound now')),
        (b'', b'clear-all', None, _(b'remove all damaged copies that were kept')),
        *cmdutil.dryrunopts,
        *cmdutil.formatteropts,
    ],
    _(b'[-r REV]... [--all] [--repair [-n]] [FILE]... | (--clear|--clear-all) [-n]'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsfsck(ui, repo, *pats, **opts):
    """find and repair missing and damaged blobs

    Check that each pointer of the history has its blob, and verify the checksums of all
    blobs that are here, in the repository and in the user's cache. ``--rev`` and files
    limit the check to the files of some revisions, or to some files. Nothing is
    changed, and no server is asked.

    In a clone, it is normal that blobs are not here: they are fetched when a command
    needs them. Such blobs are only counted. A missing blob is a problem if:

    - the parents of the working directory need it
    - a draft or secret changeset has introduced it: it may be on no server
    - no server is configured
    - ``--all`` is given

    With ``--repair``, damaged blobs are moved to ``.hg/lfs/quarantine``. They, and the
    missing ones, are replaced by sound copies: from the cache, the working directory,
    the working directories of shares, or the servers that blobs are fetched from. The
    damaged copy is then removed; it is kept if there is no sound copy. Missing blobs
    that are no problem are not fetched. ``--dry-run`` shows what can be repaired, and
    from where.

    A pointer that is invalid, or states another size than that of the sound blob,
    cannot be repaired: it is part of the history.

    Other commands also keep the damaged copy of a blob that they fetch again.
    ``--clear`` removes the copies whose blobs are sound in the repository now.
    ``--clear-all`` removes all copies. With these options, the history is not checked.

    On a server, :hg:`admin::lfs-scrub` verifies all blobs at a limited rate.

    Examples::

      hg lfs-fsck                  # what is wrong here
      hg lfs-fsck --all -r stable  # what an update to stable would fetch
      hg lfs-fsck --repair -n      # what can be repaired, and from where
      hg lfs-fsck --repair
      hg lfs-fsck --clear

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`. There is one item.

      :blobs:        Integer. Number of blobs that the checked history refers to.
      :bytes:        Integer. Their total size.
      :sound:        Integer. Number of those that are here and undamaged.
      :nothere:      Integer. Number of missing blobs that are no problem.
      :notherebytes: Integer. Their total size.
      :left:         Integer. Number of problems that are not repaired.
      :kept:         Integer. Number of damaged copies in the quarantine.
      :problems:     List of problems.
      :unread:       List of files whose history cannot be read, each with ``path`` and
                     ``reason``.
      :cleared:      With ``--clear`` and ``--clear-all``, in place of all others: list
                     of damaged copies, each with ``oid``, ``size``, ``path`` and
                     ``removed``.

      A problem has:

      :state:        String. ``missing``, ``damaged``, ``unreadable``, ``wrong-size`` or
                     ``invalid-pointer``.
      :oid:          String. Object id. Empty for an invalid pointer.
      :size:         Integer. Size that the pointer states. Empty for an invalid one.
      :actual:       Integer. Size of the blob, for ``wrong-size``. Else empty.
      :place:        String. Where the damaged copy is: ``store``, ``cache`` if it is
                     there only, or ``quarantine``. Empty if there is none.
      :revision:     String. Changeset that introduced the first of the files.
      :files:        List of files that refer to the blob, each with ``path`` and
                     ``node``, the changeset.
      :repaired:     Boolean. Whether the problem is repaired.
      :source:       String. Kind of place where a sound copy is: ``store``, ``cache``,
                     ``quarantine``, ``working-directory``, ``share`` or ``remote``.
      :origin:       String. Path or URL of the sound copy.
      :kept:         String. Path of the damaged copy that is kept.
      :reason:       String. Why something cannot be read, or was not found.

    Returns 0 on success, 1 if problems remain.
    """
    for option in ('clear', 'clear_all'):
        cmdutil.check_incompatible_arguments(opts, option, ['rev', 'all', 'repair'])
    cmdutil.check_at_most_one_arg(opts, 'clear', 'clear_all')
    clears = opts['clear'] or opts['clear_all']
    if clears and pats:
        raise error.InputError(_(b'--clear and --clear-all take no files'))
    if opts['dry_run'] and not (clears or opts['repair']):
        raise error.InputError(
            _(b'--dry-run needs --repair, --clear or --clear-all'),
            hint=_(b'without these, nothing is changed'),
        )
    from ..hg import lfsrepo, messages

    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        messages.status(ui, _(b'no large files\n'))
    if clears:
        return _clear(ui, lfs, opts)
    return _check(ui, repo, lfs, pats, opts)


def _check(ui, repo, lfs, pats, opts) -> int:
    from mercurial import scmutil

    from ..actions import fsck

    findings = fsck.Findings()
    if lfs is not None:
        check = fsck.Check(lfs, _scope(fsck, repo, pats, opts))
        check.run()
        if opts['repair']:
            check.repair(bool(opts['dry_run']))
        findings = check.findings
    name = _namer(scmutil.getuipathfn(repo, legacyrelativevalue=True))
    with ui.formatter(b'lfs-fsck', pycompat.byteskwargs(opts)) as fm:
        fm.startitem()
        fm.data(blobs=findings.blobs.objects, bytes=findings.blobs.bytes)
        fm.data(sound=findings.sound.objects, nothere=findings.elsewhere.objects)
        fm.data(notherebytes=findings.elsewhere.bytes, left=len(findings.left))
        fm.data(kept=findings.kept)
        nested = fm.nested(b'problems')
        for problem in findings.problems:
            _showproblem(ui, fsck, lfs, nested, name, problem, opts)
        nested.end()
        _showunread(fm, name, findings)
        if lfs is not None and not ui.quiet:
            _showsummary(fm, findings)
            _showhint(fm, findings, opts)
    return 1 if findings.left or findings.unread else 0


def _scope(fsck, repo, pats, opts):
    from mercurial import logcmdutil, scmutil
    from mercurial import match as matchmod
    from mercurial.node import wdirrev

    revs = None
    if opts['rev']:
        repo = scmutil.unhidehashlikerevs(repo, opts['rev'], b'nowarn')
        found = logcmdutil.revrange(repo, opts['rev'])
        revs = [rev for rev in found if rev != wdirrev]
    match = scmutil.match(repo[None], pats) if pats else matchmod.always()
    return fsck.Scope(revs, match, bool(opts['all']))


def _namer(uipath):
    """Return a function from a path to the name of the file for display.

    ``uipath`` is Mercurial's function for this.
    """
    from ..lfs import words

    return lambda path: words.shown(uipath(path))


def _showproblem(ui, fsck, lfs, fm, name, problem, opts) -> None:
    nodes = [fsck.changeset(lfs, use) for use in problem.uses]
    where = problem.replacement
    fm.startitem()
    fm.data(state=problem.state, oid=problem.oid, size=problem.size)
    fm.data(actual=problem.actual, place=problem.place, revision=nodes[0])
    fm.data(repaired=problem.repaired, source=where and where.kind)
    fm.data(origin=where and where.place, kept=problem.kept)
    fm.data(reason=problem.reason or None)
    names = [b'%s@%s' % (name(use.path), n[:12]) for use, n in zip(problem.uses, nodes)]
    fm.plain(b'%s: %s' % (names[0], _describe(fsck, problem)))
    fm.plain(_result(fsck, problem, bool(opts['repair'])) + b'\n')
    nested = fm.nested(b'files')
    for number, (use, node) in enumerate(zip(problem.uses, nodes)):
        nested.startitem()
        nested.data(path=use.path, node=node)
        if 0 < number <= _MOST or number and ui.verbose:
            nested.plain(_(b'  also %s\n') % names[number])
    nested.end()
    if len(names) > _MOST + 1 and not ui.verbose:
        fm.plain(_(b'  and %d more\n') % (len(names) - _MOST - 1))
    if problem.kept:
        fm.plain(_(b'  damaged copy: %s\n') % problem.kept)


def _describe(fsck, problem) -> bytes:
    """Return a short description of what is wrong with a blob or pointer.

    ``fsck`` is the module ``actions.fsck``.
    """
    if problem.state == fsck.MISSING:
        return _(b'missing')
    if problem.state == fsck.UNREADABLE:
        return _(b'cannot be read: %s') % problem.reason
    if problem.state == fsck.INVALID:
        return _(b'invalid pointer: %s') % problem.reason
    if problem.state == fsck.WRONGSIZE:
        text = _(b'the pointer states %d bytes, but the blob has %d')
        return text % (problem.size, problem.actual)
    if problem.place == fsck.CACHE:
        return _(b'damaged in the cache')
    if problem.place == fsck.QUARANTINE:
        return _(b'missing, with a damaged copy')
    return _(b'damaged')


def _result(fsck, problem, repairing: bool) -> bytes:
    """Return the text that is printed after a problem: how its repair ended.

    Returns an empty text if no repair was requested. ``fsck`` is the module
    ``actions.fsck``.
    """
    if not repairing:
        return b''
    where = problem.replacement
    if where is None:
        if not problem.isrepairable:
            return _(b'; cannot be repaired')
        reason = b' (%s)' % problem.reason if problem.reason else b''
        return _(b'; no sound copy found%s') % reason
    place = {fsck.STORE: _(b'the repository'), fsck.CACHE: _(b'the cache')}
    source = place.get(where.kind, where.place)
    if problem.repaired:
        return _(b'; repaired from %s') % source
    return _(b'; can be repaired from %s') % source


def _showunread(fm, name, findings) -> None:
    nested = fm.nested(b'unread')
    for path, reason in findings.unread:
        nested.startitem()
        nested.data(path=path, reason=reason)
        text = _(b"%s: its history cannot be read: %s; see 'hg verify'\n")
        nested.plain(text % (name(path), reason))
    nested.end()


def _showsummary(fm, findings) -> None:
    from ..lfs import words

    count, size = findings.blobs.objects, util.bytecount(findings.blobs.bytes)
    one, many = _(b'checked %d blob (%s): '), _(b'checked %d blobs (%s): ')
    fm.plain(words.plural(count, one, many) % (count, size))
    left = len(findings.left)
    fixed = len(findings.problems) - left
    result = words.plural(left, _(b'%d problem'), _(b'%d problems')) % left
    if not left:
        result = _(b'no problems') if not fixed else _(b'no problems left')
    repaired = _(b', %d repaired') % fixed if fixed else b''
    fm.plain(b'%s%s\n' % (result, repaired))
    absent = findings.elsewhere
    if absent.objects:
        one = _(b'%d blob (%s) is not here, and not needed\n')
        many = _(b'%d blobs (%s) are not here, and not needed\n')
        text = words.plural(absent.objects, one, many)
        fm.plain(text % (absent.objects, util.bytecount(absent.bytes)))
    if findings.kept:
        one = _(b'%d damaged copy is kept in the quarantine\n')
        many = _(b'%d damaged copies are kept in the quarantine\n')
        fm.plain(words.plural(findings.kept, one, many) % findings.kept)


def _showhint(fm, findings, opts) -> None:
    """Print a hint that names the command with which to solve the problems left."""
    if not any(one.isrepairable for one in findings.left):
        return
    if not opts['repair']:
        fm.plain(_(b"(use 'hg lfs-fsck --repair' to replace them by sound copies)\n"))
    elif not opts['dry_run']:
        fm.plain(
            _(
                b"(in a clone that has the files, 'hg debuglfsupload -r REV' sends"
                b' them to the server; then repeat this command)\n'
            )
        )


def _clear(ui, lfs, opts) -> int:
    from ..actions import fsck

    dryrun, everything = bool(opts['dry_run']), bool(opts['clear_all'])
    found = list(fsck.clear(lfs, everything, dryrun)) if lfs is not None else []
    with ui.formatter(b'lfs-fsck', pycompat.byteskwargs(opts)) as fm:
        fm.startitem()
        nested = fm.nested(b'cleared')
        for copy in found:
            nested.startitem()
            nested.data(oid=copy.oid, size=copy.size, path=copy.path)
            nested.data(removed=copy.removed and not dryrun)
            if not ui.quiet:
                text = _cleared(copy.removed, dryrun)
                nested.plain(text % (copy.path, util.bytecount(copy.size)))
        nested.end()
    return 0


def _cleared(removed: bool, dryrun: bool) -> bytes:
    if not removed:
        return _(b'kept %s (%s): the blob is not sound\n')
    return _(b'would remove %s (%s)\n') if dryrun else _(b'removed %s (%s)\n')
