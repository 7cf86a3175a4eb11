"""Wrap of the dirstate: record large files as clean after a commit.

Mercurial does not record the size and time of committed files, so that the next status
would have to compare their contents.
"""

from __future__ import annotations

from mercurial import dirstate, exthelper

from ...actions import checkout

eh = exthelper.exthelper()


@eh.wrapfunction(dirstate.dirstate, 'update_file')
def update_file(orig, self, filename, wc_tracked, p1_tracked, *args, **kwargs):
    info = kwargs.get('parentfiledata')
    if info is None and wc_tracked and p1_tracked:
        info = checkout.fileinfo(filename)
    if info is not None:
        # core passes sizes of 2 GiB and above, which an entry cannot hold
        mode, size, mtime = info
        kwargs['parentfiledata'] = mode, checkout.dirstatesize(size), mtime
    return orig(self, filename, wc_tracked, p1_tracked, *args, **kwargs)
