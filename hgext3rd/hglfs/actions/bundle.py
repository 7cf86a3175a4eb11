"""Bundles that somebody else will read: their blobs go to the server.

A bundle that stays here, as the backup that a strip makes, needs no server.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..hg import repolfs
from ..hg.repolfs import REQUIREMENT
from . import push


@contextlib.contextmanager
def blobsalong(repo) -> Iterator[None]:
    """Makes the bundles written meanwhile ones for others."""
    box = repolfs.of(repo) if repo else None
    if box is None:
        yield
        return
    box.bundling = True
    try:
        yield
    finally:
        box.bundling = False


def outgoing(repo, revs) -> None:
    """Sends the blobs of a bundle's changesets, where there is a server."""
    box = repolfs.of(repo)
    if box is not None and box.bundling and REQUIREMENT in repo.requirements:
        push.upload(repo, revs, optional=True)
