"""Wraps of ``debugupgraderepo``: keep the requirements of this extension.

Mercurial refuses to upgrade a repository with a requirement that it does not support.
"""

from __future__ import annotations

from mercurial import exthelper
from mercurial.upgrade_utils import actions

from ...hg.lfsrepo import PLACEHOLDERS, REQUIREMENT

eh = exthelper.exthelper()


@eh.wrapfunction(actions, 'preservedrequirements')
@eh.wrapfunction(actions, 'supporteddestrequirements')
def requirements(orig, repo):
    return orig(repo) | (repo.requirements & {REQUIREMENT, PLACEHOLDERS})
