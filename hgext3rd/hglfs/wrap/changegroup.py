"""Changegroups: only version 3 carries the flags of large files."""

from __future__ import annotations

from mercurial import changegroup, exthelper

eh = exthelper.exthelper()


@eh.wrapfunction(changegroup, 'allsupportedversions')
def allsupportedversions(orig, repo):
    return orig(repo) | {b'03'}
