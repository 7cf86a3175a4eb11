"""Wraps of bundle specifications and of clone bundle manifests.

Where there may be large files, ``v2`` bundles get changegroups of version 03, because
those of version 02 cannot carry the flag of large files. Manifests are parsed and
filtered line by line, so that an invalid line does not affect the others.
"""

from __future__ import annotations

from mercurial import bundlecaches, exthelper

from ...clonebundles.server import bundlespecs
from ...hg import lfsrepo, tracking

eh = exthelper.exthelper()


@eh.wrapfunction(bundlecaches, 'parsebundlespec')
def parsebundlespec(orig, repo, spec, *args, **kwargs):
    parsed = orig(repo, spec, *args, **kwargs)
    plain = parsed.wireversion == b'02' and parsed.version in (b'v2', b'02')
    if plain and not bundlespecs.streamkind(parsed) and _maybelarge(repo):
        parsed.contentopts[b'cg.version'] = b'03'
        parsed.wireversion = b'03'
    return parsed


@eh.wrapfunction(bundlecaches, 'parseclonebundlesmanifest')
def parseclonebundlesmanifest(orig, repo, text):
    from ...clonebundles.client import offers

    return offers.parsed(repo.ui, text, lambda line: orig(repo, line))


@eh.wrapfunction(bundlecaches, 'filterclonebundleentries')
def filterclonebundleentries(orig, repo, entries, *args, **kwargs):
    from ...clonebundles.client import offers

    def choose(some):
        return offers.compatible(
            repo.ui, some, lambda entry: orig(repo, entry, *args, **kwargs)
        )

    lfs = lfsrepo.get(repo)
    if kwargs.get('pullbundles'):
        return [entry for entry in choose(entries) if offers.pullable(repo, entry)]
    found = choose(entries)
    if lfs is not None and lfs.ops.pull is not None:
        lfs.ops.pull.entries, lfs.ops.pull.choose = found, choose
        return [offers.masked(entry) for entry in found]
    return found


def _maybelarge(repo) -> bool:
    if lfsrepo.get(repo) is None:
        return False
    return lfsrepo.REQUIREMENT in repo.requirements or tracking.configured(repo)
