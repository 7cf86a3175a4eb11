"""The functions of Mercurial that we wrap, one file for each of its modules.

Each file has an ``exthelper`` named ``eh`` that holds its wraps. The file is imported,
and its wraps installed, when Mercurial loads the wrapped module, so that a command
spends no time on modules that it does not use.
"""

from __future__ import annotations

import functools
import importlib

from mercurial.extensions import afterloaded

from ..hg import compat

#: (module of Mercurial, our file that wraps it).
SUBSYSTEMS = (
    (compat.firstmodule(compat.VFSOPTIONS)[0], 'ui.vfsoptions'),
    ('mercurial.dispatch', 'ui.dispatch'),
    ('mercurial.localrepo', 'ui.localrepo'),
    ('mercurial.extensions', 'ui.extensions'),
    ('mercurial.help', 'ui.help'),
    ('mercurial.filelog', 'history.filelog'),
    ('mercurial.revlog', 'history.revlog'),
    ('mercurial.context', 'working.context'),
    ('mercurial.commit', 'working.commit'),
    ('mercurial.cmdutil', 'working.cmdutil'),
    ('mercurial.formatter', 'ui.formatter'),
    ('mercurial.changegroup', 'history.changegroup'),
    ('mercurial.bundlerepo', 'history.bundlerepo'),
    ('mercurial.bundlecaches', 'exchange.bundlecaches'),
    ('mercurial.scmutil', 'working.scmutil'),
    ('mercurial.patch', 'working.patch'),
    ('mercurial.logcmdutil', 'history.logcmdutil'),
    ('mercurial.exchange', 'exchange.exchange'),
    ('mercurial.wireprotov1server', 'exchange.wireprotov1server'),
    ('mercurial.wireprotoserver', 'exchange.wireprotoserver'),
    ('mercurial.verify', 'history.verify'),
    ('mercurial.archival', 'working.archival'),
    ('mercurial.dirstate', 'working.dirstate'),
    ('mercurial.utils.storageutil', 'history.storageutil'),
    ('mercurial.grep', 'working.grep'),
    ('mercurial.merge', 'working.merge'),
    ('mercurial.mergestate', 'working.mergestate'),
    ('mercurial.shelve', 'working.shelve'),
    ('mercurial.filemerge', 'working.filemerge'),
    ('mercurial.hgweb.webcommands', 'web.webcommands'),
    ('mercurial.hgweb.request', 'web.request'),
    (compat.firstmodule(compat.HGWEB)[0], 'web.hgweb'),
    (compat.firstmodule(compat.HGWEBDIR)[0], 'web.hgwebdir'),
    ('mercurial.hgweb.server', 'web.server'),
    (compat.firstmodule(compat.MERGEPREFETCH)[0], 'working.mergeupdate'),
    ('mercurial.fileset', 'working.fileset'),
    ('mercurial.bundle2', 'history.bundle2'),
    ('mercurial.revset', 'history.revset'),
    ('mercurial.templatekw', 'history.templatekw'),
    ('mercurial.upgrade_utils.actions', 'history.upgradeactions'),
    ('mercurial.upgrade_utils.engine', 'history.upgradeengine'),
)

#: (extension, our file that wraps it where it is enabled).
EXTENSIONS = ((b'eol', 'working.eol'), (b'hggit', 'exchange.hggit'))

#: Our files whose wraps are installed at start-up.
AT_ONCE = ('ui.commandtable',)

#: Our files about extensions whose wraps are installed.
_done: set[str] = set()


def install(ui) -> None:
    """Install each wrap as soon as the module that it wraps is loaded."""
    for name in AT_ONCE:
        _apply(ui, name)
    for module, name in SUBSYSTEMS:
        compat.whenloaded(module, functools.partial(_apply, ui, name))
    watch(ui)


def watch(ui) -> None:
    """Install the wraps of other extensions, such as eol, when these are loaded.

    A repository's configuration can enable further extensions, so this is called for
    each repository. Wraps are installed only once.
    """
    for extension, name in EXTENSIONS:
        afterloaded(extension, functools.partial(_enabled, ui, name))


def _enabled(ui, name: str, loaded: bool) -> None:
    if loaded and name not in _done:
        _done.add(name)
        _apply(ui, name)


def _apply(ui, name: str) -> None:
    helper = importlib.import_module('.' + name, __name__).eh
    helper.finaluisetup(ui)
    helper.finalextsetup(ui)
