"""Remotes that transfer nothing: for ``null://``, and for unusable settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..blob import DOWNLOAD, BlobRef
from ..errors import BlobMissing, EndpointUnusable
from ..log import Log
from ..store.disk import missing
from .api import Connection, Plan
from .streams import NullConnection


@dataclass(frozen=True)
class NullRemote:
    """Transfer nothing, and report no error; see Remote for the contract."""

    quiet = True
    parallel = 1
    name = b'null://'

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield no plans."""
        return iter(())

    def connect(self, log: Log | None = None) -> Connection:
        """Return a connection, which is not used."""
        return NullConnection()


@dataclass(frozen=True)
class NoRemote:
    """Refuse all transfers: no endpoint is configured, or a setting is not a URL.

    ``setting`` is the name of the invalid setting, or None, and ``value`` its value. If
    no endpoint is configured, downloads fail as if a server did not have the blobs.
    """

    setting: bytes | None = None
    value: bytes = b''

    quiet = True
    parallel = 1
    name = b'none'

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield a plan in which all blobs are refused, or raise EndpointUnusable.

        The plan is for downloads without a configured endpoint. The error is for
        uploads, and for invalid settings.
        """
        if operation == DOWNLOAD and self.setting is None:
            return iter([Plan(len(refs), (), [(ref, _missing(ref)) for ref in refs])])
        hint = None
        if self.setting is not None:
            hint = b'%s is "%s", not a URL such as https://HOST/PATH or file:///PATH'
            hint %= self.setting, self.value
        raise EndpointUnusable(b'lfs.url needs to be configured', hint=hint)

    def connect(self, log: Log | None = None) -> Connection:
        """Return a connection, which is not used."""
        return NullConnection()


def _missing(ref: BlobRef) -> BlobMissing:
    error = missing(ref.oid)
    error.hint = b'no server is named to fetch it from, by "lfs.url" or a default path'
    return error
