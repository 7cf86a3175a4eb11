"""Support ``hg incoming``, which shows changesets in a temporary bundle repository."""

from __future__ import annotations

from ..hg import compat, lfsrepo, pullsources


def require(repo) -> None:
    """Add the ``lfs`` requirement to a bundle repository that may have large files.

    The requirement is added only in memory, to this repository object. The repository
    on disk, on which the bundle is based, does not get the requirement.
    """
    version = getattr(repo._cgunpacker, 'version', None)
    # older changegroups have no flags
    if lfsrepo.get(repo) is not None and version not in (None, b'01', b'02'):
        repo.requirements = repo.requirements | {lfsrepo.REQUIREMENT}


def recordpeer(repo, found, peer, keptbundle: bool) -> None:
    """Record the peer from which the blobs of incoming changesets can be fetched.

    ``found`` is the repository with the changesets: a bundle repository, or the peer
    itself. With ``keptbundle``, the peer is also recorded on disk, because the user
    keeps the bundle and may open it later.
    """
    if found.unfiltered() is repo.unfiltered():  # there are no incoming changesets
        return
    url = compat.peerurl(peer)
    if not peer.local():
        # Mercurial's attribute for the source of a pull, used by a following update
        found.unfiltered()._subtoppath = url
    if keptbundle and lfsrepo.get_if_required(found) is not None:
        pullsources.note(repo, url)
