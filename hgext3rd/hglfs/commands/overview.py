"""Commands for an overview: of all commands, of disk usage, and of the settings."""

from __future__ import annotations

import inspect

from mercurial import cmdutil, error, pycompat, registrar, util
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)

#: What users look for, and the names of the commands for it. A test keeps it complete.
GROUPS = (
    (
        'See what large files take, and how they connect',
        ('lfs-files', 'lfs-status', 'lfs-du', 'lfs-env', 'debug::lfs-local-cache'),
    ),
    ('Track files', ('lfs-track', 'lfs-untrack')),
    (
        'Transfer blobs',
        ('lfs-fetch', 'lfs-push', 'lfs-checkout', 'debuglfsupload'),
    ),
    ('Lock files', ('lfs-lock', 'lfs-unlock', 'lfs-locks')),
    ('Free disk space', ('lfs-prune',)),
    ('Find and repair damage', ('lfs-fsck', 'admin::lfs-scrub')),
    (
        'Administer a server',
        (
            'admin::lfs-stats',
            'admin::lfs-gc',
            'admin::lfs-locks',
            'admin::clone-bundles-status',
            'admin::clone-bundles-refresh',
            'admin::clone-bundles-clear',
        ),
    ),
)
#: The commands that are not for users, and the one with the list.
UNLISTED = ('lfs', 'debug::clone-bundles-worker')


@command(
    b'lfs',
    [],
    b'',
    helpcategory=command.CATEGORY_FILE_CONTENTS,
    optionalrepo=True,
)
def lfs(ui, repo, *args, **opts):
    """list the commands for large files

    Rules in ``.hglfs`` say which files are large. Their contents are blobs beside the
    history: :hg:`push` sends them, :hg:`update` and others fetch what they need. In a
    repository, the list begins with its rules and the large files that are checked out.

    How it works, and the settings, are in :hg:`help hglfs`. Those who run a server find
    theirs in :hg:`help lfs-server`, and :hg:`help lfs-clone-bundles` is about files
    that new clones start from.

    Examples::

      hg lfs                 # the state of this repository, and all commands
      hg help lfs-track      # the help of one of them
    """
    if args:
        raise error.InputError(
            _(b"'hg lfs' has no arguments"), hint=_hintat(b'lfs-' + args[0])
        )
    ui.pager(b'lfs')
    if repo is not None:
        ui.write(_state(repo))
    text = inspect.cleandoc(lfs.__doc__ or '').partition('\n')[2]
    ui.write(_formatted(ui, pycompat.sysbytes(text)))
    return 0


def _hintat(name: bytes) -> bytes:
    """Return a hint for a user who types a command as in git-lfs: ``hg lfs track``.

    ``name`` is then ``lfs-track``. The hint recommends this command, if it exists.
    """
    if any(pycompat.sysstr(name) in names for _title, names in GROUPS):
        return _(b"use 'hg %s'") % name
    return _(b"see 'hg lfs' for the commands")


def describe(commands: dict) -> None:
    """Add the list of all commands to the help of ``hg lfs``.

    ``commands`` is the command table, after all commands were registered.
    """
    summaries = {
        pycompat.sysstr(name).partition('|')[0]: _summary(entry[0])
        for name, entry in commands.items()
    }
    listed = {name for _title, names in GROUPS for name in names}.union(UNLISTED)
    others = tuple(sorted(summaries.keys() - listed))
    lines: list[str] = []
    for title, names in [*GROUPS, *([('Others', others)] if others else [])]:
        found = [name for name in names if name in summaries]
        lines += ['%s:' % title, '']
        lines += [':%s: %s' % (name, summaries[name]) for name in found]
        lines.append('')
    text = lfs.__doc__ or ''
    # Python 3.13 removes the indentation of docstrings
    indent = '    ' if '\n    ' in text else ''
    lfs.__doc__ = '%s\n%s' % (
        text.rstrip(),
        ''.join('\n' + (line and indent + line) for line in lines),
    )


def _summary(function) -> str:
    # python -OO removes docstrings
    return (function.__doc__ or '').partition('\n')[0]


def _formatted(ui, text: bytes) -> bytes:
    """Return a text in the markup of Mercurial's help, formatted for the terminal."""
    from mercurial import minirst

    width = ui.configint(b'ui', b'textwidth')
    most = ui.termwidth() - 2
    return minirst.format(text, width if 0 < width <= most else most)


def _state(repo) -> bytes:
    from ..actions import environment
    from ..lfs import words

    amount = environment.checkedout(repo)
    large = _(b"many files: see 'hg lfs-du --by extension'")
    if amount is not None:
        size = util.bytecount(amount.bytes)
        one = _(b'%d large file (%s) is checked out')
        many = _(b'%d large files (%s) are checked out')
        large = words.plural(amount.objects, one, many) % (amount.objects, size)
    return _(b'%s; %s\n\n') % (_rules(environment.rulesof(repo)), large)


