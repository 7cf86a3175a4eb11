"""Changegroups: version 3 carries the flags of large files; locks are kept."""

from __future__ import annotations

from mercurial import changegroup, exthelper

from ..actions import enforce

eh = exthelper.exthelper()


@eh.wrapfunction(changegroup, 'allsupportedversions')
def allsupportedversions(orig, repo):
    return orig(repo) | {b'03'}


@eh.wrapfunction(changegroup.cg1unpacker, 'apply')
def apply(orig, self, repo, tr, srctype, *args, **kwargs):
    if tr.hookargs.get(b'source', srctype) in enforce.SOURCES:
        enforce.watch(repo, tr)
    return orig(self, repo, tr, srctype, *args, **kwargs)
