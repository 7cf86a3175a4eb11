"""Wrap of ``hg verify``: prefetch and verify the blobs of all files together.

Mercurial verifies files one by one, and would fetch each blob alone. If only local
blobs are to be verified, revisions without a local blob are skipped.
"""

from __future__ import annotations

from mercurial import exthelper, verify

from ...actions.maintenance import verify as verifying

eh = exthelper.exthelper()


@eh.wrapfunction(verify.verifier, '_verifyfiles')
def _verifyfiles(orig, self, filenodes, filelinkrevs):
    paths = sorted(set(filenodes) | set(filelinkrevs))
    self.skipflags = verifying.ahead(self.repo, self.skipflags, paths)
    return orig(self, filenodes, filelinkrevs)
