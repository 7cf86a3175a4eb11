"""Bundle specifications: version 3 changegroups where large files may be."""

from __future__ import annotations

from mercurial import bundlecaches, exthelper

from ..bridge import repolfs, rules

eh = exthelper.exthelper()


@eh.wrapfunction(bundlecaches, 'parsebundlespec')
def parsebundlespec(orig, repo, spec, *args, **kwargs):
    parsed = orig(repo, spec, *args, **kwargs)
    plain = parsed.wireversion == b'02' and parsed.version in (b'v2', b'02')
    if plain and not parsed.contentopts.get(b'streamv2') and _maybelarge(repo):
        parsed.contentopts[b'cg.version'] = b'03'
        parsed.wireversion = b'03'
    return parsed


def _maybelarge(repo) -> bool:
    if repolfs.of(repo) is None:
        return False
    return repolfs.REQUIREMENT in repo.requirements or rules.configured(repo)
