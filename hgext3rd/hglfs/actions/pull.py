"""Find the repository on which a pulled bundle is based."""

from __future__ import annotations


def baserepository(repo, remote) -> bytes | None:
    """Return the root of the other repository that a bundle is based on, or None."""
    bundle = remote.local()
    if not bundle or getattr(bundle, '_tempparent', None) or bundle.root == repo.root:
        return None
    return bundle.root
