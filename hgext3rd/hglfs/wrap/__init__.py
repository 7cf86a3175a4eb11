"""Every function of Mercurial that we wrap, one file per subsystem.

Each file here has an ``eh``, an ``exthelper`` that holds its wraps. A file is
imported, and its wraps are put in place, when Mercurial itself loads the module
that they are about: what a command doesn't use costs it nothing.
"""

from __future__ import annotations

import functools
import importlib

from mercurial.extensions import afterloaded

from ..bridge import compat

#: Mercurial's module, and our file about it.
SUBSYSTEMS = (
    (compat.firstmodule(compat.VFSOPTIONS)[0], 'vfsoptions'),
    ('mercurial.dispatch', 'dispatch'),
    ('mercurial.localrepo', 'localrepo'),
    ('mercurial.extensions', 'extensions'),
    ('mercurial.filelog', 'filelog'),
    ('mercurial.revlog', 'revlog'),
    ('mercurial.context', 'context'),
    ('mercurial.commit', 'commit'),
    ('mercurial.cmdutil', 'cmdutil'),
    ('mercurial.formatter', 'formatter'),
    ('mercurial.changegroup', 'changegroup'),
    ('mercurial.bundlerepo', 'bundlerepo'),
    ('mercurial.bundlecaches', 'bundlespec'),
    ('mercurial.scmutil', 'prefetch'),
    ('mercurial.patch', 'patch'),
    ('mercurial.logcmdutil', 'logcmdutil'),
    ('mercurial.exchange', 'exchange'),
    ('mercurial.wireprotov1server', 'protocol'),
    ('mercurial.wireprotov1server', 'clonebundles'),
    ('mercurial.wireprotov1server', 'blobpacks'),
    ('mercurial.wireprotoserver', 'wireproto'),
    ('mercurial.verify', 'verify'),
    ('mercurial.archival', 'archival'),
    ('mercurial.dirstate', 'dirstate'),
    ('mercurial.utils.storageutil', 'storageutil'),
    ('mercurial.grep', 'grep'),
    ('mercurial.merge', 'update'),
    ('mercurial.mergestate', 'mergestate'),
    ('mercurial.shelve', 'shelve'),
    ('mercurial.filemerge', 'filemerge'),
    ('mercurial.hgweb.webcommands', 'webcommands'),
    ('mercurial.hgweb.request', 'webrequest'),
    (compat.firstmodule(compat.HGWEB)[0], 'hgweb'),
    (compat.firstmodule(compat.HGWEBDIR)[0], 'hgwebdir'),
    ('mercurial.hgweb.server', 'webserver'),
    (compat.firstmodule(compat.MERGEPREFETCH)[0], 'merge'),
    ('mercurial.fileset', 'fileset'),
    ('mercurial.bundle2', 'bundle2'),
    ('mercurial.templatekw', 'templatekw'),
    ('mercurial.upgrade_utils.actions', 'upgradeactions'),
    ('mercurial.upgrade_utils.engine', 'upgrade'),
)

#: Mercurial's extensions that we wrap, where they are on, and our files about them.
EXTENSIONS = ((b'eol', 'eol'), (b'hggit', 'hggit'))

#: What has to be in place before anything is loaded.
AT_ONCE = ('commandtable',)

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
