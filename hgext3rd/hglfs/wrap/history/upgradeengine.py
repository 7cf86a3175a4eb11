"""Wrap of ``debugupgraderepo``: copy the blobs to the upgraded repository's store.

Mercurial copies only its own files to the new store.
"""

from __future__ import annotations

from mercurial import exthelper
from mercurial.upgrade_utils import engine

from ...actions.maintenance import upgrade as upgrading

eh = exthelper.exthelper()


@eh.wrapfunction(engine, 'finishdatamigration')
def finishdatamigration(orig, ui, srcrepo, dstrepo, requirements):
    orig(ui, srcrepo, dstrepo, requirements)
    upgrading.copyblobs(ui, srcrepo, dstrepo)
