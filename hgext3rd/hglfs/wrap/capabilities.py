"""What a server says it can do."""

from __future__ import annotations

from mercurial import exthelper, wireprotov1server

from ..bridge import repolfs

eh = exthelper.exthelper()


@eh.wrapfunction(wireprotov1server, '_capabilities')
def _capabilities(orig, repo, proto):
    caps = orig(repo, proto)
    if repolfs.of(repo) is not None:
        # a client must have the extension where large files are certain
        if repolfs.REQUIREMENT in repo.requirements:
            caps.append(b'lfs-serve')
        caps.append(b'lfs')
    return caps
