"""Every function of Mercurial that we wrap, one file for each module of Mercurial's.

Each file here has an ``eh``, an ``exthelper`` that holds its wraps. A file is
imported, and its wraps are put in place, when Mercurial itself loads the module
that they are about: what a command doesn't use costs it nothing.
"""

from __future__ import annotations

import functools
import importlib

from mercurial.extensions import afterloaded

from ..hg import compat

#: Mercurial's module, and our file about it.
SUBSYSTEMS = (
    (compat.firstmodule(compat.VFSOPTIONS)[0], 'ui.vfsoptions'),
    ('mercurial.dispatch', 'ui.dispatch'),
    ('mercurial.localrepo', 'ui.localrepo'),
    ('mercurial.extensions', 'ui.extensions'),
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
    ('mercurial.templatekw', 'history.templatekw'),
    ('mercurial.upgrade_utils.actions', 'history.upgradeactions'),
    ('mercurial.upgrade_utils.engine', 'history.upgradeengine'),
)

#: Mercurial's extensions that we wrap, where they are on, and our files about them.
EXTENSIONS = ((b'eol', 'working.eol'), (b'hggit', 'exchange.hggit'))

#: What has to be in place before anything is loaded.
AT_ONCE = ('ui.commandtable',)

#: The extensions whose wraps are in place.
_done: set[str] = set()


def install(ui) -> None:
    """Has every wrap put in place as soon as it can matter."""
    for name in AT_ONCE:
        _apply(ui, name)
    for module, name in SUBSYSTEMS:
        compat.whenloaded(module, functools.partial(_apply, ui, name))
    watch(ui)


def watch(ui) -> None:
    """Has wraps of extensions put in place that are about to be loaded, once."""
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
