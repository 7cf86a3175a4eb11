"""Upload the blobs of bundles that the user creates.

Bundles that stay in the repository, such as the backups of a strip, need no upload.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..hg import lfsrepo
from ..hg.lfsrepo import REQUIREMENT
from . import push


@contextlib.contextmanager
def uploadingblobs(repo) -> Iterator[None]:
    """Upload the blobs of the bundles that are written in this context."""
    lfs = lfsrepo.get(repo) if repo else None
    if lfs is None:
        yield
        return
    lfs.ops.bundling = True
    try:
        yield
    finally:
        lfs.ops.bundling = False


def outgoing(repo, revs) -> None:
    """Upload the blobs of changesets that are written to a bundle by the user.

    Does nothing outside of ``uploadingblobs``, or if no endpoint is configured.
    """
    lfs = lfsrepo.get(repo)
    if lfs is not None and lfs.ops.bundling and REQUIREMENT in repo.requirements:
        push.upload(repo, revs, optional=True)
