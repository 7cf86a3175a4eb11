"""Wraps of ``debugupgraderepo``: keep our requirements."""

from __future__ import annotations

from mercurial import exthelper
from mercurial.upgrade_utils import actions

from ...hg.lfsrepo import PLACEHOLDERS, REQUIREMENT

eh = exthelper.exthelper()


@eh.wrapfunction(actions, 'preservedrequirements')
@eh.wrapfunction(actions, 'supporteddestrequirements')
def requirements(orig, repo):
    return orig(repo) | (repo.requirements & {REQUIREMENT, PLACEHOLDERS})
