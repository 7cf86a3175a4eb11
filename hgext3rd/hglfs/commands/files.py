"""The commands that list large files."""

from __future__ import annotations

from mercurial import cmdutil, pycompat, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)

#: How many files of a section `hg lfs-status` lists without --verbose.
_MOST = 20
#: The number of digits of an oid in plain output, as of a hash in Mercurial's.
_SHORT = 12


@command(
    b'lfs-files',
    [
        (b'r', b'rev', b'', _(b'list the files of this revision'), _(b'REV')),
        (b'', b'locks', None, _(b'ask the server for locks, and list their owners')),
        *cmdutil.walkopts,
        *cmdutil.formatteropts,
    ],
    _(b'[-r REV] [--locks] [FILE...]'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
    intents={registrar.INTENT_READONLY},
)
def lfsfiles(ui, repo, *pats, **opts):
    """list large files

    List the large files of the working directory, or of a revision, one per line::

      $ hg lfs-files
      9b82bbd6a3f1 *    2.86 MB art/logo.psd
      4d7a21461438 -    12.3 MB art/sky.psd
      modified          97.7 KB art/words.psd

    The columns are:

    - the start of the object id, or ``modified`` or ``added`` for a file that has no
      object id until it is committed
    - where the content is: ``*`` in the repository, ``c`` in the user's cache only,
      ``-`` not on this machine
    - the size
    - the file

    In the working directory, a modified or added file is large if the rules make it so
    at its current size, as the next commit will. The content of files is not read, and
    no server is asked, unless ``--locks`` is given. ``--verbose`` adds the rule that
    makes each file large.

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      :path:    String. File, relative to the root of the repository.
      :oid:     String. Object id: the SHA-256 of the content. Empty for a file that is
                modified or added.
      :size:    Integer. Size of the content in bytes.
      :state:   String. ``committed`` with ``--rev``; otherwise ``clean``, ``modified``,
                ``added``, or ``deleted`` for a file that is tracked, but not there.
      :present: String. ``store`` if the content is in the repository, ``cache`` if it
                is in the user's cache only, ``missing`` if it is not on this machine.
                Empty for a file that is modified or added.
      :rule:    String. Rule that makes the file large, as :hg:`lfs-track` lists it.
                Empty if it would not be large with its next change.
      :lock:    String. Owner of the file's lock, or empty; only with ``--locks``.

    Returns 0 on success, 1 if no large file matches.
    """
    from mercurial import logcmdutil, scmutil

    from ..actions import listing, lock

    byteopts = pycompat.byteskwargs(opts)
    if opts['rev']:
        repo = scmutil.unhidehashlikerevs(repo, [opts['rev']], b'nowarn')
    ctx = logcmdutil.revsingle(repo, opts['rev'], None)
    match = scmutil.match(ctx, pats, byteopts)
    locks = lock.holders(repo) if opts['locks'] else None
    empty, name = True, _namer(repo)
    ui.pager(b'lfs-files')
    with ui.formatter(b'lfs-files', byteopts) as fm:
        for each in listing.find(ctx, match):
            empty = False
            fm.startitem()
            fm.context(ctx=ctx)
            _showfile(ui, fm, name, each, locks)
    if empty and (pats or opts['include'] or opts['exclude']):
        ui.warn(_(b'no large file matches\n'))
        return 1
    if empty:
        ui.status(_(b'no large files\n'))
    return 0


def _showfile(ui, fm, name, each, locks) -> None:
    from mercurial import util

    from ..actions import listing, lock

    marks = {listing.STORE: b'*', listing.CACHE: b'c', listing.MISSING: b'-'}
    _data(fm, each)
    fm.plain(b'%-*s ' % (_SHORT, (each.oid or each.state)[:_SHORT]))
    fm.plain(b'%s ' % marks.get(each.present, b' '))
    fm.plain(b'%10s %s' % (util.bytecount(each.size), name(each.path)))
    if each.state == listing.DELETED:
        fm.plain(_(b'  (deleted)'))
    if locks is not None:
        held = locks.get(each.path)
        fm.data(lock=lock.ownerof(held) if held is not None else None)
        if held is not None:
            fm.plain(_(b'  (locked by %s)') % lock.ownerof(held))
    if ui.verbose and each.rule is not None:
        fm.plain(b'  (%s)' % _rule(each))
    fm.plain(b'\n')


@command(
    b'lfs-status',
    [
        (b'r', b'rev', b'', _(b'update to this revision'), _(b'REV')),
        *cmdutil.walkopts,
        *cmdutil.formatteropts,
    ],
    _(b'[-r REV] [FILE...]'),
    helpcategory=registrar.command.CATEGORY_WORKING_DIRECTORY,
    intents={registrar.INTENT_READONLY},
)
def lfsstatus(ui, repo, *pats, **opts):
    """show what the next commit, push and update do with large files

    List, in sections, and without asking a server:

    - files that the next commit stores as large files
    - files larger than ``lfs.warnsize`` that the next commit adds as they are, because
      no rule matches them
    - files of draft and secret changesets whose content a push uploads, unless the
      server has it already; those of secret changesets, which are not pushed before
      their phase is changed, are marked
    - files whose content an update downloads: to the revision that :hg:`update` updates
      to, or to ``--rev``
    - files of the working directory's parent whose content is not on this machine

    Each section has at most 20 files, without ``--verbose``. Content that several files
    have in common counts once.

    Examples::

      hg lfs-status               # before a commit, a push or an update
      hg lfs-status art           # in a folder
      hg lfs-status -r default    # what an update to default would download

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      :section: String. ``commit``, ``plain``, ``upload``, ``download`` or ``missing``,
                in the order from above.
      :path:    String. File, relative to the root of the repository.
      :oid:     String. Object id: the SHA-256 of the content. Empty in ``commit`` and
                ``plain``.
      :size:    Integer. Size of the content in bytes.
      :state:   String. ``modified`` or ``added`` in ``commit`` and ``plain``; ``draft``
                or ``secret``, the phase of a changeset, in ``upload``; otherwise
                ``committed``.
      :present: String. Where the content is: see :hg:`help -v lfs-files`.
      :rule:    String. Rule that makes the file large, in ``commit``. Else empty.

    Returns 0 on success, 1 if no file of the working directory matches and there is
    nothing to list.
    """
    from mercurial import logcmdutil, scmutil

    from ..actions import status

    byteopts = pycompat.byteskwargs(opts)
    target = logcmdutil.revsingle(repo, opts['rev']) if opts['rev'] else None
    match = scmutil.match(repo[None], pats, byteopts)
    name, sections = _namer(repo), list(status.foresee(repo, match, target))
    with ui.formatter(b'lfs-status', byteopts) as fm:
        for section in sections:
            _showsection(ui, fm, name, section)
    if sections:
        return 0
    given = pats or opts['include'] or opts['exclude']
    if given and not any(True for _path in repo[None].matches(match)):
        ui.warn(_(b'no file matches\n'))
        return 1
    ui.status(_(b'nothing to commit, upload or download, and nothing is missing\n'))
    return 0


def _showsection(ui, fm, name, section) -> None:
    if not ui.quiet:
        fm.plain(_heading(section))
    for number, each in enumerate(section.files):
        fm.startitem()
        fm.data(section=section.name)
        _data(fm, each)
        if not ui.quiet and (number < _MOST or ui.verbose):
            fm.plain(b'  %s (%s)\n' % (name(each.path), _details(section, each)))
    if len(section.files) > _MOST and not (ui.quiet or ui.verbose):
        fm.plain(_(b'  and %d more\n') % (len(section.files) - _MOST))
    if section.hint and not ui.quiet:
        fm.plain(b'(%s)\n' % section.hint)


def _heading(section) -> bytes:
    from mercurial import util

    from ..actions import status
    from ..lfs import words

    heading = {
        status.COMMIT: _(b'large when committed'),
        status.PLAIN: _(b'big, but not large when committed'),
        status.UPLOAD: _(b'uploaded by a push, unless the server has them'),
        status.DOWNLOAD: _(b'downloaded by an update to %s') % section.target,
        status.MISSING: _(b"missing content of the working directory's parent"),
    }[section.name]
    count, size = len(section.files), util.bytecount(section.size)
    form = words.plural(count, _(b'%s (%d file, %s):\n'), _(b'%s (%d files, %s):\n'))
    return form % (heading, count, size)


def _details(section, each) -> bytes:
    """Return the text for a file in a section: its size, rule, and state."""
    from mercurial import util

    from ..actions import status

    found = [util.bytecount(each.size)]
    if each.rule is not None:
        found.append(_rule(each))
    if section.name == status.UPLOAD and each.ismissing:
        found.append(_(b'not on this machine'))
    if each.state == b'secret':
        found.append(_(b'secret'))
    return b', '.join(found)


def _data(fm, each) -> None:
    fm.data(path=each.path, oid=each.oid, size=each.size, state=each.state)
    fm.data(present=each.present, rule=_rule(each))


def _rule(each) -> bytes | None:
    """Return the text of a file's rule as in :hg:`lfs-track`; None without a rule."""
    from ..lfs import words

    rule = each.rule
    if rule is None:
        return None
    right = rule.right.replace(b'\n', b' ')
    return words.shown(b'%s: %s = %s' % (rule.source, rule.left, right))


def _namer(repo):
    """Return a function from a path to the name of the file for display."""
    from mercurial import scmutil

    from ..lfs import words

    uipath = scmutil.getuipathfn(repo, legacyrelativevalue=True)
    return lambda path: words.shown(uipath(path))
