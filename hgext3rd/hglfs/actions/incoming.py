"""Changesets that are looked at before they are pulled: in a repository of a bundle."""

from __future__ import annotations

from ..hg import compat, lfsrepo, pullsources


def require(repo) -> None:
    """State the requirement for a repository of a bundle that may bring large files.

    Nothing is written: a repository below it may have none.
    """
    version = getattr(repo._cgunpacker, 'version', None)
    # older changegroups have no flags
    if lfsrepo.get(repo) is not None and version not in (None, b'01', b'02'):
        repo.requirements = repo.requirements | {lfsrepo.REQUIREMENT}


def camefrom(repo, found, peer, keptbundle: bool) -> None:
    """Note which peer has the blobs of changesets that were found there.

    ``found`` is the repository with the changesets: on top of ours, of a bundle, or the
    peer itself. A bundle that the user keeps can be looked at later.
    """
    if found.unfiltered() is repo.unfiltered():  # there are none
        return
    url = compat.peerurl(peer)
    if not peer.local():
        # the attribute in which Mercurial leaves the source of a pull for its update
        found.unfiltered()._subtoppath = url
    if keptbundle and lfsrepo.get_if_required(found) is not None:
        pullsources.note(repo, url)
