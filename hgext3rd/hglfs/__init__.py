# Copyright the hg-lfs authors
#
# This software may be used and distributed according to the terms of the
# GNU General Public License version 2 or any later version.
"""large files and clone bundles, over the Git LFS protocol

This extension takes the place of Mercurial's own ``lfs`` and ``clonebundles``. A
versioned file ``.hglfs`` in the root of the repository defines which files are large::

  [track]
  **.bin = size(">1MB")

See:

- :hg:`help lfs` for the commands
- :hg:`help hglfs` for how it works, and the settings of clients
- :hg:`help lfs-server` for those who run a server
- :hg:`help lfs-clone-bundles` for files that new clones start from
"""

from __future__ import annotations

from mercurial import encoding

from . import wrap
from .commands import cmdtable
from .hg import stockext
from .hg.config import configtable
from .lfs import words
from .metadata import __version__, minimumhgversion, testedwith

__all__ = [
    '__version__',
    'cmdtable',
    'configtable',
    'minimumhgversion',
    'testedwith',
]


def uisetup(ui):
    words.local = _encoding
    wrap.install(ui)


def _encoding():
    return encoding.encoding.decode('ascii')


def reposetup(ui, repo):
    from .actions import setup

    hooks = setup.Hooks(checkrequireslfs, _bundleschanged, _prefetch)
    setup.opened(ui, repo, hooks)


def _bundleschanged(ui, repo, **kwargs):
    from .clonebundles.server import start

    start.changed(ui, repo)


def _prefetch(lfsrepo, refs):
    from .clonebundles.client import prefetch

    prefetch.fetch(lfsrepo, refs)


def featuresetup(ui, supported):
    """Declare the requirements of stores and working copies that hg-lfs supports."""
    supported |= {b'lfs', b'hglfs-pointers'}


def checkrequireslfs(ui, repo, **kwargs):
    """Add the ``lfs`` requirement if the incoming changegroup has large files.

    This is a ``pretxnchangegroup`` hook.
    """
    from .actions import requirement

    requirement.received(repo)


# hooks are shown with their module: keep that of stock lfs
checkrequireslfs.__module__ = 'hgext.lfs'


def wrapfilelog(filelog):
    """Make a filelog class of another extension store and read large files.

    Called by remotefilelog for its own class.
    """
    from .wrap.history import filelog as wrapped

    wrapped.wrapshallow(filelog)


stockext.take_over()
