"""Wraps of hg-git: raise an error for large files, because hg-git has no Git LFS."""

from __future__ import annotations

import importlib

from mercurial import extensions, exthelper

from ...actions import git

eh = exthelper.exthelper()


def export_hg_commit(orig, self, node, *args, **kwargs):
    git.checkexport(self.repo[node])
    return orig(self, node, *args, **kwargs)


def get_files_changed(orig, self, commit, *args, **kwargs):
    found = orig(self, commit, *args, **kwargs)
    git.checkimport(commit.id, found[0], lambda sha: self.git[sha].data)
    return found


@eh.uisetup
def _wrap(ui):
    package = extensions.find(b'hggit').__name__
    handler = importlib.import_module(package + '.git_handler').GitHandler
    for wrapper in (export_hg_commit, get_files_changed):
        extensions.wrapfunction(handler, wrapper.__name__, wrapper)
