"""The remotes that are none: ``null://``, and the one nobody has configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model.blob import BlobRef
from ..model.errors import EndpointUnusable
from ..model.journal import Journal
from .api import Line, Plan
from .streams import Mute


@dataclass(frozen=True)
class NullRemote:
    """Plans no transfer; see Remote for the contract."""

    quiet = True
    parallel = 1
    name = b'null://'

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yields nothing."""
        return iter(())

    def line(self, journal: Journal | None = None) -> Line:
        """Returns a line that nothing goes over."""
        return Mute()


@dataclass(frozen=True)
class NoRemote(NullRemote):
    """Stands for the remote that nobody has configured."""

    name = b'none'

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Raises EndpointUnusable."""
        raise EndpointUnusable(b'lfs.url needs to be configured')
