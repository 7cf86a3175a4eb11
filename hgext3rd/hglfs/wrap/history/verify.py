"""Wrap of ``hg verify``: prefetch the blobs that it reads, or have it skip them."""

from __future__ import annotations

from mercurial import exthelper, verify

from ...actions.maintenance import verify as verifying

eh = exthelper.exthelper()


@eh.wrapfunction(verify.verifier, '_verifyfiles')
def _verifyfiles(orig, self, filenodes, filelinkrevs):
    paths = sorted(set(filenodes) | set(filelinkrevs))
    self.skipflags = verifying.ahead(self.repo, self.skipflags, paths)
    return orig(self, filenodes, filelinkrevs)
