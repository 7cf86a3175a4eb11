"""Commands that list and change the rules in ``.hglfs``."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)

#: Number of files that are listed without --verbose.
_MOST = 20
_CHANGEOPTS = [
    (b'i', b'ignore-case', None, _(b'match names in any case')),
    *cmdutil.dryrunopts,
    *cmdutil.formatteropts,
]


@command(
    b'lfs-track',
    _CHANGEOPTS,
    _(b'[-i] [-n] [PATTERN...]'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfstrack(ui, repo, *pats, **opts):
    """make files large by rules in .hglfs, or list the rules

    Write rules into ``.hglfs`` in the root of the repository, by which all files that
    match the patterns are large, and list the files that are affected. Revisions that
    are in the history stay as they are: a file becomes large with its next change.
    Mercurial's own ``lfs`` reads the same rules.

    Without patterns, list the rules, and how many files they match in the working
    directory. With ``--verbose``, list these files.

    Quote the patterns: otherwise the shell expands them to names of files. Examples::

      hg lfs-track '*.psd' '*.{png,jpg}'   # by extension, in all folders
      hg lfs-track assets 'art/*.exr'      # a folder; by extension, in a folder
      hg lfs-track -i '*.tif'              # matches .TIF and .Tif as well
      hg lfs-track -n '*.psd'              # show what would be done

    Patterns are relative to the current folder. The first rule that matches a file
    decides: a new rule is put before the first one that contradicts it. Rules that can
    no longer match any file are removed. Comments and the order of all others are
    kept.

    .. container:: verbose

      What is written for a pattern that is typed in the root of the repository::

        pattern              left side of the rule   matches
        *.psd, **/*.psd      **.psd                  by extension, in all folders
        *.{png,jpg}, *.[ch]  **.png, **.jpg ...      the same; several rules
        -i '*.ai'            **.ai | **.AI | ...     all cases; up to 6 letters
        assets, assets/**    path:assets             all files below a folder
        art/logo.psd         path:art/logo.psd       one file
        art/**.exr           path:art & **.exr       by extension, below a folder
        art/*.exr            path:art & **.exr       the same: a rule cannot exclude
                                                     the folders in it
        set:EXPRESSION       EXPRESSION              see "hg help filesets"
        **                   **                      all files

      Rules have no other wildcards. Patterns such as ``tex_*.png``, ``a?.bin`` and
      ``*/logo.psd`` are refused, with the nearest pattern that is possible. Rules with
      a size, such as ``** = size(">10MB")``, are written by hand.

      If the last changeset has added a big file that is not large, and has not been
      pushed, commit it again, with each file that it had added. Amending it is not
      enough::

        hg --config extensions.strip= strip --keep -r .
        hg lfs-track '*.iso'
        hg add big.iso
        hg commit

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      With patterns, for each file that is affected:

      :path:    String. File, relative to the root of the repository.
      :size:    Integer. Its size in bytes.
      :large:   Boolean. Whether it becomes large.
      :pending: Boolean. Whether it is new or modified: the next commit may contain it.

      Without patterns, for each rule:

      :left:    String. Left side.
      :right:   String. Right side.
      :source:  String. File and line, or the item of the configuration.
      :count:   Integer. Number of files that the rule decides about.
      :large:   Integer. Number of these files that are large.
      :bytes:   Integer. Total size of the large ones.
      :earlier: Integer. Number of files that it matches after an earlier rule.
      :files:   List of files, each with ``path``, ``size`` and ``large``.

    Returns 0 on success, 1 if a pattern matches no file. Its rule is written anyway.
    """
    if pats:
        return _change(ui, repo, pats, opts, True)
    if opts['ignore_case'] or opts['dry_run']:
        raise error.InputError(_(b'no patterns specified'))
    from ..actions import rules

    found = rules.listing(repo)
    if not found.rules:
        ui.status(_(b"no rules; see 'hg help lfs-track'\n"))
    with ui.formatter(b'lfs-track', pycompat.byteskwargs(opts)) as fm:
        for each in found.rules:
            _showrule(ui, fm, each)
    for what, hint in found.mistakes:
        ui.warn(b'%s\n(%s)\n' % (what, hint))
    return 0


@command(
    b'lfs-untrack',
    _CHANGEOPTS,
    _(b'[-i] [-n] PATTERN...'),
    helpcategory=registrar.command.CATEGORY_FILE_CONTENTS,
)
def lfsuntrack(ui, repo, *pats, **opts):
    """make files no longer large by rules in .hglfs

    Remove the rules from ``.hglfs`` that match only these files. If other rules would
    still make some of the files large, write an exception before those rules::

      hg lfs-untrack '*.psd'           # removes **.psd = all()
      hg lfs-untrack art/thumbnails    # adds path:art/thumbnails = none()

    Patterns are those of :hg:`lfs-track`, and left sides of rules. Large revisions in
    the history stay large.

    Returns 0 on success, 1 if a pattern matches no file, or if no rule makes its files
    large.
    """
    if not pats:
        raise error.InputError(_(b'no patterns specified'))
    return _change(ui, repo, pats, opts, False)


def _change(ui, repo, pats, opts, islarge: bool) -> int:
    from ..actions import track

    _hintatquotes(ui, repo, pats)
    outcome = track.change(
        repo, pats, bool(opts['ignore_case']), islarge, bool(opts['dry_run'])
    )
    with ui.formatter(b'lfs-track', pycompat.byteskwargs(opts)) as fm:
        for change in () if ui.quiet else outcome.changes:
            sign = b'+' if change.added else b'-'
            fm.plain(b'.hglfs: %s %s\n' % (sign, change.rule))
        _showfiles(ui, fm, repo, outcome.files)
    _tell(ui, outcome)
    return 1 if outcome.nofile or outcome.norule else 0


def _tell(ui, outcome) -> None:
    from ..lfs import words

    for typed in outcome.wider:
        ui.status(
            _(b"note: '%s' also matches in folders below: %s\n")
            % (words.shown(typed.text), words.shown(typed.expression))
        )
    if outcome.overruled:
        ui.warn(
            _(
                b'warning: .hglfs replaces lfs.track of the configuration\n'
                b'(to keep it, write this as the last line of .hglfs: ** = %s)\n'
            )
            % outcome.overruled
        )
    for pattern in outcome.nofile:
        ui.warn(_(b"'%s' matches no file\n") % words.shown(pattern))
    for pattern in outcome.norule:
        ui.warn(_(b"'%s': no rule makes such files large\n") % words.shown(pattern))


def _hintatquotes(ui, repo, pats) -> None:
    """Print a hint to quote patterns, if the shell seems to have expanded a pattern.

    That is assumed if all arguments are files with the same extension.
    """
    import os

    ends = {os.path.splitext(pattern)[1] for pattern in pats}
    if len(pats) > 1 and len(ends) == 1 and all(map(os.path.isfile, pats)):
        end = ends.pop()
        if end:
            ui.status(
                _(b"note: to match all such files, quote the pattern: '*%s'\n") % end
            )


def _showfiles(ui, fm, repo, files) -> None:
    from mercurial import scmutil, util

    from ..lfs import words

    uipath = scmutil.getuipathfn(repo, legacyrelativevalue=True)
    order = [(large, pending) for large in (True, False) for pending in (True, False)]
    for large, pending in order:
        some = [
            each for each in files if (each.large, each.pending) == (large, pending)
        ]
        if some and not ui.quiet:
            fm.plain(_heading(large, pending))
        for number, each in enumerate(some):
            fm.startitem()
            fm.data(path=each.path, size=each.size, large=large, pending=pending)
            if not ui.quiet and (number < _MOST or ui.verbose):
                name, size = words.shown(uipath(each.path)), util.bytecount(each.size)
                fm.plain(b'  %s (%s)\n' % (name, size))
        if len(some) > _MOST and not (ui.quiet or ui.verbose):
            fm.plain(_(b'  and %d more\n') % (len(some) - _MOST))


def _heading(large: bool, pending: bool) -> bytes:
    if large and pending:
        return _(b'large when committed:\n')
    if large:
        return _(b'large with their next change:\n')
    if pending:
        return _(b'not large when committed:\n')
    return _(b'not large from their next change on:\n')


def _showrule(ui, fm, each) -> None:
    from mercurial import util

    from ..lfs import words

    rule = each.rule
    large = [found for found in each.files if found.large]
    size = sum(found.size for found in large)
    right = rule.right.replace(b'\n', b' ')
    fm.startitem()
    fm.data(left=rule.left, right=right, source=rule.source, count=len(each.files))
    fm.data(large=len(large), bytes=size, earlier=each.earlier)
    fm.plain(words.shown(b'%s: %s = %s' % (rule.source, rule.left, right)))
    fm.plain(_summary(each, len(large), util.bytecount(size)) + b'\n')
    nested = fm.nested(b'files')
    for found in each.files:
        nested.startitem()
        nested.data(path=found.path, size=found.size, large=found.large)
        if ui.verbose:
            mark = b'L' if found.large else b' '
            name = words.shown(found.path)
            nested.plain(b'  %s %s (%s)\n' % (mark, name, util.bytecount(found.size)))
    nested.end()


def _summary(each, large: int, size: bytes) -> bytes:
    from ..lfs import words

    if not each.files and each.earlier:
        one = _(b'  (no files; %d matches earlier rules)')
        many = _(b'  (no files; %d match earlier rules)')
        return words.plural(each.earlier, one, many) % each.earlier
    if not each.files:
        return _(b'  (no files)')
    many = _(b'  (%d files, %d large: %s)')
    message = words.plural(len(each.files), _(b'  (%d file, %d large: %s)'), many)
    return message % (len(each.files), large, size)
