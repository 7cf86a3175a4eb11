"""Wraps of changegroups: allow version 03, and check incoming changegroups.

Other versions cannot carry the flag of large files. Incoming changegroups are checked
for locked files, big ordinary files, and large files without blobs.
"""

from __future__ import annotations

from mercurial import changegroup, exthelper

from ...actions import lockenforce, plainlimit, requireblobs

eh = exthelper.exthelper()


@eh.wrapfunction(changegroup, 'allsupportedversions')
def allsupportedversions(orig, repo):
    # other versions cannot carry the flags of large files
    return orig(repo) | {b'03'}


@eh.wrapfunction(changegroup.cg1unpacker, 'apply')
def apply(orig, self, repo, tr, srctype, *args, **kwargs):
    if tr.hookargs.get(b'source', srctype) in lockenforce.SOURCES:
        lockenforce.watch(repo, tr)
    return orig(self, repo, tr, srctype, *args, **kwargs)


@eh.wrapfunction(changegroup, '_addchangegroupfiles')
def _addchangegroupfiles(orig, repo, source, revmap, trp, *args, **kwargs):
    origin = trp.hookargs.get(b'source')
    with plainlimit.limited(repo, origin), requireblobs.inspected(repo, origin):
        return orig(repo, source, revmap, trp, *args, **kwargs)
