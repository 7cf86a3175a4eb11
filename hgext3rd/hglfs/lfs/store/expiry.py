"""Blobs that nobody has needed for long.

A blob's age is its file's, by the time of its last change. Who answers for a blob
that is there already, so that it isn't sent again, refreshes it (``touch``) before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from .disk import DiskStore


@dataclass(frozen=True)
class Stale:
    """A blob that is old: its size in bytes, and when its file last changed."""

    oid: bytes
    size: int
    mtime: float


def stale(store: DiskStore, before: float) -> Iterator[Stale]:
    """Yields the blobs that are older than a time, in the order of their oids."""
    for oid in store:
        try:
            status = os.stat(store.path(oid))
        except OSError:  # gone since
            continue
        if status.st_mtime < before:
            yield Stale(oid, status.st_size, status.st_mtime)
