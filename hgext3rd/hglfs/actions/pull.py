"""Find the repository on which a pulled bundle is based."""

from __future__ import annotations


def baserepository(repo, remote) -> bytes | None:
    """Return the root of the repository on which a pulled bundle is based.

    Returns None if ``remote`` is not a bundle, if the bundle needs no base, or if it is
    based on ``repo`` itself.
    """
    bundle = remote.local()
    if not bundle or getattr(bundle, '_tempparent', None) or bundle.root == repo.root:
        return None
    return bundle.root
