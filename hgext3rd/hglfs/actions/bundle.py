"""Bundles that somebody else will read: their blobs go to the server.

A bundle that stays here, as the backup that a strip makes, needs no server.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..hg import lfsrepo
from ..hg.lfsrepo import REQUIREMENT
from . import push


@contextlib.contextmanager
def blobsalong(repo) -> Iterator[None]:
    """Makes the bundles written meanwhile ones for others."""
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
    """Sends the blobs of a bundle's changesets, where there is a server."""
    lfs = lfsrepo.get(repo)
    if lfs is not None and lfs.ops.bundling and REQUIREMENT in repo.requirements:
        push.upload(repo, revs, optional=True)