def _rules(rules) -> bytes:
    from ..lfs import words

    if rules.count is None:
        return _(b'invalid rules: %s') % rules.mistake
    if not rules.count:
        return _(b'no rules')
    form = words.plural(rules.count, _(b'%d rule in %s'), _(b'%d rules in %s'))
    return form % (rules.count, rules.source)


@command(
    b'lfs-du',
    [
        (b'r', b'rev', [], _(b'count what these changesets introduce'), _(b'REV')),
        (b'', b'by', b'', _(b'count files by extension or by folder'), _(b'WHAT')),
        (b'', b'depth', 0, _(b'the depth of folders (default: 1)'), _(b'NUM')),
        (b'', b'prunable', None, _(b'show what a prune would remove, too')),
        *cmdutil.formatteropts,
    ],
    _(b'[--prunable] | [-r REV]... [--by extension|folder] [--depth NUM] [FILE]...'),
    helpcategory=command.CATEGORY_FILE_CONTENTS,
    intents={registrar.INTENT_READONLY},
)
def lfsdu(ui, repo, *pats, **opts):
    """show how much room large files take

    Without options or files, show what is on the disk: the store of this repository,
    the cache that all your repositories share, unfinished transfers, damaged blobs, and
    clone bundles. A blob that the store and the cache have as one file (by a hard link)
    counts once in the last line. With ``--prunable``, show also what :hg:`lfs-prune`
    would remove from the store; no server is asked here whether it has the blobs.

    With ``--by`` or files, count the large files of the parent of the working
    directory, with the sizes in their pointers. With ``--rev``, count the blobs that
    changesets introduce. ``here`` is what the store or the cache has of them. The
    biggest come first. Files with the same content count once in the sizes.

    To remove blobs that no revision refers to, see :hg:`help admin::lfs-gc`.

    Examples::

      hg lfs-du --by extension          # which kinds of files are big
      hg lfs-du --by folder --depth 2   # which folders are
      hg lfs-du -r 'all()'              # what the whole history has
      hg lfs-du -r 'outgoing()'         # what a push would send
      hg lfs-du --prunable              # what can go

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      Of a place on the disk:

      :place:     String. ``store`` and its parts ``bundles``, ``packs``, ``prunable``;
                  ``prunablelinked`` (prunable files that the cache has, too); ``cache``
                  and its parts ``linked`` (files that this store has, too) and
                  ``cacheonly`` (files that no repository has); ``unfinished``;
                  ``quarantine``; ``bundlefiles`` (clone bundles outside of the store);
                  ``disk`` (the total).
      :within:    String. The place that these files are a part of.
      :files:     Integer. Number of files.
      :bytes:     Integer. Their total size.
      :path:      String. Folder.

      Of an extension, or a folder:

      :name:      String. Extension with its dot, or folder; may be empty.
      :files:     Integer. Number of paths.
      :revisions: Integer. Number of revisions of these files.
      :blobs:     Integer. Number of different contents.
      :bytes:     Integer. Their total size.
      :here:      Integer. Total size of those that the store or the cache has.

    Returns 0 on success.
    """
    from ..actions import usage

    bygroup = opts['by'] or opts['depth'] or opts['rev'] or pats
    if opts['prunable'] and bygroup:
        raise error.InputError(_(b'--prunable is about the store, not about files'))
    depth = opts['depth']
    by = opts['by'] or (usage.FOLDER if depth else usage.EXTENSION)
    if by not in (usage.EXTENSION, usage.FOLDER):
        raise error.InputError(_(b'--by must be extension or folder'))
    usage.checkdepth(by, depth)
    with ui.formatter(b'lfs-du', pycompat.byteskwargs(opts)) as fm:
        if bygroup:
            found = usage.groups(repo, by, depth or 1, opts['rev'], pats)
            _showgroups(fm, by, found, bool(opts['rev']))
        else:
            _showplaces(fm, repo, bool(opts['prunable']))
    return 0


