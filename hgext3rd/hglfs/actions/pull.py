"""Remembers where changesets came from: there will be their blobs."""

from __future__ import annotations


def below(repo, remote) -> bytes | None:
    """Returns the repository that a bundle stands on, where that is another."""
    bundle = remote.local()
    if not bundle or getattr(bundle, '_tempparent', None) or bundle.root == repo.root:
        return None
    return bundle.root
