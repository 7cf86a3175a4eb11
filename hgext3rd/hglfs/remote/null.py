"""The remotes that are none: ``null://``, and the one nobody has configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.blob import BlobRef
from ..model.errors import EndpointUnusable
from .api import Transfer


class NullRemote:
    """Plans no transfer; see Remote for the contract."""

    quiet = True

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[list[Transfer]]:
        """Yields nothing."""
        return iter(())


class NoRemote:
    """Stands for the remote that nobody has configured."""

    quiet = True

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[list[Transfer]]:
        """Raises EndpointUnusable."""
        raise EndpointUnusable(b'lfs.url needs to be configured')