def _showplaces(fm, repo, prunable: bool) -> None:
    from ..actions import prune, usage
    from ..clonebundles.server import footprint
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo)
    labels = {
        b'store': _(b'store'),
        b'bundles': _(b'clone bundles'),
        b'packs': _(b'packs'),
        b'prunable': _(b'can be pruned'),
        b'prunablelinked': _(b'in the cache, too'),
        b'cache': _(b'user cache'),
        b'linked': _(b'in this store, too'),
        b'cacheonly': _(b'in the cache alone'),
        b'unfinished': _(b'unfinished transfers'),
        b'quarantine': _(b'damaged blobs'),
        b'bundlefiles': _(b'files of clone bundles'),
        b'disk': _(b'really on the disk'),
    }
    always = [b'store', b'cache', b'disk', *([b'prunable'] if prunable else [])]
    found = prune.estimate(lfs) if lfs and prunable else None
    for place in usage.places(lfs, footprint.find(repo), found) if lfs else ():
        files, size = place.amount.objects, place.amount.bytes
        fm.startitem()
        fm.data(place=place.name, within=place.within, path=place.path)
        fm.data(files=files, bytes=size)
        if files or place.name in always:
            depth = 1 + (place.within == b'prunable') if place.within else 0
            label = b'  ' * depth + labels[place.name]
            row = b'%-23s %7d  %10s  %s' % (
                label,
                files,
                util.bytecount(size),
                place.path,
            )
            fm.plain(row.rstrip() + b'\n')


def _showgroups(fm, by: bytes, found, introduced: bool) -> None:
    from ..actions import usage
    from ..lfs import words

    form = b'%7s  %9s  %10s  %10s  %s\n' if introduced else b'%7s  %10s  %10s  %s\n'

    def showrow(files, revisions, size, here, name) -> None:
        some = (files, revisions) if introduced else (files,)
        fm.plain(form % (*some, size, here, name))

    def showgroup(some, name: bytes) -> None:
        showrow(
            b'%d' % sum(len(group.paths) for group in some),
            b'%d' % sum(group.revisions for group in some),
            util.bytecount(sum(group.blobs.bytes for group in some)),
            util.bytecount(sum(group.here.bytes for group in some)),
            name,
        )

    nameless = _(b'(none)') if by == usage.EXTENSION else b'.'
    if found:
        showrow(_(b'files'), _(b'revisions'), _(b'size'), _(b'here'), by)
    for group in found:
        fm.startitem()
        fm.data(name=group.name, files=len(group.paths), revisions=group.revisions)
        fm.data(blobs=group.blobs.objects, bytes=group.blobs.bytes)
        fm.data(here=group.here.bytes)
        showgroup([group], words.shown(group.name) or nameless)
    if len(found) > 1:
        showgroup(found, _(b'(all)'))


@command(
    b'lfs-env',
    [
        (b'', b'no-check', None, _(b'do not connect to any server')),
        *cmdutil.formatteropts,
    ],
    _(b'[--no-check] [PATH]...'),
    helpcategory=command.CATEGORY_FILE_CONTENTS,
    optionalrepo=True,
    intents={registrar.INTENT_READONLY},
)
def lfsenv(ui, repo, *paths, **opts):
    """show settings and endpoints, and check the connections

    Use this for bug reports, and when a transfer cannot connect. Shows versions, this
    repository's rules and folders, and the settings of ``[lfs]`` that differ from their
    defaults. For each path of ``[paths]``, shows where blobs are fetched from and sent
    to, and which setting determines this. Passwords are not shown.

    Then each endpoint is asked for a blob that does not exist, to check whether it is
    reachable, accepts you and has locks, which adapter a Git LFS server chooses, and
    which capabilities for large files a Mercurial server has. Nothing is transferred or
    changed. A server has 10 seconds to answer. ``--no-check`` leaves this out.

    PATH is a name in ``[paths]`` or a URL; by default, all names.

    Examples::

      hg lfs-env               # all of it, for a report of a fault
      hg lfs-env default-push  # one path: where it is, and whether it answers
      hg lfs-env --no-check    # without the network

    .. container:: verbose

      Template:

      The following keywords are supported in addition to the common template
      keywords and functions. See also :hg:`help templates`.

      :hglfs:     String. Version of hg-lfs.
      :mercurial: String. Version of Mercurial.
      :python:    String. Version of Python.
      :platform:  String. Operating system.
      :root:      String. Root of the repository; empty without a repository.
      :required:  Boolean. Whether the repository has the requirement ``lfs``.
      :store:     String. Folder of its store.
      :usercache: String. Folder of the cache.
      :rules:     Integer. Number of rules, if they are valid.
      :rulefile:  String. ``.hglfs``, or ``lfs.track`` without that file.
      :mistake:   String. What is wrong with the rules.
      :endpoints: List of endpoints, each with ``name`` (of the path), ``operation``,
                  ``kind``, ``url``, ``setting`` and ``source``.
      :settings:  List of settings, each with ``name``, ``value``, ``source`` and
                  ``known`` (false for an item that does not exist).
      :checks:    List of checks, each with ``url``, ``kind``, ``state``, ``message``,
                  ``hint``, ``transfer``, ``locks``, ``nolocks`` (why there are none),
                  ``capabilities``, ``writable``.

    Returns 0 on success, 1 if a check failed.
    """
    from ..actions import environment
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo) if repo is not None else None
    if paths and lfs is None:
        raise error.InputError(_(b'no repository here whose settings could be used'))
    failed = False
    with ui.formatter(b'lfs-env', pycompat.byteskwargs(opts)) as fm:
        fm.startitem()
        _showfacts(fm, environment.facts(repo, lfs))
        routes = list(environment.routes(lfs, paths)) if lfs else []
        _showroutes(fm, routes)
        _showsettings(fm, environment.settings(ui if repo is None else repo.ui))
        if lfs and not opts['no_check']:
            from ..actions import checkremote

            failed = _showchecks(fm, checkremote.checks(lfs, routes))
    return 1 if failed else 0


