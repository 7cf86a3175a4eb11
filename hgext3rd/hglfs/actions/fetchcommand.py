"""Fetch the blobs that a user names, without writing working files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mercurial.node import wdirrev

from ..hg import lfsrepo
from ..hg.abort import translated
from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef, unique
from . import chosen, fetch, scan


@dataclass(frozen=True)
class Fetched:
    """The result of a fetch.

    ``chosen`` is the number of large files that the user selected. ``wanted`` are the
    blobs of these that were missing in the repository, ``absent`` the blobs among
    ``wanted`` that no remote has.
    """

    chosen: int = 0
    wanted: Sequence[BlobRef] = ()
    absent: Sequence[BlobRef] = ()


def revisions(repo, revs, pats: Sequence[bytes], dryrun: bool) -> Fetched:
    """Fetch the blobs of large files in some revisions.

    If ``revs`` is None, these are the parents of the working directory. ``pats``
    selects the files as in ``chosen.ofcontexts``. With ``dryrun``, nothing is fetched.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return Fetched()
    if revs is None:
        contexts = repo[None].parents()
    else:
        contexts = [repo[rev] for rev in revs if rev not in (None, wdirrev)]
    return _fetch(lfs, list(chosen.ofcontexts(lfs, contexts, pats)), dryrun)


def history(repo, pats: Sequence[bytes], dryrun: bool) -> Fetched:
    """Fetch the blobs of large files in the whole history.

    ``pats`` and ``dryrun`` are as in ``revisions``.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return Fetched()
    return _fetch(lfs, list(chosen.ofhistory(lfs, pats)), dryrun)


def _fetch(lfs: LfsRepo, refs: list[BlobRef], dryrun: bool) -> Fetched:
    wanted = scan.missing(lfs, refs)
    absent = [] if dryrun else fetch.available(lfs, wanted)
    if not dryrun:
        lost = {ref.oid for ref in absent}
        _keep(lfs, [ref for ref in unique(refs) if ref.oid not in lost])
    return Fetched(len(refs), wanted, absent)


def _keep(lfs: LfsRepo, refs: list[BlobRef]) -> None:
    """Link blobs that only the user's cache has into the repository's own store."""
    for ref in refs:
        if not lfs.ownstore.has(ref.oid):
            with translated(ref.path):
                fetch.ensureown(lfs, ref)