def _showfacts(fm, facts) -> None:
    fm.data(**{pycompat.sysstr(name): value for name, value in facts.items()})
    labels = [
        (b'hglfs', b'hg-lfs'),
        (b'mercurial', b'Mercurial'),
        (b'python', b'Python'),
        (b'platform', _(b'platform')),
    ]
    if facts[b'root']:
        labels += [
            (b'root', _(b'repository')),
            (b'required', _(b'requires lfs')),
            (b'store', _(b'store')),
            (b'usercache', _(b'user cache')),
        ]
    for name, label in labels:
        value = facts[name]
        if isinstance(value, bool):
            value = _yesno(value)
        fm.plain(b'%-13s %s\n' % (label + b':', value or _(b'none')))
    if facts[b'mistake']:
        fm.plain(_(b'rules:        invalid: %s\n') % facts[b'mistake'])
    elif facts[b'rules'] is not None:
        fm.plain(_(b'rules:        %d in %s\n') % (facts[b'rules'], facts[b'rulefile']))


def _yesno(value: bool) -> bytes:
    return _(b'yes') if value else _(b'no')


def _showroutes(fm, routes) -> None:
    from ..lfs.blob import DOWNLOAD

    nested = fm.nested(b'endpoints')
    if routes:
        fm.plain(_(b'endpoints:\n'))
    for route in routes:
        way = b'pull' if route.operation == DOWNLOAD else b'push'
        nested.startitem()
        nested.data(name=route.name, operation=way, kind=route.kind, url=route.url)
        nested.data(setting=route.setting, source=route.source)
        name = route.name or _(b'(no path)')
        url = route.url or route.kind
        nested.plain(b'  %s, %s: %s\n' % (name, way, url))
        if route.setting or route.source:
            verb = _(b'derived from') if route.isderived else _(b'set by')
            where = b' '.join(filter(None, [verb, route.setting]))
            source = b' (%s)' % route.source if route.source else b''
            nested.plain(b'    %s%s\n' % (where, source))
    nested.end()


def _showsettings(fm, settings) -> None:
    nested = fm.nested(b'settings')
    heading = _(b'settings:\n')
    for one in settings:
        nested.startitem()
        nested.data(name=one.name, value=one.value)
        nested.data(source=one.source, known=one.known)
        unknown = b'' if one.known else _(b'; there is no such setting')
        fm.plain(heading)
        heading = b''
        nested.plain(b'  %s = %s (%s%s)\n' % (one.name, one.value, one.source, unknown))
    nested.end()


def _showchecks(fm, checks) -> bool:
    """Show the results of checks; return whether one failed."""
    failed = False
    nested = fm.nested(b'checks')
    heading = _(b'checks:\n')
    for check in checks:
        failed = failed or check.state != b'ok'
        nested.startitem()
        nested.data(url=check.url, kind=check.kind, state=check.state)
        nested.data(message=check.message, hint=check.hint, transfer=check.transfer)
        nested.data(locks=check.locks, nolocks=check.nolocks, writable=check.writable)
        known = check.capabilities
        capabilities = nested.formatlist(list(known or ()), b'capability')
        nested.data(capabilities=capabilities)
        fm.plain(heading)
        heading = b''
        name = check.url or check.kind
        if check.kind == b'hg':
            name = _(b'Mercurial at %s') % name
        nested.plain(b'  %s: %s\n' % (name, check.state))
        for text in _details(check):
            nested.plain(b'    %s\n' % text)
    nested.end()
    return failed


def _details(check) -> list[bytes]:
    lines = []
    if check.message:
        lines.append(check.message)
    if check.hint:
        lines.append(b'(%s)' % check.hint)
    if check.transfer is not None:
        lines.append(_(b'transfer: %s') % check.transfer)
    if check.capabilities is not None:
        names = b' '.join(check.capabilities) or _(b'none for large files')
        lines.append(_(b'capabilities: %s') % names)
    if check.writable is not None:
        lines.append(_(b'writable: %s') % _yesno(check.writable))
    if check.locks is not None:
        why = b' (%s)' % check.nolocks if check.nolocks else b''
        lines.append(_(b'locks: %s') % _yesno(check.locks) + why)
    return lines
